"""Writes MODEL_CARD.md: what the model is, how it was made, what it scores, read from the state and the measures.

The words are here; figures come from the state, its log and the JSON lines that the benches printed. It claims
nothing that was not measured, and says so where it was not.
"""
import argparse
import json
import os
import torch
from base import PACKAGE, VERSION
from objective import BLANK_LOSS_WEIGHT
from places import WORK

TEXT = """# Lacuna's default model

A masked denoiser for filling gaps in code: SmolLM2-135M-Instruct, adapted by the scripts in `training/` of this
repository. {verdict}

| | |
| --- | --- |
| base | SmolLM2-135M-Instruct (Allal et al., arXiv 2502.02737; Apache-2.0), from the Python package `{package}` {version} |
| architecture | LLaMA as DiffuLLaMA uses it: {layers} layers, width {width}, {heads} query and {kv_heads} key heads, tied head |
| parameters | {parameters:,} |
| weights | 4 bits in blocks of 32, the embedding 8 bits; shift 1, full attention |
| tokenizer | the base's, cut to the {vocab:,} tokens that code and its comments use |
| languages | Python, JavaScript, TypeScript, Go, Rust have a token of their own; the base has seen many more |
| instruction | a first line `# instruction: ...` (`//` elsewhere); some rows had one |
| licence | Apache-2.0, as the base; the text it was adapted on is attributed in NOTICE |

## How it was made

The base was trained left to right on 2 trillion tokens and then tuned to instructions. After DiffuLLaMA (Gong et al.,
arXiv 2410.17891) its attention was opened, with the shift kept, and it was trained on for **{tokens:.1f}M tokens** ({steps} steps):
canvases with holes, whose every token is asked for both from its masks alone and given its hole's beginning; canvases at
some moment of their denoising; and {causal:.0%} causal batches, which keep what it knew. Holes are cut on characters; unused
slots have the target `<|blank|>` (loss weight {blank}, undone at inference). AdamW, averaged weights. {compute}

Text: {megabytes:.0f} MB of named packages under MIT, BSD, Apache-2.0, ISC, PSF and similar licences (`training/CORPUS.md`).
No file shares 13 words in a row with the HumanEval programs checked. Whole packages were held out: {held_out}.

## What it scores

{scores}
## What it cannot do

No conversation, nothing longer than its canvas of 512 tokens, no knowledge of your project beyond what the canvas
shows. It has no filter of any kind. What the base has learnt, from 2 trillion tokens of the web, is not known in detail.
{memory}"""


def lines_of(path):
    if not (path and os.path.exists(path)):
        return []
    with open(path, encoding="utf8") as f:
        return [json.loads(line) for line in f if line.startswith("{")]


def watched(state_path):
    """The last small evaluation in the log beside a state."""
    lines = [line for line in lines_of(state_path + ".log.jsonl") if line.get("event") == "watch"]
    if not lines:
        return "Held-out packages were not measured.\n"
    last = lines[-1]
    cells = " | ".join(f"{last[k]:.2f}" for k in ("python", "javascript", "typescript", "go", "rust", "frontier", "first", "causal"))
    return ("Held-out packages, nats a token of a gap when all before it in the gap is known; the mean of that; of a gap's\n"
            "first token; left to right without the text behind:\n\n"
            "| Python | JavaScript | TypeScript | Go | Rust | mean | first | left to right |\n"
            f"| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n| {cells} |\n")


def infilling_table(lines):
    """Reports of `lacuna eval infilling` and `bench/replay.ts`, each with a "protocol" that names it."""
    if not lines:
        return "\nFills have not been measured for these weights.\n"
    rows = ["", "On the 4-bit weights that ship; HumanEval-Infilling is the development half, where the constant `return True`", "passes 4.4 %.",
            "", "| protocol | tasks | pass@1 | exact match | forwards a fill |", "| --- | ---: | ---: | ---: | ---: |"]
    for r in lines:
        passed = "" if r.get("passAt1") is None else f"{r['passAt1']:.1%}"
        rows.append(f"| {r['protocol']} | {r['tasks']} | {passed} | {r['exactMatch']:.1%} | {r['meanForwards']:.1f} |")
    return "\n".join(rows) + "\n"


def memory_text(lines):
    def count(split):
        return sum(r["recited"] for r in lines if r["split"] == split), sum(r["gaps"] for r in lines if r["split"] == split)

    if not lines:
        return "\nWhether it recites its training text has not been measured.\n"
    (own, of), (other, of_other) = count("train"), count("held out")
    return (f"\nReciting: filling gaps of {lines[0]['tokens']} tokens, {own} of {of} in training files and {other} of "
            f"{of_other} in held-out ones came out with fifty tokens in a row that stand in the training text.\n")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--state", required=True, nargs="+", help="the state that ships; of several the last is described")
    options.add_argument("--memory", help="what memorised.py printed for it")
    options.add_argument("--infilling", help="JSON lines, with a protocol each")
    options.add_argument("--facts", default=os.path.join(WORK, "corpus", "facts.json"))
    options.add_argument("--verdict", default="It has not been judged yet.", help="what it is good for, in words")
    options.add_argument("--compute", default="Where and how long: training/LOG.md.")
    options.add_argument("--out", required=True)
    a = options.parse_args()
    with open(a.facts) as f:
        facts = json.load(f)
    state = torch.load(a.state[-1], map_location="cpu", mmap=True)
    train = {k: m["textBytes"] for k, m in facts["manifest"].items() if ".train." in k}
    text = TEXT.format(
        **state["shape"], parameters=sum(p.numel() for p in state["average"].values()), tokens=state["tokens"] / 1e6,
        steps=state["step"], causal=state["options"]["causal"], blank=BLANK_LOSS_WEIGHT, package=PACKAGE, version=VERSION,
        megabytes=sum(train.values()) / 1e6, held_out=", ".join(p["name"] for p in facts["packages"] if p["held_out"]),
        verdict=a.verdict, compute=a.compute, scores=watched(a.state[-1]) + infilling_table(lines_of(a.infilling)),
        memory=memory_text(lines_of(a.memory)))
    with open(a.out, "w", encoding="utf8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
