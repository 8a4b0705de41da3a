"""Muon: momentum whose update is orthogonalized, for the matrices inside the blocks (Jordan 2024).

Embeddings, norms and biases are not its affair; train.py gives those to AdamW.
"""
import torch


def orthogonalize(gradient, steps=5):
    """Newton-Schulz iteration towards the nearest matrix with singular values near 1."""
    x = gradient.bfloat16()
    tall = x.shape[0] > x.shape[1]
    x = x.t() if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.t()
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * (gram @ gram)) @ x
    return (x.t() if tall else x).to(gradient.dtype)


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, momentum=0.95, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(p)
                buffer = state["momentum"]
                buffer.lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(buffer, group["momentum"])
                p.mul_(1 - group["lr"] * group["weight_decay"])
                # query, key and value lie in one matrix and are three maps
                parts = 3 if p.shape[0] == 3 * p.shape[1] else 1
                for rows, change in zip(p.chunk(parts), update.chunk(parts)):
                    scale = max(1, rows.shape[0] / rows.shape[1]) ** 0.5
                    rows.add_(orthogonalize(change), alpha=-group["lr"] * scale)
