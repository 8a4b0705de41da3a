"""The LLaMA transformer as DiffuLLaMA uses it: RMSNorm, rotary positions, SwiGLU, grouped keys, no biases.

The head is tied to the embedding. Attention sees the whole canvas unless a mask says otherwise; what a
row is trained for and what the special tokens mean is not known here. Touvron et al. 2023 (arXiv 2302.13971).
"""
from dataclasses import dataclass
import torch
import torch.nn as nn
import torch.nn.functional as F

EPSILON = 1e-5


@dataclass
class Shape:
    vocab: int
    width: int = 576
    layers: int = 30
    heads: int = 9
    kv_heads: int = 3
    feed_forward: int = 1536
    theta: float = 100_000.0
    context: int = 1024

    @property
    def head_size(self):
        return self.width // self.heads


def rms_norm(x, weight):
    x = x.float()
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x, cos, sin):
    """x (B, L, H, S); cos, sin (B or 1, L, 1, S/2). The halves of a head are the parts of its complex numbers."""
    a, b = x.float().chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1).to(x.dtype)


def attend(q, k, v, bias):
    """q (B, L, H, S), k and v (B, L, K, S), bias (1 or B, L, L) added to the scores, or None -> (B, L, H * S).

    The queries that share a key head stand in one product: no key is copied."""
    batch, length, heads, size = q.shape
    groups = k.shape[2]
    q = q.view(batch, length, groups, heads // groups, size).permute(0, 2, 3, 1, 4).reshape(batch, groups, -1, size)
    scores = (q @ k.permute(0, 2, 3, 1)).view(batch, heads, length, length)
    scores = scores.float() * size ** -0.5
    if bias is not None:
        scores = scores + bias[:, None]
    odds = torch.softmax(scores, -1).to(v.dtype).view(batch, groups, -1, length)
    mixed = (odds @ v.transpose(1, 2)).view(batch, heads, length, size)
    return mixed.transpose(1, 2).reshape(batch, length, heads * size)


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        d, keys = shape.width, shape.kv_heads * shape.head_size
        self.attention_norm = nn.Parameter(torch.ones(d))
        self.qkv = nn.Linear(d, d + 2 * keys, bias=False)
        self.attention_out = nn.Linear(d, d, bias=False)
        self.mlp_norm = nn.Parameter(torch.ones(d))
        self.gate_up = nn.Linear(d, 2 * shape.feed_forward, bias=False)
        self.mlp_out = nn.Linear(shape.feed_forward, d, bias=False)

    def forward(self, x, cos, sin, bias):
        batch, length, _ = x.shape
        heads, groups, size = self.shape.heads, self.shape.kv_heads, self.shape.head_size
        qkv = self.qkv(rms_norm(x, self.attention_norm)).view(batch, length, heads + 2 * groups, size)
        q, k, v = qkv.split([heads, groups, groups], 2)
        mixed = attend(rotate(q, cos, sin), rotate(k, cos, sin), v, bias)
        x = x + self.attention_out(mixed)
        gate, up = self.gate_up(rms_norm(x, self.mlp_norm)).chunk(2, -1)
        return x + self.mlp_out(F.silu(gate) * up)


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab, shape.width)
        self.layers = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.norm = nn.Parameter(torch.ones(shape.width))
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, 0, 0.02)

    def angles(self, positions):
        """positions (B or 1, L) -> cos and sin (B or 1, L, 1, S/2)."""
        size = self.shape.head_size
        pace = self.shape.theta ** (-torch.arange(0, size, 2, device=positions.device).float() / size)
        turns = positions.float()[..., None, None] * pace
        return turns.cos(), turns.sin()

    def hidden(self, ids, allowed=None, positions=None):
        """(B, L) token ids -> (B, L, D) final states. allowed: None, or (L, L) or (B, L, L) booleans, true
        where a row may see a column. positions (B, L): places on the canvas; None: 0, 1, 2, ..."""
        bias = None
        if allowed is not None:
            bias = torch.zeros(allowed.shape, device=ids.device).masked_fill_(~allowed, -1e4)
            bias = bias.view(-1, *allowed.shape[-2:])
        if positions is None:
            positions = torch.arange(ids.shape[1], device=ids.device)[None]
        return self.run(ids, bias, *self.angles(positions))

    def run(self, ids, bias, cos, sin):
        """`hidden` after its mask; apart, so that train.py can compile it."""
        x = self.embed(ids)
        for block in self.layers:
            x = block(x, cos, sin, bias)
        return rms_norm(x, self.norm)

    def logits(self, states):
        """Any rows of final states (N, D) -> (N, V). Ask only for the rows that are needed."""
        return F.linear(states, self.embed.weight)


def count_parameters(model):
    return sum(p.numel() for p in model.parameters())
