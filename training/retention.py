"""What adaptation keeps of the autoregressive stage, and what it has learnt, on held-out text.

Prints for a state: the loss as a causal model, the loss of masked tokens at several levels under
full attention, and the loss along a fully masked hole. A first hole token much dearer than the
causal loss means that the adaptation unlearns faster than it learns. Runs no benchmark.
"""
import argparse
import json
import os
import numpy as np
import torch
import torch.nn.functional as F
from corpus_reader import read_shard
from cut import RowSampler
from fetch import HERE
from objective import causal, shifted
from sample import load_model
from tokenizer import LANGUAGE_TAGS, load_tokenizer

LEVELS = (0.02, 0.15, 0.5, 0.9)
HOLE = 16  # tokens, in the middle of the row


def mean_loss(model, states, targets):
    return F.cross_entropy(model.logits(states).float(), targets, reduction="none")


@torch.no_grad()
def losses(model, ids, mask_id):
    """ids (B, L) -> nats by name."""
    rows, length = ids.shape
    states = model.hidden(ids, causal(length, "cpu"))[:, :-1]
    facts = dict(causal=float(mean_loss(model, states.flatten(0, 1), ids[:, 1:].flatten()).mean()))
    draw = torch.rand(ids.shape, generator=torch.Generator().manual_seed(0))
    for level in LEVELS:
        masked = draw < level
        masked[:, 0] = False
        states = shifted(model.hidden(ids.masked_fill(masked, mask_id)), masked)
        facts[f"masked {level}"] = float(mean_loss(model, states, ids[masked]).mean())
    hole = torch.zeros_like(ids, dtype=torch.bool)
    hole[:, length // 2:length // 2 + HOLE] = True
    states = shifted(model.hidden(ids.masked_fill(hole, mask_id)), hole)
    along = mean_loss(model, states, ids[hole]).view(rows, HOLE).mean(0)
    facts["hole"] = [round(float(nats), 2) for nats in along]
    return {name: round(v, 3) if isinstance(v, float) else v for name, v in facts.items()}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--state", required=True)
    options.add_argument("--weights", choices=("ema", "model"), default="ema")
    options.add_argument("--corpus", default=os.path.join(HERE, "scratch", "corpus"))
    options.add_argument("--tokenizer", default=os.path.join(HERE, "scratch", "tokenizer.json"))
    options.add_argument("--rows", type=int, default=24)
    options.add_argument("--length", type=int, default=256)
    a = options.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    tokenizer, model = load_tokenizer(a.tokenizer), load_model(a.state, a.weights)
    for language in LANGUAGE_TAGS:
        rng = np.random.default_rng(1)
        sampler = RowSampler({language: read_shard(a.corpus, language, "val")}, tokenizer, rng, untagged=0)
        ids = np.stack([sampler.plain_row(a.length)[0] for _ in range(a.rows)]).astype(np.int64)
        print(json.dumps(dict(language=language, **losses(model, torch.tensor(ids), tokenizer.special["<|mask|>"]))),
              flush=True)


if __name__ == "__main__":
    main()
