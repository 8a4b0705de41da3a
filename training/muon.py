"""Muon: momentum whose update is orthogonalized, for the matrices inside the blocks (Jordan 2024).

Embeddings, norms and biases are not its affair; train.py gives those to AdamW. A matrix that
stacks several maps (query over key over value, gate over up) says so in its group's `maps`. Maps of
one shape are orthogonalized as one batch: one by one they cost a third of a CPU's step (LOG.md).
"""
from collections import defaultdict
import torch


def orthogonalize(gradients, steps=5):
    """(N, R, C) with R <= C -> Newton-Schulz iteration, each towards the nearest matrix with
    singular values near 1."""
    x = gradients.bfloat16()
    x = x / (x.float().norm(dim=(-2, -1), keepdim=True) + 1e-7).bfloat16()
    for _ in range(steps):
        gram = x @ x.transpose(-1, -2)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return x.to(gradients.dtype)


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, momentum=0.95, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, maps=1))

    @torch.no_grad()
    def step(self):
        alike = defaultdict(list)  # wide shape -> (rows of a parameter, their change, turned?, rate)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(p)
                state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(state["momentum"], group["momentum"])
                p.mul_(1 - group["lr"] * group["weight_decay"])
                for rows, change in zip(p.chunk(group["maps"]), update.chunk(group["maps"])):
                    tall = rows.shape[0] > rows.shape[1]
                    change = change.t() if tall else change
                    rate = group["lr"] * max(1, rows.shape[0] / rows.shape[1]) ** 0.5
                    alike[change.shape].append((rows, change, tall, rate))
        for maps in alike.values():
            whole = orthogonalize(torch.stack([change for _, change, _, _ in maps]))
            for (rows, _, tall, rate), change in zip(maps, whole):
                rows.add_(change.t() if tall else change, alpha=-rate)
