"""A small evaluation beside the training: what a gap's token costs on packages that are never trained on.

The frontier is the cost of a gap's token when all before it is known; `first` that of a gap's first token, from
masks alone; `causal` what is kept of the left-to-right skill. Nats a token, means over languages.
"""
import numpy as np
import torch
import torch.nn.functional as F
from corpus_reader import LANGUAGES, read_shard
from cut import MANY_HOLES, RowSampler  # noqa: F401
from objective import depth, hole_numbers, left_to_right, two_streams

LENGTH, EXTRA, COVER = 256, 128, 0.3


class Watch:
    def __init__(self, corpus, tokenizer, rows=6, seed=5):
        self.batches = {}
        for language in LANGUAGES:
            rng = np.random.default_rng(seed)
            sampler = RowSampler({language: read_shard(corpus, language, "val")}, tokenizer, rng, untagged=0)
            drawn = [sampler.holed_row(LENGTH, COVER, slack_share=0) for _ in range(rows)]
            ids, roles = np.array([d[0] for d in drawn], np.int64), np.array([d[1] for d in drawn])
            plain = np.array([sampler.plain_row(LENGTH)[0] for _ in range(rows)], np.int64)
            self.batches[language] = (two_streams(ids, roles, tokenizer.special["<|mask|>"], EXTRA), self.frontier(roles), plain)

    @staticmethod
    def frontier(roles):
        """(B, L + EXTRA): rows of the canvas that ask for a hole's first token."""
        first = np.zeros((len(roles), LENGTH + EXTRA), bool)
        inside = np.stack([hole_numbers(r) for r in roles]) > 0
        first[:, :LENGTH - 1] = (inside & (depth(inside) == 0))[:, 1:]
        return first

    @torch.no_grad()
    def costs(self, model, low, ids, targets, asked, allowed, positions):
        """Nats of each asked row."""
        device = model.embed.weight.device
        here = lambda array: torch.from_numpy(np.array(array)).to(device)  # noqa: E731
        out = []
        for i in range(len(ids)):  # a row at a time: the training's memory is the training's
            one = slice(i, i + 1)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=low is torch.bfloat16):
                states = model.hidden(here(ids[one]), here(allowed[one]), here(positions[one]))[here(asked[one])]
                logits = model.logits(states).float()
            out.append(torch.stack([F.cross_entropy(logits, here(targets[one])[here(asked[one])], reduction="none"),
                                    (logits.argmax(1) == here(targets[one])[here(asked[one])]).float()]))
        return torch.cat(out, 1).cpu().numpy()

    def look(self, model, low=torch.float32):
        """-> {measure: mean over languages, ... by language}."""
        facts, sums = {}, {}
        for language, (streams, first, plain) in self.batches.items():
            ids, positions, allowed, targets, weights = streams
            second = weights > 0
            second[:, :LENGTH] = False
            asked = first | second
            cost, right = self.costs(model, low, ids, targets, asked, allowed, positions)
            aims, causal_weights = left_to_right(plain)
            places = np.broadcast_to(np.arange(LENGTH), plain.shape)
            seen = np.broadcast_to(np.tri(LENGTH, dtype=bool), (len(plain), LENGTH, LENGTH))
            causal, _ = self.costs(model, low, plain, aims, causal_weights > 0, seen, places)
            facts[language] = round(float(cost.mean()), 3)
            for name, value in (("frontier", cost.mean()), ("right", right.mean()), ("first", cost[first[asked]].mean()),
                                ("causal", causal.mean())):
                sums.setdefault(name, []).append(float(value))
        return {**{name: round(float(np.mean(v)), 3) for name, v in sums.items()}, **facts}
