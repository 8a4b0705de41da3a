"""Validation on held-out packages, and how well the blanks tell the length.

Bounds are the any-order ones: for a text of m tokens, hide a random k of them and charge m times
the mean cross entropy; its expectation bounds the negative log-likelihood. Rows are fixed by
their seed, so two states are comparable. It runs no code and knows no benchmark.
"""
import argparse
import json
import math
import os
import numpy as np
import torch
import torch.nn.functional as F
from corpus_reader import read_shard
from cut import MIDDLE, PINNED, SLOTS, RowSampler
from fetch import HERE
from objective import causal, rows_of
from sample import Filler, load_model
from tokenizer import LANGUAGE_TAGS, load_tokenizer

FRONTIER_TOKENS = 16  # of a hole, from its left


def low_precision():
    return torch.autocast("cuda" if torch.cuda.is_available() else "cpu", dtype=torch.bfloat16)


@torch.no_grad()
def bound(model, tokenizer, rows, rng, mask_id, shift=True):
    """rows: [(ids, roles)] of one length -> nats per token and bits per byte of the hidden text."""
    nats = tokens = size = 0.0
    for i in range(0, len(rows), 8):
        ids, roles = (np.array(x) for x in zip(*rows[i:i + 8]))
        hidden, counts = np.zeros(ids.shape, bool), []
        for r in range(len(ids)):
            places = 1 + np.flatnonzero(roles[r, 1:] == MIDDLE)
            k = int(rng.integers(1, len(places) + 1))
            hidden[r, rng.choice(places, k, replace=False)] = True
            counts.append((len(places), k))
            size += sum(len(tokenizer.bytes_of[t]) for t in ids[r, places] if t < tokenizer.plain_size)
        ids, hidden = torch.from_numpy(ids), torch.from_numpy(hidden)
        with low_precision():
            logits = model.logits(rows_of(model.hidden(ids.masked_fill(hidden, mask_id)), hidden, shift))
        loss = F.cross_entropy(logits.float(), ids[hidden], reduction="none")
        for part, (m, k) in zip(loss.split([k for _, k in counts]), counts):
            nats += float(part.mean()) * m
            tokens += m
    return nats / tokens, nats / math.log(2) / size


@torch.no_grad()
def frontier(model, rows, mask_id, shift=True):
    """Nats of a hole's token when all before it is known and the rest of the hole is masked: what
    the product asks at each step of a fill from the left. First: of the hole's first token."""
    first, every = [], []
    for ids, roles in rows:
        places = np.flatnonzero(np.array(roles) == MIDDLE)[:FRONTIER_TOKENS]
        canvas = torch.tensor(ids).repeat(len(places), 1)
        last = max(i for i, r in enumerate(roles) if r != PINNED)
        for row, at in enumerate(places):
            canvas[row, at:last + 1] = mask_id
        with low_precision():
            states = model.hidden(canvas)
            logits = model.logits(states[range(len(places)), places - shift])
        loss = F.cross_entropy(logits.float(), torch.tensor(ids)[places], reduction="none")
        first.append(float(loss[0]))
        every += loss.tolist()
    return dict(first=round(float(np.mean(first)), 3), every=round(float(np.mean(every)), 3))


@torch.no_grad()
def next_token(model, rows):
    total = 0.0
    for ids, _ in rows:
        ids = torch.tensor([ids])
        with low_precision():
            logits = model.logits(model.hidden(ids, causal(ids.shape[1], "cpu"))[0, :-1])
        total += float(F.cross_entropy(logits.float(), ids[0, 1:]))
    return total / len(rows)


def lengths(filler, sampler, count, language):
    """One-line holes: how far the length chosen from the first forward is from the true one."""
    errors = []
    while len(errors) < count:
        _, text = sampler.start_row(language)
        holes = sampler.pick_holes(text, 1)
        if not holes or "\n" in text[holes[0][0]:holes[0][1]].rstrip("\n"):
            continue
        a, e = holes[0]
        true = len(filler.tokenizer.encode(text[a:e]))
        if true < SLOTS[3]:
            errors.append(filler.choose_length(text[max(0, a - 900):a], text[e:e + 500], language) - true)
    errors = np.abs(errors)
    return dict(exactShare=round(float((errors == 0).mean()), 3),
                withinTwoShare=round(float((errors <= 2).mean()), 3),
                medianError=float(np.median(errors)))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--state", required=True)
    options.add_argument("--weights", choices=("ema", "model"), default="ema")
    options.add_argument("--stage", choices=("ar", "adapt"), default="adapt")
    options.add_argument("--corpus", default=os.path.join(HERE, "scratch", "corpus"))
    options.add_argument("--tokenizer", default=os.path.join(HERE, "scratch", "tokenizer.json"))
    options.add_argument("--rows", type=int, default=128, help="of each kind, per language")
    options.add_argument("--length", type=int, default=256)
    options.add_argument("--no-shift", dest="shift", action="store_false")
    options.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    a = options.parse_args()
    torch.set_num_threads(a.threads)
    tokenizer, model = load_tokenizer(a.tokenizer), load_model(a.state, a.weights)
    filler = Filler(model, tokenizer)
    for language in LANGUAGE_TAGS:
        rng = np.random.default_rng(123)
        sampler = RowSampler({language: read_shard(a.corpus, language, "val")}, tokenizer, rng, untagged=0)
        plain = [sampler.plain_row(a.length) for _ in range(a.rows)]
        if a.stage == "ar":
            print(json.dumps(dict(language=language, nextTokenNats=round(next_token(model, plain), 3))))
            continue
        holes = [sampler.hole_row(a.length, slack_share=0) for _ in range(a.rows)]
        facts = {}
        for name, rows in (("infill", holes), ("uniform", plain)):
            nats, bits = bound(model, tokenizer, rows, rng, tokenizer.special["<|mask|>"], a.shift)
            facts[name] = dict(natsPerToken=round(nats, 3), bitsPerByte=round(bits, 3))
        facts["frontier"] = frontier(model, holes, tokenizer.special["<|mask|>"], a.shift)
        if a.shift:  # the reference sampler knows no other convention
            facts["length"] = lengths(filler, sampler, a.rows // 2, language)
        print(json.dumps(dict(language=language, **facts)), flush=True)


if __name__ == "__main__":
    main()
