"""Writes a trained state as a checkpoint folder in the published DiffuLLaMA layout.

config.json, model.safetensors (f16), tokenizer.json and its two small companions. The folder
appears whole or not at all: it is written beside its place and renamed. It knows the state file
of train.py and nothing about how the training went, except the label and card it is given.
"""
import argparse
import json
import os
import shutil
import torch
from cut import INSTRUCTION
from fetch import HERE
from model import EPSILON, ROPE_THETA, Model, Shape
from objective import BLANK_LOSS_WEIGHT
from published import published_names, write_safetensors
from tokenizer import LANGUAGE_TAGS, load_tokenizer


def config(shape, tokenizer, label, threshold):
    end = tokenizer.special["<|endoftext|>"]
    own = {} if threshold is None else dict(inline_threshold=threshold)
    own |= dict(lacuna_label=label) if label else {}
    return dict(
        model_type="llama", architectures=["LlamaForCausalLM"], hidden_act="silu",
        hidden_size=shape.width, num_hidden_layers=shape.layers, num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads, intermediate_size=shape.feed_forward, vocab_size=shape.vocab,
        max_position_embeddings=shape.context, rms_norm_eps=EPSILON, rope_theta=ROPE_THETA, rope_scaling=None,
        attention_bias=False, tie_word_embeddings=True, torch_dtype="float16",
        bos_token_id=end, eos_token_id=end,
        mask_token_id=tokenizer.special["<|mask|>"], blank_token_id=tokenizer.special["<|blank|>"],
        shift=True, language_tokens={k: tokenizer.special[t] for k, t in LANGUAGE_TAGS.items()},
        blank_loss_weight=BLANK_LOSS_WEIGHT, instruction_prefix=INSTRUCTION,
        trained_on_character_cuts=True, trained_from_left=True, **own)


def write_folder(out, weights, shape, tokenizer, label, card, threshold=None):
    part, old = out + ".part", out + ".old"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)

    def put(name, value):
        with open(os.path.join(part, name), "w", encoding="utf8") as f:
            f.write(value if isinstance(value, str) else json.dumps(value, indent=2) + "\n")

    end = "<|endoftext|>"
    put("config.json", config(shape, tokenizer, label, threshold))
    put("tokenizer_config.json", dict(
        add_prefix_space=False, bos_token=end, eos_token=end, unk_token=end, mask_token="<|mask|>",
        clean_up_tokenization_spaces=False, model_max_length=shape.context,
        tokenizer_class="GPT2Tokenizer"))
    put("special_tokens_map.json", dict(bos_token=end, eos_token=end, unk_token=end,
                                        mask_token="<|mask|>"))
    put("MODEL_CARD.md", card)
    tokenizer.save(os.path.join(part, "tokenizer.json"))
    write_safetensors(os.path.join(part, "model.safetensors"), published_names(weights))
    shutil.rmtree(old, ignore_errors=True)
    if os.path.isdir(out):
        os.rename(out, old)
    os.rename(part, out)
    shutil.rmtree(old, ignore_errors=True)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--state", help="train.py's state file; without it, random weights")
    options.add_argument("--weights", choices=("ema", "last"), default="ema")
    options.add_argument("--tokenizer", default=os.path.join(HERE, "scratch", "tokenizer.json"))
    options.add_argument("--card", help="what card.py wrote")
    options.add_argument("--label", default="demo", help="shown beside the model's name; may be empty")
    options.add_argument("--inline-threshold", type=float, help="confidence under which the editor "
                         "shows no automatic completion (`lacuna eval infilling` reports it)")
    options.add_argument("--out", required=True)
    a = options.parse_args()
    tokenizer = load_tokenizer(a.tokenizer)
    if a.state:
        state = torch.load(a.state, map_location="cpu")
        shape, weights = Shape(**state["shape"]), state["ema" if a.weights == "ema" else "model"]
    else:
        shape = Shape(vocab=tokenizer.size, context=512)
        weights = Model(shape).state_dict()
    card = "Random weights: a stand-in to build against, no model.\n"
    if a.card:
        with open(a.card, encoding="utf8") as f:
            card = f.read()
    elif a.state:
        card = f"A snapshot taken during training, label {a.label!r}; not a finished model.\n"
    write_folder(a.out, weights, shape, tokenizer, a.label, card, a.inline_threshold)
    for name in sorted(os.listdir(a.out)):
        print(f"{os.path.getsize(os.path.join(a.out, name)):10d} {name}")


if __name__ == "__main__":
    main()
