"""The model in the repository as a start: its 4-bit weights back to floats, for a machine without the run's state.

Knows the form of weights.safetensors that src/model/weights.ts lists (format q4), and that the repository holds
the file in parts. What rounding took away, a few hundred thousand tokens bring back.
"""
import argparse
import glob
import json
import os
import numpy as np
import torch
from safetensors.numpy import load

LINEAR_BLOCK, HEAD_BLOCK = 32, 128
NAMES = {"qkv": ("query", "key", "value"), "attention_out": ("attention_out",), "gate_up": ("gate", "up"), "mlp_out": ("mlp_out",)}


def four_bits(values, scales, zeros):
    """values (out, blocks, 16), two to a byte, the even one low; scales (out, blocks); zeros (out, ceil(blocks / 2)),
    packed alike -> (out, blocks * 32) floats."""
    out, blocks, _ = values.shape
    codes = np.stack([values & 15, values >> 4], -1).reshape(out, blocks, LINEAR_BLOCK).astype(np.float32)
    middles = np.stack([zeros & 15, zeros >> 4], -1).reshape(out, -1)[:, :blocks].astype(np.float32)
    return ((codes - middles[:, :, None]) * scales[:, :, None]).reshape(out, -1)


def eight_bits(values, scales, width):
    """values (rows, blocks, 128) around 128; scales (rows, blocks) -> (rows, width) floats."""
    return ((values.astype(np.float32) - 128) * scales[:, :, None]).reshape(len(values), -1)[:, :width]


def read_shipped(folder):
    """-> shape and weights, as train.py begins with them."""
    with open(os.path.join(folder, "lacuna.json"), encoding="utf8") as f:
        manifest = json.load(f)
    if manifest["weights"] != "q4" or manifest["architecture"] != "llama":
        raise SystemExit(f"Cannot start from {folder}: its weights are {manifest['weights']} of the architecture "
                         f"{manifest['architecture']}, and only q4 of llama can be read back")
    parts = sorted(glob.glob(os.path.join(folder, manifest["weightFile"] + "*")))
    stored = load(b"".join(open(part, "rb").read() for part in parts))
    d = manifest["dimensions"]
    shape = dict(vocab=d["vocabSize"], width=d["hiddenSize"], layers=d["layers"], heads=d["heads"], kv_heads=d["keyValueHeads"],
                 feed_forward=d["feedForwardSize"], theta=float(manifest["ropeTheta"]), context=d["maxTokens"])

    def linear(name):
        widths = {"mlp_out": shape["feed_forward"]}
        rows = four_bits(stored[f"{name}.weight"], stored[f"{name}.weight.scale"], stored[f"{name}.weight.zero"])
        return rows[:, :widths.get(name.split(".")[-1], shape["width"])]

    weights = {"embed.weight": eight_bits(stored["embed.weight"], stored["embed.weight.scale"], shape["width"]),
               "norm": stored["final_norm.weight"]}
    for i in range(shape["layers"]):
        here = f"layers.{i}."
        for norm in ("attention_norm", "mlp_norm"):
            weights[here + norm] = stored[f"{here}{norm}.weight"]
        for ours, theirs in NAMES.items():
            weights[f"{here}{ours}.weight"] = np.concatenate([linear(here + name) for name in theirs])
    return dict(shape=shape, model={name: torch.from_numpy(np.array(value, np.float32)) for name, value in weights.items()})


def main():
    from export import write_folder
    from model import Shape
    from tokenizer import load_tokenizer
    options = argparse.ArgumentParser(description="The model of the repository as a float checkpoint, for benches in PyTorch.")
    options.add_argument("--model", default=os.path.join(HERE, "..", "models", "lacuna-default"))
    options.add_argument("--out", default=os.path.join(HERE, "..", "bench", ".cache", "embedded"))
    a = options.parse_args()
    first = read_shipped(a.model)
    os.makedirs(os.path.dirname(a.out), exist_ok=True)
    write_folder(a.out, first["model"], Shape(**first["shape"]), load_tokenizer(os.path.join(a.model, "tokenizer.json")))
    print(a.out)


if __name__ == "__main__":
    main()
