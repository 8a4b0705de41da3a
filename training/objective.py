"""What is hidden, what it costs, and how the attention opens: the adaptation's mathematics.

Masked diffusion with the shift (logits of row m-1 predict token m) and attention-mask annealing,
Gong et al. 2025 (arXiv 2410.17891, section 3 and appendix B); blank infilling, Du et al. 2022
(arXiv 2103.10360, section 2.1), as the step between. Blank slots are ours. It does not know where
rows come from.
"""
import numpy as np
import torch
from cut import MIDDLE, PINNED, SLACK

BLANK_LOSS_WEIGHT = 0.3  # exported in config.json: inference divides it out again
# Plain rows stay mostly visible: above a level of one half nearly every target is a guess from
# nothing, and the noise of such gradients unlearns what the autoregressive stage knew (LOG.md).
PLAIN_LEVELS = (0.03, 0.5)
FULLY_MASKED, FROM_LEFT = 0.35, 0.4  # shares of the holes; the rest are masked at a level of their own
DEEPEST_WEIGHT = 0.25  # of a target far from the text on its left, which no sampler would commit yet
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
    weights = np.where(roles == SLACK, BLANK_LOSS_WEIGHT, 1.0) * masked
    weights *= np.maximum(DEEPEST_WEIGHT, 1 / (1 + depth(masked) / 2))
    return (weights / weights.sum()).astype(np.float32)


def blank_infilling(roles):
    """roles (B, L) -> what a blank-infilling row may see, and what its targets weigh.

    Given text sees all given text; a hole's token sees that and its own hole up to itself, so one
    pass asks for every token of every hole with both sides in view. Of the unused slots only the
    first is a question: the rest follow from it.
    -> booleans (B, L, L), floats (B, L) that sum to one.
    """
    numbers = np.stack([hole_numbers(r) for r in roles])
    given = numbers == 0
    length = roles.shape[1]
    same = (numbers[:, :, None] == numbers[:, None, :]) & ~given[:, None, :]
    allowed = given[:, None, :] | (same & np.tri(length, dtype=bool))
    first_slack = (roles == SLACK) & (np.roll(roles, 1, 1) != SLACK)
    weights = (roles == MIDDLE) + BLANK_LOSS_WEIGHT * first_slack
    weights[:, 0] = 0
    return allowed, (weights / weights.sum()).astype(np.float32)


def causal(length, device):
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def annealed(length, ratio, device, target=None):
    """Causal attention in which every future position is opened with probability `ratio`, within
    `target` (B, L, L), or within everything."""
    opened = causal(length, device) | (torch.rand(length, length, device=device) < ratio)
    return opened if target is None else opened & target


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


def rows_of(states, positions, shift):
    """States (B, L, D), booleans (B, L) -> the rows that predict those positions."""
    return states[:, :-1][positions[:, 1:]] if shift else states[positions]


def shifted(states, positions):
    return rows_of(states, positions, True)


def autoregressive_loss(model, ids):
    """Mean next-token cross entropy, nats."""
    states = model.hidden(ids, causal(ids.shape[1], ids.device))[:, :-1]
    targets = ids[:, 1:].reshape(-1)
    even = torch.full((len(targets),), 1 / len(targets), device=ids.device)
    return HeadLoss.apply(states.reshape(len(targets), -1), model.embed.weight, targets, even)


def denoising_loss(model, ids, masked, weights, mask_id, allowed=None, shift=True):
    """Cross entropy of the masked tokens, weighted; `weights` (B, L) sum to one over them."""
    states = model.hidden(ids.masked_fill(masked, mask_id), allowed)
    return HeadLoss.apply(rows_of(states, masked, shift), model.embed.weight, ids[masked], weights[masked])


def blank_infilling_loss(model, ids, allowed, weights):
    """Cross entropy of the holes' own tokens, each given both sides and its hole's earlier ones."""
    asked = weights > 0
    states = shifted(model.hidden(ids, allowed), asked)
    return HeadLoss.apply(states, model.embed.weight, ids[asked], weights[asked])
