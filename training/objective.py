"""What is hidden, what it costs, and how the attention opens: the adaptation's mathematics.

Masked diffusion with the shift (logits of row m-1 predict token m) and attention-mask annealing,
Gong et al. 2025 (arXiv 2410.17891, section 3 and appendix B). Blank slots are ours. It does not
know where rows come from.
"""
import numpy as np
import torch
from cut import MIDDLE, SLACK

BLANK_LOSS_WEIGHT = 0.3  # exported in config.json: inference divides it out again
INFILL_ROW_WEIGHT = 2.0  # a hole is a tenth of its row; a plain row is masked all over
# Plain rows stay mostly visible: above a level of one half nearly every target is a guess from
# nothing, and the noise of such gradients unlearns what the autoregressive stage knew (LOG.md).
PLAIN_LEVELS = (0.03, 0.5)
FULLY_MASKED, FROM_LEFT = 0.45, 0.3  # shares of the holes; the rest are masked at their level


def choose_masked(roles, rng):
    """roles (B, L) -> booleans (B, L). Noise levels are stratified over the batch.

    A hole is masked whole (a fill starts so), or from some place to its end (what filling from the
    left leaves, the surest order for a model that was autoregressive), or at random.
    """
    rows, length = roles.shape
    level = np.maximum((rng.random() + np.arange(rows) / rows) % 1.0, 1e-3)
    rng.shuffle(level)
    masked = np.zeros((rows, length), bool)
    for i in range(rows):
        plain = (roles[i] == MIDDLE).all()
        middle, slack = roles[i] == MIDDLE, roles[i] == SLACK
        if plain:
            low, high = PLAIN_LEVELS
            masked[i] = rng.random(length) < low + (high - low) * level[i]
        else:
            masked[i] = middle & mask_of_holes(np.flatnonzero(middle), level[i], length, rng)
        masked[i] |= slack & (True if rng.random() < 0.8 else rng.random(length) < level[i])
        masked[i, 0] = False  # the tag is given: no row predicts position 0
        if not masked[i].any():
            masked[i, rng.choice(np.flatnonzero(middle[1:]) + 1)] = True
    return masked


def mask_of_holes(places, level, length, rng):
    kind = rng.random()
    if kind < FULLY_MASKED:
        return np.ones(length, bool)
    if kind < FULLY_MASKED + FROM_LEFT and len(places):
        return np.arange(length) >= rng.choice(places)
    return rng.random(length) < level


def token_weights(roles, masked):
    """(B, L) floats that sum to one over the masked positions."""
    weights = np.where(roles == SLACK, BLANK_LOSS_WEIGHT, 1.0) * masked
    infill = ~(roles == MIDDLE).all(1)
    weights[infill] *= INFILL_ROW_WEIGHT
    return (weights / weights.sum()).astype(np.float32)


def causal(length, device):
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def annealed(length, ratio, device):
    """Causal attention in which every future position is opened with probability `ratio`."""
    return causal(length, device) | (torch.rand(length, length, device=device) < ratio)


class HeadLoss(torch.autograd.Function):
    """Weighted cross entropy through the tied head, in chunks: the (N, V) logits never all exist.

    The gradient is made in the forward pass, while a chunk's probabilities are in the cache.
    """

    @staticmethod
    def forward(ctx, states, embedding, targets, weights, chunk=1024):
        low = torch.bfloat16
        states_low, table = states.detach().to(low), embedding.detach().to(low)
        grad_states = torch.empty_like(states_low)
        grad_table = torch.zeros_like(embedding)
        total = torch.zeros((), device=states.device)
        for i in range(0, len(targets), chunk):
            s, y, w = states_low[i:i + chunk], targets[i:i + chunk, None], weights[i:i + chunk, None]
            logits = (s @ table.t()).float()
            log_norm = torch.logsumexp(logits, 1, keepdim=True)
            total += (w * (log_norm - logits.gather(1, y))).sum()
            slope = logits.sub_(log_norm).exp_()
            slope.scatter_add_(1, y, torch.full_like(w, -1.0))
            slope = slope.mul_(w).to(low)
            grad_states[i:i + chunk] = slope @ table
            grad_table += slope.t() @ s
        ctx.save_for_backward(grad_states, grad_table)
        ctx.states_type = states.dtype
        return total

    @staticmethod
    def backward(ctx, grad):
        grad_states, grad_table = ctx.saved_tensors
        return (grad_states * grad).to(ctx.states_type), grad_table * grad, None, None, None


def shifted(states, positions):
    """States (B, L, D), booleans (B, L) -> the rows that predict those positions."""
    return states[:, :-1][positions[:, 1:]]


def autoregressive_loss(model, ids):
    """Mean next-token cross entropy, nats."""
    states = model.hidden(ids, causal(ids.shape[1], ids.device))[:, :-1]
    targets = ids[:, 1:].reshape(-1)
    even = torch.full((len(targets),), 1 / len(targets), device=ids.device)
    return HeadLoss.apply(states.reshape(len(targets), -1), model.wte.weight, targets, even)


def denoising_loss(model, ids, masked, weights, mask_id, allowed=None):
    states = model.hidden(ids.masked_fill(masked, mask_id), allowed)
    return HeadLoss.apply(shifted(states, masked), model.wte.weight, ids[masked], weights[masked])
