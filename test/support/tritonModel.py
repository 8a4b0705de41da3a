"""Runs an exported graph for Triton's Python backend, as its ONNX Runtime backend would: canvases that came
together and have one shape run together. For the suite alone, since the Triton that PyPI carries has the
Python backend only.
"""
import os

import numpy as np
import onnxruntime
import triton_python_backend_utils as triton

INPUTS = ("ids", "positions", "rows", "ban")
OUTPUTS = ("top_ids", "top_logits", "log_sum_exp", "logits")


class TritonPythonModel:
    def initialize(self, args):
        folder = os.path.join(args["model_repository"], args["model_version"])
        self.session = onnxruntime.InferenceSession(
            os.path.join(folder, "model.onnx"), providers=["CPUExecutionProvider"]
        )
        self.log = os.environ.get("LACUNA_BATCH_LOG")

    def execute(self, requests):
        fed = [
            [triton.get_input_tensor_by_name(request, name).as_numpy() for name in INPUTS]
            for request in requests
        ]
        groups = {}
        for index, tensors in enumerate(fed):
            groups.setdefault(tuple(tensor.shape for tensor in tensors), []).append(index)
        responses = [None] * len(requests)
        for members in groups.values():
            feeds = {
                name: np.concatenate([fed[member][at] for member in members])
                for at, name in enumerate(INPUTS)
            }
            results = self.session.run(list(OUTPUTS), feeds)
            if self.log:
                with open(self.log, "a") as log:
                    log.write(f"{feeds['ids'].shape[0]}\n")
            start = 0
            for member in members:
                end = start + fed[member][0].shape[0]
                outputs = [
                    triton.Tensor(name, np.ascontiguousarray(result[start:end]))
                    for name, result in zip(OUTPUTS, results)
                    if name in requests[member].requested_output_names()
                ]
                responses[member] = triton.InferenceResponse(outputs)
                start = end
        return responses
