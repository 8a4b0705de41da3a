"""The GPT-2 transformer: pre-LayerNorm, learned positions, gelu_new, head tied to the embedding.

Attention sees the whole canvas unless a mask says otherwise; the model does not know whether it
is being trained autoregressively or as a masked denoiser, nor what the special tokens mean.
Radford et al. 2019; the tensor layout of the published DiffuGPT checkpoints is export.py's affair.
"""
import math
from dataclasses import dataclass
import torch
import torch.nn as nn
import torch.nn.functional as F

HAS_SDPA = hasattr(F, "scaled_dot_product_attention")  # torch 2; Debian 12 has 1.13


@dataclass
class Shape:
    vocab: int = 8192
    width: int = 256
    layers: int = 6
    heads: int = 4
    context: int = 384


def gelu_new(x):
    return F.gelu(x, approximate="tanh")


def attend(q, k, v, bias):
    """q, k, v: (B, H, L, D/H); bias: None, or (L, L) added to the scores."""
    if HAS_SDPA and q.is_cuda:  # its CPU kernel trains 1.4 times slower than the matmuls below
        return F.scaled_dot_product_attention(
            q, k, v, attn_mask=None if bias is None else bias.to(q.dtype))
    b, h, length, d = q.shape
    q = (q * d ** -0.5).reshape(b * h, length, d)
    k = k.reshape(b * h, length, d).transpose(1, 2)
    scores = torch.bmm(q, k) if bias is None else \
        torch.baddbmm(bias.to(q.dtype).expand(b * h, length, length), q, k)
    return torch.bmm(torch.softmax(scores, -1), v.reshape(b * h, length, d)).view(b, h, length, d)


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        d = shape.width
        self.heads = shape.heads
        self.ln_1 = nn.LayerNorm(d)
        self.c_attn = nn.Linear(d, 3 * d)
        self.attn_proj = nn.Linear(d, d)
        self.ln_2 = nn.LayerNorm(d)
        self.c_fc = nn.Linear(d, 4 * d)
        self.mlp_proj = nn.Linear(4 * d, d)

    def forward(self, x, bias):
        b, length, d = x.shape
        qkv = self.c_attn(self.ln_1(x)).view(b, length, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = attend(q, k, v, bias).transpose(1, 2).reshape(b, length, d)
        x = x + self.attn_proj(mixed)
        return x + self.mlp_proj(gelu_new(self.c_fc(self.ln_2(x))))


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.wte = nn.Embedding(shape.vocab, shape.width)
        self.wpe = nn.Embedding(shape.context, shape.width)
        self.h = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.ln_f = nn.LayerNorm(shape.width)
        for name, p in self.named_parameters():
            if p.dim() == 2:  # GPT-2's residual projections start smaller, by 1/sqrt(2 layers)
                nn.init.normal_(p, 0, 0.02 / (math.sqrt(2 * shape.layers) if "proj" in name else 1))
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def hidden(self, ids, allowed=None):
        """(B, L) token ids -> (B, L, D) final states. allowed: None, or (L, L) booleans, true
        where a row may see a column."""
        bias = None
        if allowed is not None:
            bias = torch.zeros(allowed.shape, device=ids.device).masked_fill_(~allowed, -1e4)
        x = self.wte(ids) + self.wpe.weight[:ids.shape[1]]
        for block in self.h:
            x = block(x, bias)
        return self.ln_f(x)

    def logits(self, states):
        """Any rows of final states (N, D) -> (N, V). Ask only for the rows that are needed."""
        return F.linear(states, self.wte.weight)


def count_parameters(model):
    return sum(p.numel() for p in model.parameters())
