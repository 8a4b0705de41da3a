"""The LLaMA transformer as DiffuLLaMA uses it: RMSNorm, rotary positions, SwiGLU, no biases.

The head is tied to the embedding, as a small model needs. Attention sees the whole canvas unless a
mask says otherwise; the model does not know whether it is trained autoregressively or as a masked
denoiser, nor what the special tokens mean. Touvron et al. 2023 (arXiv 2302.13971); the tensor names
of the published checkpoints are export.py's affair.
"""
import math
from dataclasses import dataclass
import torch
import torch.nn as nn
import torch.nn.functional as F

HAS_SDPA = hasattr(F, "scaled_dot_product_attention")  # torch 2; Debian 12 has 1.13
ROPE_THETA, EPSILON = 10_000.0, 1e-5


@dataclass
class Shape:
    vocab: int = 8192
    width: int = 384
    layers: int = 6
    heads: int = 6
    context: int = 512

    @property
    def feed_forward(self):
        """8/3 of the width, the parameters of a plain 4x layer, in whole cache lines."""
        return 32 * math.ceil(self.width * 8 / 3 / 32)


def rms_norm(x, weight):
    x = x.float()
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON) * weight


def rotate(x, cos, sin):
    """x: (B, H, L, D/H); the halves of a head are the two parts of its complex numbers."""
    a, b = x.float().chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1).to(x.dtype)


def attend(q, k, v, bias):
    """q, k, v: (B, H, L, D/H); bias: None, or (1 or B, 1, L, L) added to the scores."""
    if HAS_SDPA and q.is_cuda:  # its CPU kernel trains 1.4 times slower than the matmuls below
        return F.scaled_dot_product_attention(
            q, k, v, attn_mask=None if bias is None else bias.to(q.dtype))
    scores = (q @ k.transpose(-1, -2)).float() * q.shape[-1] ** -0.5
    if bias is not None:
        scores = scores + bias
    return torch.softmax(scores, -1).to(v.dtype) @ v


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        d, ff = shape.width, shape.feed_forward
        self.heads = shape.heads
        self.attention_norm = nn.Parameter(torch.ones(d))
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.attention_out = nn.Linear(d, d, bias=False)
        self.mlp_norm = nn.Parameter(torch.ones(d))
        self.gate_up = nn.Linear(d, 2 * ff, bias=False)
        self.mlp_out = nn.Linear(ff, d, bias=False)

    def forward(self, x, cos, sin, bias):
        b, length, d = x.shape
        qkv = self.qkv(rms_norm(x, self.attention_norm)).view(b, length, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = attend(rotate(q, cos, sin), rotate(k, cos, sin), v, bias)
        x = x + self.attention_out(mixed.transpose(1, 2).reshape(b, length, d))
        gate, up = self.gate_up(rms_norm(x, self.mlp_norm)).chunk(2, -1)
        return x + self.mlp_out(F.silu(gate) * up)


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab, shape.width)
        self.layers = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.norm = nn.Parameter(torch.ones(shape.width))
        for name, p in self.named_parameters():
            if p.dim() == 2:  # residual projections start smaller, by 1/sqrt(2 layers)
                nn.init.normal_(p, 0, 0.02 / (math.sqrt(2 * shape.layers) if "_out" in name else 1))

    def angles(self, length, device):
        size = self.shape.width // self.shape.heads
        pace = ROPE_THETA ** (-torch.arange(0, size, 2, device=device).float() / size)
        turns = torch.arange(length, device=device).float()[:, None] * pace
        return turns.cos(), turns.sin()

    def hidden(self, ids, allowed=None):
        """(B, L) token ids -> (B, L, D) final states. allowed: None, or (L, L) or (B, L, L)
        booleans, true where a row may see a column."""
        bias = None
        if allowed is not None:
            bias = torch.zeros(allowed.shape, device=ids.device).masked_fill_(~allowed, -1e4)
            bias = bias.view(-1, 1, *allowed.shape[-2:])
        return self.run(ids, bias)

    def run(self, ids, bias):
        """`hidden` after its mask; apart, so that train.py can compile it."""
        cos, sin = self.angles(ids.shape[1], ids.device)
        x = self.embed(ids)
        for block in self.layers:
            x = block(x, cos, sin, bias)
        return rms_norm(x, self.norm)

    def logits(self, states):
        """Any rows of final states (N, D) -> (N, V). Ask only for the rows that are needed."""
        return F.linear(states, self.embed.weight)


def count_parameters(model):
    return sum(p.numel() for p in model.parameters())
