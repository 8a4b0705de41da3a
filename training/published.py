"""The published DiffuLLaMA layout on disk: safetensors in f16, and its names for our tensors.

Both ways: export.py writes a state so, and train.py goes on from a committed folder, which holds the
averaged weights and no optimizer state. It does not know how a state was trained.
"""
import json
import os
import struct
import numpy as np
import torch
from model import Shape

PLAIN = {"attention_norm": "input_layernorm", "mlp_norm": "post_attention_layernorm",
         "attention_out": "self_attn.o_proj", "mlp_out": "mlp.down_proj"}
# Maps that lie in one of our matrices, in their order.
STACKED = {"qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
           "gate_up": ("mlp.gate_proj", "mlp.up_proj")}


def write_safetensors(path, tensors):
    """tensors: {name: torch tensor}; stored as f16, in name order."""
    header, offset, bodies = {"__metadata__": {"format": "pt"}}, 0, []
    for name in sorted(tensors):
        body = tensors[name].detach().half().contiguous().cpu().numpy().tobytes()
        header[name] = dict(dtype="F16", shape=list(tensors[name].shape),
                            data_offsets=[offset, offset + len(body)])
        offset += len(body)
        bodies.append(body)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        f.writelines(bodies)


def read_safetensors(path):
    """-> {name: f32 tensor} of a file that write_safetensors wrote."""
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        body = f.read()
    tensors = {}
    for name, fact in header.items():
        if name != "__metadata__":
            begin, end = fact["data_offsets"]
            values = np.frombuffer(body[begin:end], np.float16).astype(np.float32)
            tensors[name] = torch.from_numpy(values.reshape(fact["shape"]))
    return tensors


def published_names(weights):
    """Our state dict -> DiffuLLaMA's tensor names; stacked maps are taken apart."""
    out = {"model.embed_tokens.weight": weights["embed.weight"], "model.norm.weight": weights["norm"]}
    for name, tensor in weights.items():
        parts = name.split(".")
        if parts[0] != "layers":
            continue
        here = f"model.layers.{parts[1]}."
        if parts[2] in PLAIN:
            out[f"{here}{PLAIN[parts[2]]}.weight"] = tensor
        else:
            names = STACKED[parts[2]]
            out.update({f"{here}{n}.weight": part for n, part in zip(names, tensor.chunk(len(names)))})
    return out


def own_names(tensors, layers):
    """The way back."""
    out = {"embed.weight": tensors["model.embed_tokens.weight"], "norm": tensors["model.norm.weight"]}
    for i in range(layers):
        here = f"model.layers.{i}."
        for ours, theirs in PLAIN.items():
            name = ours + (".weight" if ours.endswith("_out") else "")
            out[f"layers.{i}.{name}"] = tensors[f"{here}{theirs}.weight"]
        for ours, theirs in STACKED.items():
            out[f"layers.{i}.{ours}.weight"] = torch.cat([tensors[f"{here}{n}.weight"] for n in theirs])
    return out


def read_folder(folder):
    """-> a state as train.py's --init takes it: shape and weights, nothing of the optimizer."""
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf8") as f:
            config = json.load(f)
        tensors = read_safetensors(os.path.join(folder, "model.safetensors"))
        shape = dict(vocab=config["vocab_size"], width=config["hidden_size"], layers=config["num_hidden_layers"],
                     heads=config["num_attention_heads"], context=config["max_position_embeddings"])
        weights = own_names(tensors, shape["layers"])
    except (OSError, KeyError, ValueError, struct.error) as reason:
        raise SystemExit(f"Cannot start from {folder}: it is no model folder of export.py ({reason!r})")
    if Shape(**shape).feed_forward != config["intermediate_size"]:
        raise SystemExit(f"Cannot start from {folder}: its feed-forward width {config['intermediate_size']} "
                         f"is not the {Shape(**shape).feed_forward} that model.py gives this shape")
    return dict(shape=shape, model=weights, ema=weights)
