"""The seed's sampler as it was published, in PyTorch, for the bench to measure against.

One worker: a JSON request a line in, a JSON answer a line out. 32-bit arithmetic on the checkpoint's own
weights, the whole canvas forwarded at every step, logits of every row (arXiv 2410.17891; the sampler that
its evaluations use, "top-k-mask", and that of its quick start, "random-keep"). Written from the description
of both; knows no text, no cache and no window.
"""

import json
import struct
import sys
import time
from pathlib import Path

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit("PyTorch is missing: python3 -m pip install torch --index-url https://download.pytorch.org/whl/cpu")

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def read_weights(folder):
    """Every tensor of model.safetensors, as float32."""
    raw = (Path(folder) / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    data = memoryview(bytearray(raw[8 + length :]))
    return {
        name: torch.frombuffer(data[begin:end], dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"]).float()
        for name, entry in header.items()
        for begin, end in [entry["data_offsets"]]
    }


class Gpt2:
    """DiffuGPT: pre-norm blocks, learned positions, tied head, no attention mask."""

    def __init__(self, config, weights):
        self.heads, self.layers = config["n_head"], config["n_layer"]
        self.eps = config.get("layer_norm_epsilon", 1e-5)
        self.w = weights

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.w[f"{name}.weight"], self.w[f"{name}.bias"], self.eps)

    def linear(self, x, name):
        return torch.addmm(self.w[f"{name}.bias"], x, self.w[f"{name}.weight"])  # stored (in, out)

    def __call__(self, ids):
        x = self.w["embed_tokens.weight"][ids] + self.w["denoise_model.wpe.weight"][: len(ids)]
        for i in range(self.layers):
            at = f"denoise_model.h.{i}"
            q, k, v = self.linear(self.norm(x, f"{at}.ln_1"), f"{at}.attn.c_attn").chunk(3, -1)
            x = x + self.linear(attend(q, k, v, self.heads), f"{at}.attn.c_proj")
            inner = self.linear(self.norm(x, f"{at}.ln_2"), f"{at}.mlp.c_fc")
            x = x + self.linear(F.gelu(inner, approximate="tanh"), f"{at}.mlp.c_proj")
        return self.norm(x, "denoise_model.ln_f") @ self.w["embed_tokens.weight"].T


class Llama:
    """RMS norm, rotary positions (halves rotated), gated SiLU, tied head, no attention mask."""

    def __init__(self, config, weights):
        self.heads, self.layers = config["num_attention_heads"], config["num_hidden_layers"]
        self.eps, self.theta, self.w = config["rms_norm_eps"], config["rope_theta"], weights
        self.size = config["hidden_size"] // self.heads

    def norm(self, x, name):
        return F.rms_norm(x, x.shape[-1:], self.w[f"{name}.weight"], self.eps)

    def turn(self, x, cos, sin):
        heads = x.view(len(x), -1, self.size)  # key heads may be fewer
        first, second = heads.chunk(2, -1)
        return (heads * cos + torch.cat((-second, first), -1) * sin).view(len(x), -1)

    def __call__(self, ids):
        rates = self.theta ** (-torch.arange(0, self.size, 2).float() / self.size)
        angles = torch.outer(torch.arange(len(ids)).float(), rates).repeat(1, 2)[:, None]
        cos, sin = angles.cos(), angles.sin()
        x = self.w["model.embed_tokens.weight"][ids]
        for i in range(self.layers):
            at = f"model.layers.{i}"
            h = self.norm(x, f"{at}.input_layernorm")
            q, k, v = (h @ self.w[f"{at}.self_attn.{n}_proj.weight"].T for n in "qkv")
            mixed = attend(self.turn(q, cos, sin), self.turn(k, cos, sin), v, self.heads)
            x = x + mixed @ self.w[f"{at}.self_attn.o_proj.weight"].T
            h = self.norm(x, f"{at}.post_attention_layernorm")
            gate, up = (h @ self.w[f"{at}.mlp.{n}_proj.weight"].T for n in ("gate", "up"))
            x = x + (F.silu(gate) * up) @ self.w[f"{at}.mlp.down_proj.weight"].T
        return self.norm(x, "model.norm") @ self.w["model.embed_tokens.weight"].T


def attend(q, k, v, heads):
    """q (L, D), k and v (L, D or less); every position sees every other, a key head serves several of queries."""
    size = q.shape[1] // heads
    q, k, v = (x.view(1, len(x), -1, size).transpose(1, 2) for x in (q, k, v))
    k, v = (x.repeat_interleave(heads // x.shape[1], 1) for x in (k, v))
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(q.shape[2], -1)


def top_p(logits, p):
    """Removes a token where those before it hold more than `p` already; the first one always stays."""
    ordered, order = logits.sort(-1, descending=True)
    before = ordered.softmax(-1).cumsum(-1).roll(1, -1)
    before[..., 0] = 0
    return logits.masked_fill(torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, before > p),
                              torch.finfo(logits.dtype).min)


class Sampler:
    def __init__(self, model, request):
        self.model, self.request = model, request
        self.forwards, self.forward_s, self.last = 0, 0.0, None

    def draft(self, canvas):
        """Tokens and their log-probabilities for every position, row m - 1 for position m."""
        skip = self.request.get("skipUnchanged", False)
        if not (skip and self.last is not None and torch.equal(self.last[0], canvas)):
            start = time.process_time()
            self.last = canvas.clone(), self.model(canvas)
            self.forward_s += time.process_time() - start
            self.forwards += 1
        logits = self.last[1]
        if skip:  # nor are rows drafted that nobody looks at: other random numbers, the same distribution
            logits = logits[self.request["start"] - 1 : self.request["end"] - 1]
        logits = logits / self.request["temperature"]
        if self.request["sampler"] == "random-keep":
            logits = top_p(logits, self.request["topP"])
        logp = logits.log_softmax(-1)
        if self.request["argmax"]:
            score, token = logp.max(-1)
        else:
            token = torch.multinomial(logp.exp(), 1).squeeze(-1)
            score = logp.gather(-1, token[:, None]).squeeze(-1)
        if skip:
            tokens, scores = canvas.clone(), torch.zeros(len(canvas))
            tokens[self.request["start"] : self.request["end"]] = token
            scores[self.request["start"] : self.request["end"]] = score
            return tokens, scores
        return torch.cat((canvas[:1], token[:-1])), torch.cat((score[:1], score[:-1]))

    def run(self):
        """The filled canvas after `steps` drafts."""
        steps, mask_id = self.request["steps"], self.request["maskId"]
        canvas = torch.tensor(self.request["ids"])
        maskable = torch.zeros(len(canvas), dtype=torch.bool)
        maskable[self.request["start"] : self.request["end"]] = True
        masked, count = maskable.clone(), int(maskable.sum())
        canvas[masked] = mask_id
        token, score = self.draft(canvas)
        for t in range(steps - 1, 0, -1):
            if self.request["sampler"] == "random-keep":
                kept_back = torch.rand(len(canvas)) >= 1 / (t + 1)
            else:
                cut = int(torch.tensor(float(count)) * torch.tensor(t / steps))  # in 32 bits, as published
                ranked = score.masked_fill(~maskable, 1000.0)
                kept_back = ranked < ranked.sort().values[cut]
            reveal = masked & ~kept_back
            canvas = torch.where(reveal, token, canvas)
            masked = masked & ~reveal
            token, score = self.draft(canvas)
        return torch.where(masked, token, canvas)


def main():
    torch.set_num_threads(int(sys.argv[2]))
    torch.manual_seed(0)
    folder = Path(sys.argv[1])
    config = json.loads((folder / "config.json").read_text())
    model = (Gpt2 if config["model_type"] == "gpt2" else Llama)(config, read_weights(folder))
    print(json.dumps({"ready": True, "torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        with torch.inference_mode():
            start, cpu = time.perf_counter(), time.process_time()
            sampler = Sampler(model, request)
            ids = sampler.run().tolist()
            seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu
        answer = {"ms": 1000 * seconds, "cpuMs": 1000 * cpu_s, "forwardCpuMs": 1000 * sampler.forward_s}
        answer["forwards"] = sampler.forwards
        print(json.dumps({**answer, "ids": ids[request["start"] : request["end"]]}), flush=True)


main()
