"""The published LLaMA layout on disk, and its names for our tensors, both ways.

export.py writes a state so; train.py begins with the base, or goes on from a folder. It does not know how a
state was trained.
"""
import json
import os
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from vocabulary import cut_embedding

CONTEXT = 1024  # positions of a canvas; the base was made for 8,192, the rows here have some 400

PLAIN = {"attention_norm": "input_layernorm", "mlp_norm": "post_attention_layernorm",
         "attention_out": "self_attn.o_proj", "mlp_out": "mlp.down_proj"}
# Maps that lie in one of our matrices, in their order.
STACKED = {"qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
           "gate_up": ("mlp.gate_proj", "mlp.up_proj")}


def published_names(weights, shape):
    """Our state dict -> DiffuLLaMA's tensor names; stacked maps are taken apart."""
    keys = shape.kv_heads * shape.head_size
    sizes = {"qkv": [shape.width, keys, keys], "gate_up": [shape.feed_forward] * 2}
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
            out.update({f"{here}{n}.weight": part for n, part in zip(names, tensor.split(sizes[parts[2]]))})
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


def shape_of(config):
    return dict(vocab=config["vocab_size"], width=config["hidden_size"], layers=config["num_hidden_layers"],
                heads=config["num_attention_heads"], kv_heads=config["num_key_value_heads"],
                feed_forward=config["intermediate_size"], theta=float(config["rope_theta"]),
                context=config["max_position_embeddings"])


def read_folder(folder):
    """-> shape and weights of a float checkpoint in the published layout."""
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf8") as f:
            shape = shape_of(json.load(f))
        tensors = {name: t.float() for name, t in load_file(os.path.join(folder, "model.safetensors")).items()}
        return dict(shape=shape, model=own_names(tensors, shape["layers"]))
    except (OSError, KeyError, ValueError, SafetensorError) as reason:
        raise SystemExit(f"Cannot start from {folder}: it is not a float checkpoint in the LLaMA layout ({reason!r})")


def read_base(folder, tokenizer):
    """-> shape and weights of the base (base.py), its embedding cut to the tokenizer's tokens (vocabulary.py)."""
    first = read_folder(folder)
    kept = tokenizer.data.get("kept")
    if not kept:
        raise SystemExit(f"Cannot start from {folder}: the tokenizer does not say which of its tokens it keeps (run vocabulary.py)")
    table = cut_embedding(first["model"]["embed.weight"].numpy(), kept, tokenizer)
    first["model"]["embed.weight"] = torch.from_numpy(table)
    first["shape"] |= dict(vocab=tokenizer.size, context=CONTEXT)
    return first
