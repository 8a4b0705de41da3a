"""Writes a trained state as a float checkpoint folder in the published DiffuLLaMA layout.

config.json, model.safetensors (f16), tokenizer.json and its two small companions. The folder appears whole or
not at all. It knows train.py's state and nothing of how the training went, except the label and card it is given.
"""
import argparse
import json
import os
import shutil
import sys
import torch
from base import config_json
from cut import INSTRUCTION
from model import Shape
from objective import BLANK_LOSS_WEIGHT
from places import WORK
from published import published_names
from safetensors.torch import save_file
from tokenizer import LANGUAGE_TAGS, load_tokenizer

CANVAS = 512  # tokens that the product lays out; rows of training have 256 and 384


def config(shape, tokenizer, label, threshold, blank_weight=BLANK_LOSS_WEIGHT):
    own = {} if threshold is None else dict(inline_threshold=threshold)
    own |= dict(lacuna_label=label) if label else {}
    facts = dict(layers=shape.layers, width=shape.width, heads=shape.heads, kv_heads=shape.kv_heads, vocab=shape.vocab,
                 feed_forward=shape.feed_forward, theta=shape.theta, context=CANVAS)
    end = tokenizer.special["<|endoftext|>"]
    return config_json(facts) | dict(
        torch_dtype="float16", bos_token_id=end, eos_token_id=end,
        mask_token_id=tokenizer.special["<|mask|>"], blank_token_id=tokenizer.special["<|blank|>"],
        shift=True, language_tokens={k: tokenizer.special[t] for k, t in LANGUAGE_TAGS.items()},
        blank_loss_weight=blank_weight, instruction_prefix=INSTRUCTION,
        trained_on_character_cuts=True, trained_from_left=True, **own)


def write_folder(out, weights, shape, tokenizer, label="", card="", threshold=None, blank_weight=BLANK_LOSS_WEIGHT):
    part, old = out + ".part", out + ".old"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)

    def put(name, value):
        with open(os.path.join(part, name), "w", encoding="utf8") as f:
            f.write(value if isinstance(value, str) else json.dumps(value, indent=2) + "\n")

    end = "<|endoftext|>"
    put("config.json", config(shape, tokenizer, label, threshold, blank_weight))
    put("tokenizer_config.json", dict(add_prefix_space=False, bos_token=end, eos_token=end, unk_token=end, mask_token="<|mask|>",
                                      clean_up_tokenization_spaces=False, model_max_length=CANVAS, tokenizer_class="GPT2Tokenizer"))
    put("special_tokens_map.json", dict(bos_token=end, eos_token=end, unk_token=end, mask_token="<|mask|>"))
    if card:
        put("MODEL_CARD.md", card)
    tokenizer.save(os.path.join(part, "tokenizer.json"))
    tensors = {name: t.detach().half().contiguous().clone() for name, t in published_names(weights, shape).items()}
    save_file(tensors, os.path.join(part, "model.safetensors"), metadata={"format": "pt"})
    shutil.rmtree(old, ignore_errors=True)
    if os.path.isdir(out):
        os.rename(out, old)
    os.rename(part, out)
    shutil.rmtree(old, ignore_errors=True)


def mean_of(states, which):
    """The mean of several states' weights."""
    sums = {name: t.float().clone() for name, t in states[0][which].items()}
    for state in states[1:]:
        for name, t in state[which].items():
            sums[name] += t
    return {name: t / len(states) for name, t in sums.items()}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--state", required=True, nargs="+", help="train.py's state; of several the mean")
    options.add_argument("--weights", choices=("average", "model"), default="average")
    options.add_argument("--tokenizer", default=os.path.join(WORK, "tokenizer.json"))
    options.add_argument("--card", help="what card.py wrote")
    options.add_argument("--label", default="", help="shown beside the model's name")
    options.add_argument("--inline-threshold", type=float, help="confidence under which the editor "
                         "shows no automatic completion (`lacuna eval infilling` reports it)")
    options.add_argument("--blank-weight", type=float, default=BLANK_LOSS_WEIGHT, help="what blanks weighed, where states were trained otherwise")
    options.add_argument("--out", required=True)
    a = options.parse_args()
    states = [torch.load(path, map_location="cpu", mmap=True) for path in a.state]
    card = ""
    if a.card:
        with open(a.card, encoding="utf8") as f:
            card = f.read()
    write_folder(a.out, mean_of(states, a.weights), Shape(**states[0]["shape"]), load_tokenizer(a.tokenizer),
                 a.label, card, a.inline_threshold, a.blank_weight)
    for name in sorted(os.listdir(a.out)):
        print(f"{os.path.getsize(os.path.join(a.out, name)):10d} {name}")


if __name__ == "__main__":
    sys.exit(main())
