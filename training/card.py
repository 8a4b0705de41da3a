"""Writes MODEL_CARD.md: what the model is, how it was trained, what it scores, read from the runs.

Figures come from the state files and from evaluate.py's lines; the words are here. It claims
nothing that was not measured, and says so where it was not.
"""
import argparse
import json
import os
import torch
from fetch import HERE
from objective import BLANK_LOSS_WEIGHT

TEXT = """# Lacuna {label} model

A small masked denoiser for filling gaps in code, trained from nothing by the scripts in `training/`
of this repository. It is a **demonstration**: it shows the product's whole path on a model that
anyone may rebuild and ship. It is far too small and too briefly trained to be relied on: it picks
up names and brackets from around the gap and is rarely right, below constants that need no model.
For useful fills open a published checkpoint. Its confidence does not yet tell right from wrong, so automatic completion is all but
silent (threshold in config.json); a completion asked for by key is shown whatever it is.

| | |
| --- | --- |
| architecture | GPT-2: {layers} layers, width {width}, {heads} heads, context {context}, tied head |
| parameters | {parameters} |
| file format | DiffuGPT's: f16 `model.safetensors`, shift 1, full attention |
| tokenizer | byte-level BPE, {vocab} tokens, specials last |
| languages | Python, JavaScript, TypeScript; `language_tokens` in config.json gives the tag at position 0 |
| licence | as this repository; the training text is attributed in NOTICE |

## How it was trained

Text: {megabytes:.0f} MB of named packages under MIT, BSD, Apache-2.0, ISC, PSF and similar licences
(`training/CORPUS.md` lists package, version, licence and bytes), TypeScript drawn three times and
JavaScript one and a half times as often as its share. No file shares 13 words in a row with the
HumanEval programs checked. Whole packages were held out: {held_out}.

Recipe, after DiffuGPT (Gong et al., arXiv 2410.17891): autoregressive first, then adapted to masked
denoising with the shift, causal attention opening to full attention over the first tenth.

| stage | steps | tokens |
| --- | ---: | ---: |
{stages}

Muon on the block matrices, AdamW on the rest, averaged weights (EMA) exported; the adaptation at a
third of the first stage's rates. Rows: plain text, three to fifty percent masked, or one to four holes
cut on characters, 60 % of them with unused slots whose target is `<|blank|>` (loss weight
{blank_weight}, undone at inference). Trained on processor cores shared with other work, in bf16 with
f32 weights.

## What it scores

{scores}
## What it cannot do

No instructions, no chat, nothing longer than {context} tokens of canvas, no knowledge of your
project. It can recite its training text. It has no filter of any kind.
"""


def stage_row(path):
    state = torch.load(path, map_location="cpu")
    tokens = state["tokens"]
    name = {"ar": "autoregressive", "adapt": "adaptation"}[state["stage"]]
    return state, f"| {name} | {state['step']} | {tokens / 1e6:.1f}M |"


def scores_table(path):
    if not (path and os.path.exists(path)):
        return "Not measured yet.\n"
    lines = ["Held-out packages, bounds on the text's cost given its surroundings (lower is better), and",
             "how often the blanks of the fully masked hole tell its exact length (the product does not rely on",
             "that: it asks at the leftmost masked slot):", "",
             "| language | infill, bits/byte | uniform, bits/byte | infill, nats/token | length exact | within two |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for line in open(path, encoding="utf8"):
        r = json.loads(line)
        lines.append(f"| {r['language']} | {r['infill']['bitsPerByte']:.2f} | {r['uniform']['bitsPerByte']:.2f}"
                     f" | {r['infill']['natsPerToken']:.2f} | {r['length']['exactShare']:.0%}"
                     f" | {r['length']['withinTwoShare']:.0%} |")
    return "\n".join(lines) + "\n"


def infilling_table(path):
    """Lines of `lacuna eval infilling`, each with a "protocol" that names it, for people to read."""
    if not (path and os.path.exists(path)):
        return "\nHumanEval-Infilling has not been measured for these weights.\n"
    lines = ["", "HumanEval-Infilling, development half, by `lacuna eval infilling` on the 8-bit weights that ship.",
             "For comparison, constants that need no model: `return True` passes 4.4 % of these single-line tasks,",
             "`pass` 3.5 %.", "", "| protocol | tasks | pass@1 | exact match | forwards a fill |",
             "| --- | ---: | ---: | ---: | ---: |"]
    for line in open(path, encoding="utf8"):
        r = json.loads(line)
        lines.append(f"| {r['protocol']} | {r['tasks']} | {r['passAt1']:.1%} | {r['exactMatch']:.1%}"
                     f" | {r['meanForwards']:.1f} |")
    return "\n".join(lines) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ar", required=True, nargs="+", help="state files of the first stage's runs")
    options.add_argument("--adapt", required=True, help="state file of the second")
    options.add_argument("--evaluation", help="what evaluate.py printed for the second")
    options.add_argument("--infilling", help="JSON lines of lacuna eval infilling, with a protocol each")
    options.add_argument("--facts", default=os.path.join(HERE, "scratch", "corpus", "facts.json"))
    options.add_argument("--label", default="demo")
    options.add_argument("--out", required=True)
    a = options.parse_args()
    with open(a.facts) as f:
        facts = json.load(f)
    train = {k: m["textBytes"] for k, m in facts["manifest"].items() if ".train." in k}
    state, second = stage_row(a.adapt)
    stages = [stage_row(path)[1] for path in a.ar] + [second]
    held_out = ", ".join(p["name"] for p in facts["packages"] if p["held_out"])
    shape = state["shape"]
    text = TEXT.format(
        label=a.label, **shape, parameters=f"{sum(p.numel() for p in state['ema'].values()):,}",
        megabytes=sum(train.values()) / 1e6, held_out=held_out, stages="\n".join(stages),
        blank_weight=BLANK_LOSS_WEIGHT, scores=scores_table(a.evaluation) + infilling_table(a.infilling))
    with open(a.out, "w", encoding="utf8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
