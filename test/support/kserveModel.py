"""Serves an exported graph by KServe's own Python server, as a custom predictor would: its routes, its checks of
each message, its answers; only what runs the graph is ours. For the suite alone.

python kserveModel.py MODEL-FOLDER PORT
"""
import os
import sys

folder, port = sys.argv[1:]
sys.argv = sys.argv[:1]  # kserve reads the flags of whoever imports it

import onnxruntime
from kserve import InferOutput, InferResponse, Model, ModelServer

INPUTS = ("ids", "positions", "rows", "ban")
OUTPUTS = {"top_ids": "INT64", "top_logits": "FP32", "log_sum_exp": "FP32", "logits": "FP32"}


class ExportedGraph(Model):
    def load(self):
        self.session = onnxruntime.InferenceSession(
            os.path.join(folder, "1", "model.onnx"), providers=["CPUExecutionProvider"]
        )
        self.ready = True
        return self.ready

    def get_input_types(self):
        return [{"name": name, "datatype": "INT64", "shape": [-1, -1]} for name in INPUTS]

    def get_output_types(self):
        return [{"name": name, "datatype": kind, "shape": [-1, -1]} for name, kind in OUTPUTS.items()]

    def predict(self, request, headers=None, response_headers=None):
        feeds = {tensor.name: tensor.as_numpy() for tensor in request.inputs}
        names = [output.name for output in request.request_outputs or []] or list(OUTPUTS)
        outputs = []
        for name, result in zip(names, self.session.run(names, feeds)):
            output = InferOutput(name, list(result.shape), OUTPUTS[name])
            output.set_data_from_numpy(result)
            outputs.append(output)
        # Whether lists or bytes go out is then KServe's affair, by what the request wished.
        wishes = {
            "use_binary_outputs": request.use_binary_outputs,
            "requested_outputs": request.request_outputs,
        }
        return InferResponse(request.id, self.name, outputs, **wishes)


model = ExportedGraph(os.path.basename(folder))
model.load()
ModelServer(http_port=int(port), enable_grpc=False, grace_period=1).start([model])
