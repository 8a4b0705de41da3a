"""Endless training batches of one shape: what stands in each row, what it may see, what it is asked.

Mixes causal rows, canvases at some moment of their denoising, and canvases with a second stream. Every batch
has the same size, so that the network is compiled once. Knows no network and no optimizer.
"""
from dataclasses import dataclass
import numpy as np
from cut import RowSampler
from objective import left_to_right, masked_canvas, two_streams

CANVAS = 2 / 3  # of a row's positions, where a second stream stands behind it


@dataclass
class Batch:
    kind: str
    ids: np.ndarray  # (B, T)
    positions: np.ndarray  # (B, T): places on the canvas
    allowed: np.ndarray  # (B, T, T): true where a row may see a column
    targets: np.ndarray  # (B, T): the token that a row asks for
    weights: np.ndarray  # (B, T): of that question; they sum to one


@dataclass
class Mixture:
    causal: float = 0.2  # shares of the batches; what is left has two streams
    masked: float = 0.2
    plain: float = 0.15  # shares of the rows: of masked batches, text without holes
    single: float = 0.08  # one hole, as the product asks
    instruction: float = 0.06  # one hole and an instruction
    covers: tuple = (0.15, 0.5)  # about how much of a row with many holes is hole
    functions_weight: float = 2.0


class Batches:
    def __init__(self, documents, tokenizer, rows, length, mixture, seed):
        self.rng = np.random.default_rng(seed)
        self.rows, self.length, self.mixture = rows, length, mixture
        self.mask_id = tokenizer.special["<|mask|>"]
        self.sampler = RowSampler(documents, tokenizer, self.rng, functions_weight=mixture.functions_weight)

    def draw(self):
        kind = self.rng.random()
        if kind < self.mixture.causal:
            return self.causal()
        return self.masked() if kind < self.mixture.causal + self.mixture.masked else self.streams()

    def row(self, length, plain=0.0):
        kind = self.rng.random()
        if kind < plain:
            return self.sampler.plain_row(length)
        kind = self.rng.random()
        if kind < self.mixture.instruction:
            return self.sampler.instruction_row(length)
        if kind < self.mixture.instruction + self.mixture.single:
            return self.sampler.hole_row(length)
        return self.sampler.holed_row(length, self.rng.uniform(*self.mixture.covers))

    def arrays(self, drawn):
        ids, roles = zip(*drawn)
        return np.array(ids, np.int64), np.array(roles)

    def plain_places(self, allowed):
        places = np.broadcast_to(np.arange(self.length), (self.rows, self.length))
        return places, np.broadcast_to(allowed, (self.rows, self.length, self.length))

    def causal(self):
        ids, _ = self.arrays([self.sampler.plain_row(self.length) for _ in range(self.rows)])
        return Batch("causal", ids, *self.plain_places(np.tri(self.length, dtype=bool)), *left_to_right(ids))

    def masked(self):
        ids, roles = self.arrays([self.row(self.length, self.mixture.plain) for _ in range(self.rows)])
        ids, targets, weights = masked_canvas(ids, roles, self.mask_id, self.rng)
        return Batch("masked", ids, *self.plain_places(True), targets, weights)

    def streams(self):
        canvas = int(self.length * CANVAS)
        ids, roles = self.arrays([self.row(canvas) for _ in range(self.rows)])
        return Batch("streams", *two_streams(ids, roles, self.mask_id, self.length - canvas))
