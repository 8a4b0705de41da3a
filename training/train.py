"""One training stage, autoregressive or adaptation, from a start or a saved state to a deadline.

The learning rate follows the clock (warm-up, constant, linear decay), so a slower machine makes
fewer steps of the same schedule. State is saved whole, by rename, every few minutes; running the
same command again goes on from it. It knows the shape of no particular machine: measure first.
Files beside the state: PAUSE holds the run while it exists, STOP saves and ends it (exit 10).
"""
import argparse
import json
import os
import resource
import shutil
import signal
import sys
import time
from dataclasses import asdict
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from corpus_reader import read_shard
from cut import RowSampler
from fetch import HERE
from model import Model, Shape, count_parameters
from muon import Muon
from objective import (HeadLoss, annealed, autoregressive_loss, blank_infilling, blank_infilling_loss, choose_masked,
                       denoising_loss, token_weights)
from published import STACKED, read_folder
from tokenizer import LANGUAGE_TAGS, load_tokenizer

LENGTHS = ((1.0, 0.35), (0.5, 0.65))  # share of the context, probability; each is compiled once
STOPPED, BROKEN = 10, 3  # exit codes


class Batches(IterableDataset):
    """Endless batches of numpy arrays; every worker has a random stream of its own."""

    def __init__(self, a, documents, tokenizer, context, seed):
        self.a, self.documents, self.tokenizer = a, documents, tokenizer
        self.context, self.seed = context, seed

    def __iter__(self):
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        sampler = RowSampler(self.documents, self.tokenizer, rng, functions_weight=self.a.functions_weight)
        shares, odds = zip(*LENGTHS)
        while True:
            length = int(self.context * shares[rng.choice(len(odds), p=odds)])
            yield self.batch(sampler, rng, length, max(1, self.a.batch_tokens // length))

    def batch(self, sampler, rng, length, rows):
        """-> (kind, ids, masked, allowed, weights); what a kind does not need is None."""
        if self.a.stage == "ar" or rng.random() < self.a.causal_share:
            return "ar", np.array([sampler.plain_row(length)[0] for _ in range(rows)]), None, None, None
        spans = self.a.stage == "span" or rng.random() < self.a.span_share
        drawn = []
        for _ in range(rows):
            kind = rng.random()
            drawn.append(sampler.plain_row(length) if kind < self.a.plain_share and not spans else
                         sampler.instruction_row(length) if kind > 1 - self.a.instruction_share else
                         sampler.hole_row(length) if kind > 1 - self.a.instruction_share - self.a.single_share
                         else sampler.holed_row(length, rng.uniform(*self.a.covers)))
        ids, roles = (np.array(x) for x in zip(*drawn))
        if spans:
            allowed, weights = blank_infilling(roles)
            return "span", ids, None, allowed, weights
        masked = choose_masked(roles, rng)
        return "mask", ids, masked, None, token_weights(roles, masked)


def rate_at(progress, warm, decay):
    """Warm-up, constant, linear to nothing: a factor of the peak rate."""
    if progress < warm:
        return max(0.01, progress / warm)
    return 1.0 if progress < 1 - decay else max(0.0, (1 - progress) / decay)


def can_compile():
    """PyTorch 2 with a C++ compiler at hand, and more than a rehearsal to do."""
    return hasattr(torch, "compile") and bool(shutil.which(os.environ.get("CXX", "g++")))


def multiplies_bf16(device):
    """Whether bf16 matrix products are done by the hardware, not imitated."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    try:
        return torch.ops.mkldnn._is_mkldnn_bf16_supported()
    except (AttributeError, RuntimeError):  # a build without oneDNN
        return False


def compile_hot_parts(model):
    """Fuses everything between the matrix products: 1.6 times as fast on a CPU (LOG.md)."""
    # One per length and kind of mask. A size that differs from step to step would compile without end,
    # at 30 MB and a second each, so more than these is an error (LOG.md).
    torch._dynamo.config.recompile_limit = 12
    torch._dynamo.config.fail_on_recompile_limit_hit = True
    model.run = torch.compile(model.run, dynamic=False)
    HeadLoss.slopes = staticmethod(torch.compile(HeadLoss.slopes, dynamic=False))


class Clock:
    """Progress from 0 to 1 at the deadline. A resumed run keeps its progress and stretches the rest."""

    def __init__(self, deadline, progress=0.0):
        self.deadline, self.start, self.before = deadline, time.time(), progress

    def progress(self, _):
        left = max(1.0, self.deadline - self.start)
        return min(1.0, self.before + (1 - self.before) * (time.time() - self.start) / left)


class ComputeBudget:
    """Progress by arithmetic done instead of time: for comparisons that a busy machine must not bend."""

    def __init__(self, teraflops):
        self.flops = teraflops * 1e12

    def progress(self, spent):
        return min(1.0, spent / self.flops)


def arithmetic(shape, ids, asked):
    """Operations of one training step: ids (B, L), of which `asked` positions go through the head."""
    blocks = shape.layers * (4 * shape.width ** 2 + 3 * shape.width * shape.feed_forward)
    attention = 2 * shape.layers * shape.width * ids.shape[1]  # scores and their use, forward
    return 6 * ids.size * (blocks + attention) + 6 * asked * shape.width * shape.vocab


class Run:
    def __init__(self, a):
        self.a = a
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.low = torch.bfloat16 if a.precision == "auto" and multiplies_bf16(self.device) else torch.float32
        HeadLoss.low = self.low
        torch.manual_seed(a.seed)
        if a.threads:
            torch.set_num_threads(a.threads)
        self.tokenizer = load_tokenizer(a.tokenizer)
        saved = self.load(a.state) if os.path.exists(a.state) else None
        first = saved or (self.start_from(a.init) if a.init else None)
        self.shape = Shape(**first["shape"]) if first else Shape(
            self.tokenizer.size, a.width, a.layers, a.heads, a.context)
        self.model = Model(self.shape).to(self.device)
        if first:
            self.model.load_state_dict(first["model" if saved or not a.init_ema else "ema"])
        stacked = {maps: [p for n, p in self.model.named_parameters() if n.startswith("layers.")
                          and p.dim() == 2 and len(STACKED.get(n.split(".")[2], ("itself",))) == maps]
                   for maps in (1, 2, 3)}
        vectors = [p for p in self.model.parameters() if p.dim() < 2]
        self.optimizers = [
            Muon([dict(params=matrices, maps=maps) for maps, matrices in stacked.items()], lr=a.muon_rate),
            torch.optim.AdamW([dict(params=[self.model.embed.weight], weight_decay=0.05),
                               dict(params=vectors, weight_decay=0.0)],
                              lr=a.adam_rate, betas=(0.9, 0.95))]
        self.peak = [a.muon_rate, a.adam_rate]
        if a.compile == "on" or a.compile == "auto" and can_compile():
            compile_hot_parts(self.model)
        self.average = [p.detach().clone() for p in self.model.parameters()]
        self.step = self.tokens = self.flops = 0
        self.asked_to_stop = False
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        self.clock = ComputeBudget(a.teraflops) if a.teraflops else Clock(a.deadline)
        if saved:
            self.resume(saved)

    def ask_to_stop(self, *_):
        self.asked_to_stop = True

    def start_from(self, path):
        return read_folder(path) if os.path.isdir(path) else self.load(path)

    def load(self, path):
        try:
            return torch.load(path, map_location=self.device)
        except Exception as reason:
            raise SystemExit(f"Cannot resume: {path} is damaged ({reason}); remove it to start over")

    def resume(self, saved):
        for optimizer, state in zip(self.optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
        named = zip(self.average, [n for n, _ in self.model.named_parameters()])
        self.average = [saved["ema"][name].clone() for _, name in named]
        self.step, self.tokens, self.flops = saved["step"], saved["tokens"], saved["flops"]
        if self.a.deadline:
            self.clock = Clock(self.a.deadline, saved["progress"])
        self.log(event="resume", step=self.step, progress=round(saved["progress"], 4))

    def save(self):
        names = [n for n, _ in self.model.named_parameters()]
        state = dict(model=self.model.state_dict(), ema=dict(zip(names, self.average)),
                     optimizers=[o.state_dict() for o in self.optimizers], shape=asdict(self.shape),
                     step=self.step, tokens=self.tokens, flops=self.flops,
                     progress=self.clock.progress(self.flops),
                     stage=self.a.stage, options={k: v for k, v in vars(self.a).items()})
        torch.save(state, self.a.state + ".part")
        os.replace(self.a.state + ".part", self.a.state)

    def log(self, **facts):
        line = json.dumps(dict(time=time.strftime("%H:%M:%S"), stage=self.a.stage, **facts))
        print(line, flush=True)
        with open(self.a.state + ".log.jsonl", "a") as f:
            f.write(line + "\n")

    def loss(self, kind, ids, masked, allowed, weights, progress):
        def here(array):
            return None if array is None else torch.from_numpy(array).to(self.device)

        ids, masked, allowed, weights = here(ids), here(masked), here(allowed), here(weights)
        opening = progress / self.a.anneal if progress < self.a.anneal else 1
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.low is torch.bfloat16):
            if kind == "ar":
                return autoregressive_loss(self.model, ids)
            if opening < 1:
                allowed = annealed(ids.shape[1], opening, self.device, allowed)
            if kind == "span":
                return blank_infilling_loss(self.model, ids, allowed, weights)
            return denoising_loss(self.model, ids, masked, weights, self.tokenizer.special["<|mask|>"],
                                  allowed, self.a.shift)

    def update(self, loss, progress):
        factor = rate_at(progress, self.a.warm, self.a.decay)
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer, peak in zip(self.optimizers, self.peak):
            for group in optimizer.param_groups:
                group["lr"] = peak * factor
            optimizer.step()
        keep = min(self.a.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_mul_(self.average, keep)
            torch._foreach_add_(self.average, list(self.model.parameters()), alpha=1 - keep)

    def train(self, documents):
        a = self.a
        data = Batches(a, documents, self.tokenizer, self.shape.context, a.seed + self.step)
        # batch_size None: the dataset yields whole batches, left as numpy
        feed = iter(DataLoader(data, batch_size=None, num_workers=a.workers, collate_fn=lambda x: x))
        self.log(event="start", parameters=count_parameters(self.model), device=self.device,
                 precision=str(self.low).split(".")[-1] + ("" if self.low is torch.bfloat16 else
                 ": no bf16 in this hardware, 4 to 5 times slower" if self.a.precision == "auto" else ""),
                 torch=torch.__version__, threads=torch.get_num_threads(),
                 until=a.deadline and time.strftime("%H:%M:%S", time.localtime(a.deadline)))
        folder = os.path.dirname(a.state)
        began, tokens_then, losses, saved_at = time.time(), self.tokens, [], time.time()
        cpu = time.process_time()
        while True:
            progress = self.clock.progress(self.flops)
            stop = self.asked_to_stop or os.path.exists(os.path.join(folder, "STOP"))
            if progress >= 1 or stop or self.step == a.steps:
                self.save()
                self.log(event="stop" if stop else "end", step=self.step, tokens=self.tokens)
                return STOPPED if stop else 0
            while os.path.exists(os.path.join(folder, "PAUSE")):
                time.sleep(1)
            kind, ids, *rest = next(feed)
            loss = self.loss(kind, ids, *rest, progress)
            value = loss.item()
            if not np.isfinite(value):
                self.log(event="broken", step=self.step, loss=str(value))
                print(f"Cannot go on: the loss is {value}; {a.state} holds the last good state")
                return BROKEN
            self.update(loss, progress)
            self.step += 1
            self.tokens += ids.size
            asked = ids.size if kind == "ar" else int((rest[2] > 0).sum())
            self.flops += arithmetic(self.shape, ids, asked)
            losses.append(value)
            if self.step in (5, 20) or self.step % a.log_every == 0:
                self.log(step=self.step, tokens=self.tokens, progress=round(progress, 4),
                         loss=round(float(np.mean(losses)), 4),
                         memoryMB=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                         tokensPerSecond=round((self.tokens - tokens_then) / (time.time() - began)),
                         perTwoCpuSeconds=round(
                             2 * (self.tokens - tokens_then) / (time.process_time() - cpu)))
                began, tokens_then, losses, cpu = time.time(), self.tokens, [], time.process_time()
            if time.time() - saved_at > a.save_minutes * 60:
                self.save()
                saved_at = time.time()


def parse(arguments=None):
    options = argparse.ArgumentParser(description=__doc__)
    add = options.add_argument
    add("--stage", choices=("ar", "span", "adapt"), required=True)
    add("--state", required=True, help="state file: written, and resumed from when it exists")
    add("--init", help="state file of an earlier stage, or a model folder, to take the weights from")
    add("--init-ema", action="store_true", help="take its averaged weights instead of its last")
    add("--corpus", default=os.path.join(HERE, "scratch", "corpus"))
    add("--tokenizer", default=os.path.join(HERE, "scratch", "tokenizer.json"))
    add("--deadline", type=float, help="when to end, seconds since the epoch (date +%%s)")
    add("--minutes", type=float, help="or how long from now")
    add("--teraflops", type=float, help="or after how much arithmetic, for comparisons at equal compute")
    add("--text-bytes", type=int, help="use only so much text of each language (how repeats of it do)")
    add("--steps", type=int, default=-1, help="end after this step all the same (tests)")
    add("--width", type=int, default=384)
    add("--layers", type=int, default=6)
    add("--heads", type=int, default=6)
    add("--context", type=int, default=512)
    add("--batch-tokens", type=int, default=4096)
    add("--muon-rate", type=float, default=0.01)
    add("--adam-rate", type=float, default=0.001)
    add("--warm", type=float, default=0.05, help="share of the time spent warming up")
    add("--decay", type=float, default=0.3, help="share of the time spent decaying at the end")
    add("--anneal", type=float, default=0.1, help="share of the time spent opening the attention")
    add("--plain-share", type=float, default=0.25, help="rows without holes, masked all over")
    add("--single-share", type=float, default=0.2, help="rows with one hole, as the product asks")
    add("--instruction-share", type=float, default=0.1, help="rows whose hole has an instruction")
    add("--span-share", type=float, default=0.0, help="adapt: batches of blank infilling among the others")
    add("--causal-share", type=float, default=0.0, help="span, adapt: autoregressive batches among the others")
    add("--covers", type=float, nargs=2, default=(0.2, 0.65), metavar=("LEAST", "MOST"),
        help="about how much of a row with many holes is hole")
    add("--functions-weight", type=float, default=1.0,
        help="how many times as often files of many top-level functions are drawn")
    add("--no-shift", dest="shift", action="store_false", help="row m predicts token m (experiment)")
    add("--precision", choices=("auto", "f32"), default="auto", help="auto: bf16 where the hardware has it")
    add("--compile", choices=("auto", "on", "off"), default="auto", help="torch.compile; auto: if it can")
    add("--ema", type=float, default=0.998)
    add("--workers", type=int, default=0, help="processes that cut rows (a GPU wants some)")
    add("--threads", type=int, default=0)
    add("--seed", type=int, default=0)
    add("--log-every", type=int, default=50)
    add("--save-minutes", type=float, default=3)
    a = options.parse_args(arguments)
    if [a.deadline, a.minutes, a.teraflops].count(None) != 2:
        options.error("give one of --deadline, --minutes and --teraflops")
    a.deadline = time.time() + a.minutes * 60 if a.minutes is not None else a.deadline
    return a


def at_most(texts, size, seed):
    """Whole documents, drawn at random, until `size` characters are reached."""
    kept = 0
    order = iter(np.random.default_rng(seed).permutation(len(texts)))
    drawn = []
    while kept < size and (at := next(order, None)) is not None:
        drawn.append(texts[at])
        kept += len(texts[at])
    return drawn


def main(arguments=None):
    a = parse(arguments)
    documents = {k: read_shard(a.corpus, k, "train") for k in LANGUAGE_TAGS}
    if a.text_bytes:
        documents = {k: at_most(texts, a.text_bytes, a.seed) for k, texts in documents.items()}
    return Run(a).train(documents)


if __name__ == "__main__":
    sys.exit(main())
