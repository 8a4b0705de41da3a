"""Writes MODEL_CARD.md: what the model is, how it was trained, what it scores, read from the runs.

Figures come from the state files and from the lines that evaluate.py, memorised.py and `lacuna eval
infilling` printed; the words are here. It claims nothing that was not measured, and says so where
it was not.
"""
import argparse
import json
import os
import torch
from fetch import HERE
from objective import BLANK_LOSS_WEIGHT, DEEPEST_WEIGHT

STAGES = {"ar": "autoregressive, causal attention",
          "span": "blank infilling: both sides seen, each hole's tokens from its left",
          "adapt": "masked denoising, full attention"}
TEXT = """# Lacuna's default model

A small masked denoiser for filling gaps in code, trained from nothing by the scripts in `training/`
of this repository on text that anyone may fetch again. {verdict}

| | |
| --- | --- |
| architecture | LLaMA as DiffuLLaMA uses it: {layers} layers, width {width}, {heads} heads, context {context}, tied head |
| parameters | {parameters} |
| file format | DiffuLLaMA's: f16 `model.safetensors`, shift 1, full attention |
| tokenizer | byte-level BPE, {vocab} tokens, specials last |
| languages | Python, JavaScript, TypeScript; `language_tokens` in config.json gives the tag at position 0 |
| instruction | a first line `# instruction: ...` (`//` in JavaScript and TypeScript); a tenth of the rows had one |
| licence | as this repository; the training text is attributed in NOTICE |

## How it was trained

Text: {megabytes:.0f} MB of named packages under MIT, BSD, Apache-2.0, ISC, PSF and similar licences
(`training/CORPUS.md` lists package, version, licence and bytes), TypeScript drawn three times and
JavaScript one and a half times as often as its share. No file shares 13 words in a row with the
HumanEval programs checked. Whole packages were held out: {held_out}.

Recipe, after DiffuLLaMA (Gong et al., arXiv 2410.17891): autoregressive first, then adapted to masked
denoising with the shift; between the two, blank infilling (Du et al., arXiv 2103.10360), at whose
beginning the causal attention opens.

| stage | steps | tokens |
| --- | ---: | ---: |
{stages}

Muon on the block matrices, AdamW on the rest, averaged weights (EMA) exported. A denoising row has holes
all along it, one hole, a hole with an instruction, or plain text three to fifty percent masked; holes are
cut on characters; unused slots have the target `<|blank|>` (loss weight {blank_weight}, undone at
inference); a target far from the text on its left weighs down to {deepest}. {compute}

## What it scores

{scores}
## What it cannot do

No conversation, nothing longer than {context} tokens of canvas, no knowledge of your project beyond what
the canvas shows. It has no filter of any kind.{memory}
"""


def stage_row(path):
    state = torch.load(path, map_location="cpu")
    causal = state["options"].get("causal_share") or 0
    also = f"; {causal:.0%} of the batches autoregressive" if causal else ""
    return state, f"| {STAGES[state['stage']]}{also} | {state['step']} | {state['tokens'] / 1e6:.1f}M |"


def lines_of(path):
    if not (path and os.path.exists(path)):
        return []
    with open(path, encoding="utf8") as f:
        return [json.loads(line) for line in f if line.startswith("{")]


def scores_table(lines):
    if not lines:
        return "Not measured yet.\n"
    rows = ["Held-out packages. The bounds charge the hidden text given its surroundings (lower is better); the",
            "frontier is the cost of a gap's token when all before it is known, which is what a fill from the",
            "left asks at each step:", "",
            "| language | infill, bits/byte | uniform, bits/byte | frontier, nats/token | first token, nats |",
            "| --- | ---: | ---: | ---: | ---: |"]
    rows += [f"| {r['language']} | {r['infill']['bitsPerByte']:.2f} | {r['uniform']['bitsPerByte']:.2f}"
             f" | {r['frontier']['every']:.2f} | {r['frontier']['first']:.2f} |" for r in lines]
    return "\n".join(rows) + "\n"


def infilling_table(lines):
    """Reports of `lacuna eval infilling`, each with a "protocol" that names it, for people to read."""
    if not lines:
        return "\nHumanEval-Infilling has not been measured for these weights.\n"
    rows = ["", "By `lacuna eval infilling` on the 8-bit weights that ship; HumanEval-Infilling is the development",
            "half. For comparison, constants that need no model: `return True` passes 4.4 % of these single-line",
            "tasks, `pass` 3.5 %; published, all single-line tasks with the gold length: DiffuGPT-S 0.3 %,",
            "DiffuGPT-M 2.9 %, DiffuLLaMA-7B 15.5 %.", "",
            "| protocol | tasks | pass@1 | exact match | forwards a fill |", "| --- | ---: | ---: | ---: | ---: |"]
    for r in lines:
        passed = "" if r.get("passAt1") is None else f"{r['passAt1']:.1%}"
        rows.append(f"| {r['protocol']} | {r['tasks']} | {passed} | {r['exactMatch']:.1%} | {r['meanForwards']:.1f} |")
    return "\n".join(rows) + "\n"


def memory_text(lines):
    def count(split):
        return sum(r["recited"] for r in lines if r["split"] == split), sum(r["gaps"] for r in lines if r["split"] == split)

    if not lines:
        return " Whether it recites its training text has not been measured."
    (own, of), (other, of_other) = count("train"), count("held out")
    return (f"\n\nReciting: filling gaps of {lines[0]['tokens']} tokens, {own} of {of} in training files and {other} of "
            f"{of_other} in held-out ones came out with fifty tokens in a row that stand in the training text.")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--stages", required=True, nargs="+", help="state files of all stages' runs")
    options.add_argument("--evaluation", help="what evaluate.py printed for the last")
    options.add_argument("--memory", help="what memorised.py printed for it")
    options.add_argument("--infilling", help="JSON lines of lacuna eval infilling, with a protocol each")
    options.add_argument("--facts", default=os.path.join(HERE, "scratch", "corpus", "facts.json"))
    options.add_argument("--label", default="demo")
    options.add_argument("--verdict", default="It has not been judged yet.", help="what it is good for, in words")
    options.add_argument("--compute", default="Where and how long it was trained: training/LOG.md.")
    options.add_argument("--out", required=True)
    a = options.parse_args()
    with open(a.facts) as f:
        facts = json.load(f)
    train = {k: m["textBytes"] for k, m in facts["manifest"].items() if ".train." in k}
    stages = sorted((stage_row(path) for path in a.stages), key=lambda s: list(STAGES).index(s[0]["stage"]))
    held_out = ", ".join(p["name"] for p in facts["packages"] if p["held_out"])
    last = stages[-1][0]
    text = TEXT.format(
        label=a.label, **last["shape"], parameters=f"{sum(p.numel() for p in last['ema'].values()):,}",
        megabytes=sum(train.values()) / 1e6, held_out=held_out, stages="\n".join(row for _, row in stages),
        verdict=a.verdict, compute=a.compute, blank_weight=BLANK_LOSS_WEIGHT, deepest=DEEPEST_WEIGHT,
        scores=scores_table(lines_of(a.evaluation)) + infilling_table(lines_of(a.infilling)),
        memory=memory_text(lines_of(a.memory)))
    with open(a.out, "w", encoding="utf8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
