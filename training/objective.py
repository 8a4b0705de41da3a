"""What is hidden, what may be seen and what it costs: the adaptation's mathematics.

Masked diffusion with the shift (the logits of row m-1 predict token m), Gong et al. 2025 (arXiv 2410.17891,
section 3 and appendix B). Blank slots are ours. It does not know where rows come from.
"""
import numpy as np
import torch
from cut import MIDDLE, PINNED, SLACK

# Exported in config.json: inference divides it out again. Only the slot that ends a hole is asked: the others
# follow from it, and would outweigh it. Where a hole ends is the last thing to be learnt, hence more than 1.
BLANK_LOSS_WEIGHT = 2.0
# Plain rows stay mostly visible: above a level of one half nearly every target is a guess from
# nothing, and the noise of such gradients unlearns what the autoregressive stage knew (LOG.md).
PLAIN_LEVELS = (0.03, 0.5)
FULLY_MASKED, FROM_LEFT = 0.35, 0.4  # shares of the holes; the rest are masked at a level of their own
DEEPEST_WEIGHT = 0.1  # of a target far from the text on its left, which no sampler would commit yet
LOSS_CHUNK = 512


def hole_numbers(roles):
    """roles (L,) -> 0 on given text, and 1, 2, ... on the holes from left to right."""
    inside = roles != PINNED
    starts = inside & ~np.concatenate([[False], inside[:-1]])
    return np.cumsum(starts) * inside


def choose_masked(roles, rng):
    """roles (B, L) -> booleans (B, L). The levels of plain rows are stratified over the batch.

    A hole is masked whole (a fill starts so), or from some place to its end (what filling from the
    left leaves, the surest order for a model that was autoregressive), or at random.
    """
    rows, length = roles.shape
    level = (rng.random() + np.arange(rows) / rows) % 1.0
    rng.shuffle(level)
    masked = np.zeros((rows, length), bool)
    for i in range(rows):
        if (roles[i] == MIDDLE).all():
            low, high = PLAIN_LEVELS
            masked[i] = rng.random(length) < low + (high - low) * level[i]
        else:
            numbers = hole_numbers(roles[i])
            for k in range(1, numbers.max() + 1):
                mask_hole(masked[i], np.flatnonzero(numbers == k), roles[i], rng)
        masked[i, 0] = False  # the tag is given: no row predicts position 0
        if not masked[i].any():
            masked[i, rng.choice(np.flatnonzero(roles[i, 1:] == MIDDLE) + 1)] = True
    return masked


def mask_hole(masked, places, roles, rng):
    """Masks one hole in place; its slack is nearly always open to the end."""
    text = places[roles[places] == MIDDLE]
    slack = places[roles[places] == SLACK]
    kind, level = rng.random(), max(rng.random(), 1e-3)
    if kind < FULLY_MASKED:
        masked[text] = True
    elif kind < FULLY_MASKED + FROM_LEFT:
        masked[text[int(rng.integers(len(text) + 1)):]] = True
    else:
        masked[text] = rng.random(len(text)) < level
    masked[slack] = True if rng.random() < 0.8 else rng.random(len(slack)) < level


def depth(masked):
    """(B, L) booleans -> how many masked positions stand directly to the left of each."""
    count = np.zeros(masked.shape, np.int64)
    for j in range(1, masked.shape[1]):
        count[:, j] = (count[:, j - 1] + 1) * masked[:, j - 1]
    return count


def token_weights(roles, masked):
    """(B, L) floats that sum to one over the masked positions."""
    weights = slot_weight(roles) * (masked & ((roles == MIDDLE) | first_of_slack(roles)))
    weights *= np.maximum(DEEPEST_WEIGHT, 1 / (1 + depth(masked)))
    return (weights / max(weights.sum(), 1e-9)).astype(np.float32)


def two_streams(ids, roles, mask_id, extra):
    """A canvas whose holes are masked, and behind it the holes' own tokens at their places once more.

    Every token of every hole is asked for twice in one pass: from the masks alone, and given both sides and its
    hole's earlier tokens, which is what a fill from the left meets at each step. The canvas sees the canvas; a
    token of the second stream sees the canvas but for its hole's masks up to itself, and its hole's earlier
    tokens. So what the text around a hole knows is what a cache made at the first step holds. After the two
    streams of block diffusion, Arriola et al. 2025 (arXiv 2503.09573, section 3.3), here with both sides given.

    ids, roles (B, L), extra: length of the second stream, padded or cut to it
    -> ids (B, T), positions (B, T), allowed (B, T, T), targets (B, T), weights (B, T) that sum to one; T = L + extra,
    and a row m asks for targets[m] directly: the shift is in them.
    """
    rows, length = ids.shape
    total = length + extra
    numbers = np.stack([hole_numbers(r) for r in roles])
    inside = numbers > 0
    canvas = np.where(inside, mask_id, ids)
    whole = np.zeros((rows, total), ids.dtype)
    whole[:, :length] = canvas
    positions = np.zeros((rows, total), np.int64)
    positions[:, :length] = np.arange(length)
    allowed = np.zeros((rows, total, total), bool)
    allowed[:, :length, :length] = True
    allowed[:, np.arange(total), np.arange(total)] = True
    targets = np.zeros((rows, total), np.int64)
    targets[:, :length - 1] = ids[:, 1:]
    weights = np.zeros((rows, total), np.float64)
    asked = inside & ((roles == MIDDLE) | first_of_slack(roles))
    far = 1 / (1 + depth(inside))
    weights[:, :length - 1] = (asked * np.maximum(DEEPEST_WEIGHT, far) * slot_weight(roles))[:, 1:]
    for i in range(rows):
        places = np.flatnonzero(roles[i] == MIDDLE)
        places = places[numbers[i, places] > 0][:extra]
        n = len(places)
        here = slice(length, length + n)
        whole[i, here], positions[i, here] = ids[i, places], places
        hole = numbers[i, places]
        hidden = (numbers[i][None] == hole[:, None]) & (np.arange(length)[None] <= places[:, None])
        allowed[i, here, :length] = ~hidden
        allowed[i, here, here] = (hole[:, None] == hole[None]) & (places[None] <= places[:, None])
        after = np.minimum(places + 1, length - 1)
        same = (numbers[i, after] == hole) & asked[i, after] & (after > places)
        targets[i, here] = ids[i, after]
        weights[i, here] = same * slot_weight(roles[i])[after]
    return whole, positions, allowed, targets, (weights / weights.sum()).astype(np.float32)


def first_of_slack(roles):
    """The unused slot that ends a hole's text: the others follow from it."""
    before = np.concatenate([np.zeros_like(roles[:, :1]), roles[:, :-1]], 1)
    return (roles == SLACK) & (before != SLACK)


def slot_weight(roles):
    return np.where(roles == SLACK, BLANK_LOSS_WEIGHT, 1.0)


def causal(length, device):
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def slopes(logits, targets, weights):
    """Weighted cross entropy of (N, V) logits and its gradient towards them, in the logits' own type."""
    low = logits.dtype
    logits = logits.float()
    top = logits.amax(1, keepdim=True)
    odds = (logits - top).exp()
    norm = odds.sum(1, keepdim=True)
    loss = (weights * (norm.log() + top - logits.gather(1, targets))).sum()
    hit = torch.arange(logits.shape[1], device=logits.device)[None] == targets
    return loss, ((odds / norm - hit.float()) * weights).to(low)


class HeadLoss(torch.autograd.Function):
    """Weighted cross entropy through the tied head, in chunks: the (N, V) logits never all exist.

    The gradient is made in the forward pass, while a chunk's probabilities are in the cache. Chunks
    are padded to one size, so that `slopes` may be a compiled function (train.py puts it there).
    """
    slopes = staticmethod(slopes)
    low = torch.bfloat16

    @staticmethod
    def forward(ctx, states, embedding, targets, weights):
        low, size = HeadLoss.low, LOSS_CHUNK  # never less: each other size would be compiled anew
        pad = -len(targets) % size
        states_low, table = states.detach().to(low), embedding.detach().to(low)
        states_low = torch.nn.functional.pad(states_low, (0, 0, 0, pad))
        targets = torch.nn.functional.pad(targets, (0, pad))[:, None]
        weights = torch.nn.functional.pad(weights.float(), (0, pad))[:, None]
        grad_states = torch.empty_like(states_low)
        grad_table = torch.zeros_like(embedding)
        total = torch.zeros((), device=states.device)
        for i in range(0, len(targets), size):
            s = states_low[i:i + size]
            loss, slope = HeadLoss.slopes(s @ table.t(), targets[i:i + size], weights[i:i + size])
            total += loss
            grad_states[i:i + size] = slope @ table
            grad_table += slope.t() @ s
        ctx.save_for_backward(grad_states[:len(states)], grad_table)
        ctx.states_type = states.dtype
        return total

    @staticmethod
    def backward(ctx, grad):
        grad_states, grad_table = ctx.saved_tensors
        return (grad_states * grad).to(ctx.states_type), grad_table * grad, None, None


def loss_of(model, ids, asked, targets, weights, allowed=None, positions=None):
    """Weighted cross entropy of the rows (B, T) where `asked`: of targets (B, T) with weights (B, T)."""
    states = model.hidden(ids, allowed, positions)[asked]
    return HeadLoss.apply(states, model.embed.weight, targets[asked], weights[asked])


def left_to_right(ids):
    """ids (B, L) -> what a causal row asks: targets (B, L) and weights (B, L) that sum to one."""
    targets, weights = np.zeros_like(ids), np.zeros(ids.shape, np.float32)
    targets[:, :-1] = ids[:, 1:]
    weights[:, :-1] = 1 / (len(ids) * (ids.shape[1] - 1))
    return targets, weights


def masked_canvas(ids, roles, mask_id, rng):
    """A canvas at some moment of its denoising -> ids with masks (B, L), targets (B, L), weights (B, L): the
    row before a masked token asks for it."""
    masked = choose_masked(roles, rng)
    weights, targets = np.zeros(ids.shape, np.float32), np.zeros_like(ids)
    weights[:, :-1] = token_weights(roles, masked)[:, 1:]
    targets[:, :-1] = ids[:, 1:]
    return np.where(masked, mask_id, ids), targets, weights
