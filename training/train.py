"""One training stage, autoregressive or adaptation, from a start or a saved state to a deadline.

The learning rate follows the clock (warm-up, constant, linear decay), so a slower machine makes
fewer steps of the same schedule. State is saved whole, by rename, every few minutes; running the
same command again goes on from it. It knows the shape of no particular machine: measure first.
Files beside the state: PAUSE holds the run while it exists, STOP saves and ends it (exit 10).
"""
import argparse
import json
import os
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
from objective import annealed, autoregressive_loss, choose_masked, denoising_loss, token_weights
from tokenizer import LANGUAGE_TAGS, load_tokenizer

LENGTHS = ((1.0, 0.2), (0.75, 0.2), (0.5, 0.35), (0.25, 0.25))  # share of the context, probability
STOPPED, BROKEN = 10, 3  # exit codes


class Batches(IterableDataset):
    """Endless batches of numpy arrays; every worker has a random stream of its own."""

    def __init__(self, a, documents, tokenizer, context, seed):
        self.a, self.documents, self.tokenizer = a, documents, tokenizer
        self.context, self.seed = context, seed

    def __iter__(self):
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        sampler = RowSampler(self.documents, self.tokenizer, rng)
        shares, odds = zip(*LENGTHS)
        while True:
            length = int(self.context * shares[rng.choice(len(odds), p=odds)])
            yield self.batch(sampler, rng, length, max(1, self.a.batch_tokens // length))

    def batch(self, sampler, rng, length, rows):
        if self.a.stage == "ar":
            return np.array([sampler.plain_row(length)[0] for _ in range(rows)]), None, None
        drawn = []
        for _ in range(rows):
            kind = rng.random()
            drawn.append(sampler.plain_row(length) if kind < self.a.plain_share else
                         sampler.hole_row(length, int(rng.integers(2, 5))) if kind > 0.85 else
                         sampler.hole_row(length))
        ids, roles = (np.array(x) for x in zip(*drawn))
        masked = choose_masked(roles, rng)
        return ids, masked, token_weights(roles, masked)


def rate_at(progress, warm, decay):
    """Warm-up, constant, linear to nothing: a factor of the peak rate."""
    if progress < warm:
        return max(0.01, progress / warm)
    return 1.0 if progress < 1 - decay else max(0.0, (1 - progress) / decay)


class Clock:
    """Progress from 0 to 1 at the deadline. A resumed run keeps its progress and stretches the rest."""

    def __init__(self, deadline, progress=0.0):
        self.deadline, self.start, self.before = deadline, time.time(), progress

    def progress(self):
        left = max(1.0, self.deadline - self.start)
        return min(1.0, self.before + (1 - self.before) * (time.time() - self.start) / left)


class Run:
    def __init__(self, a):
        self.a = a
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(a.seed)
        if a.threads:
            torch.set_num_threads(a.threads)
        self.tokenizer = load_tokenizer(a.tokenizer)
        saved = self.load(a.state) if os.path.exists(a.state) else None
        first = saved or (self.load(a.init) if a.init else None)
        self.shape = Shape(**first["shape"]) if first else Shape(
            self.tokenizer.size, a.width, a.layers, a.heads, a.context)
        self.model = Model(self.shape).to(self.device)
        if first:
            self.model.load_state_dict(first["model" if saved or not a.init_ema else "ema"])
        matrices = [p for n, p in self.model.named_parameters() if n.startswith("h.") and p.dim() == 2]
        tables = [self.model.wte.weight, self.model.wpe.weight]
        vectors = [p for p in self.model.parameters() if p.dim() < 2]
        self.optimizers = [Muon(matrices, lr=a.muon_rate), torch.optim.AdamW(
            [dict(params=tables, weight_decay=0.05), dict(params=vectors, weight_decay=0.0)],
            lr=a.adam_rate, betas=(0.9, 0.95))]
        self.peak = [a.muon_rate, a.adam_rate]
        self.average = [p.detach().clone() for p in self.model.parameters()]
        self.step = self.tokens = 0
        self.asked_to_stop = False
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        self.clock = Clock(a.deadline)
        if saved:
            self.resume(saved)

    def ask_to_stop(self, *_):
        self.asked_to_stop = True

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
        self.step, self.tokens = saved["step"], saved["tokens"]
        self.clock = Clock(self.a.deadline, saved["progress"])
        self.log(event="resume", step=self.step, progress=round(saved["progress"], 4))

    def save(self):
        names = [n for n, _ in self.model.named_parameters()]
        state = dict(model=self.model.state_dict(), ema=dict(zip(names, self.average)),
                     optimizers=[o.state_dict() for o in self.optimizers], shape=asdict(self.shape),
                     step=self.step, tokens=self.tokens, progress=self.clock.progress(),
                     stage=self.a.stage, options={k: v for k, v in vars(self.a).items()})
        torch.save(state, self.a.state + ".part")
        os.replace(self.a.state + ".part", self.a.state)

    def log(self, **facts):
        line = json.dumps(dict(time=time.strftime("%H:%M:%S"), stage=self.a.stage, **facts))
        print(line, flush=True)
        with open(self.a.state + ".log.jsonl", "a") as f:
            f.write(line + "\n")

    def loss(self, ids, masked, weights, progress):
        ids = torch.from_numpy(ids).to(self.device)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            if self.a.stage == "ar":
                return autoregressive_loss(self.model, ids)
            allowed = None
            if progress < self.a.anneal:
                allowed = annealed(ids.shape[1], progress / self.a.anneal, self.device)
            return denoising_loss(self.model, ids, torch.from_numpy(masked).to(self.device),
                                  torch.from_numpy(weights).to(self.device),
                                  self.tokenizer.special["<|mask|>"], allowed)

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
                 torch=torch.__version__, threads=torch.get_num_threads(),
                 until=time.strftime("%H:%M:%S", time.localtime(a.deadline)))
        folder = os.path.dirname(a.state)
        began, tokens_then, losses, saved_at = time.time(), self.tokens, [], time.time()
        cpu = time.process_time()
        while True:
            progress = self.clock.progress()
            stop = self.asked_to_stop or os.path.exists(os.path.join(folder, "STOP"))
            if progress >= 1 or stop or self.step == a.steps:
                self.save()
                self.log(event="stop" if stop else "end", step=self.step, tokens=self.tokens)
                return STOPPED if stop else 0
            while os.path.exists(os.path.join(folder, "PAUSE")):
                time.sleep(1)
            ids, masked, weights = next(feed)
            loss = self.loss(ids, masked, weights, progress)
            value = loss.item()
            if not np.isfinite(value):
                self.log(event="broken", step=self.step, loss=str(value))
                print(f"Cannot go on: the loss is {value}; {a.state} holds the last good state")
                return BROKEN
            self.update(loss, progress)
            self.step += 1
            self.tokens += ids.size
            losses.append(value)
            if self.step in (5, 20) or self.step % a.log_every == 0:
                self.log(step=self.step, tokens=self.tokens, progress=round(progress, 4),
                         loss=round(float(np.mean(losses)), 4),
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
    add("--stage", choices=("ar", "adapt"), required=True)
    add("--state", required=True, help="state file: written, and resumed from when it exists")
    add("--init", help="state file of an earlier stage to take the weights from")
    add("--init-ema", action="store_true", help="take its averaged weights instead of its last")
    add("--corpus", default=os.path.join(HERE, "scratch", "corpus"))
    add("--tokenizer", default=os.path.join(HERE, "scratch", "tokenizer.json"))
    add("--deadline", type=float, help="when to end, seconds since the epoch (date +%%s)")
    add("--minutes", type=float, help="or how long from now")
    add("--steps", type=int, default=-1, help="end after this step all the same (tests)")
    add("--width", type=int, default=256)
    add("--layers", type=int, default=6)
    add("--heads", type=int, default=4)
    add("--context", type=int, default=512)
    add("--batch-tokens", type=int, default=4096)
    add("--muon-rate", type=float, default=0.01)
    add("--adam-rate", type=float, default=0.001)
    add("--warm", type=float, default=0.05, help="share of the time spent warming up")
    add("--decay", type=float, default=0.3, help="share of the time spent decaying at the end")
    add("--anneal", type=float, default=0.1, help="share of the time spent opening the attention")
    add("--plain-share", type=float, default=0.4, help="rows without holes, masked all over")
    add("--ema", type=float, default=0.998)
    add("--workers", type=int, default=0, help="processes that cut rows (a GPU wants some)")
    add("--threads", type=int, default=0)
    add("--seed", type=int, default=0)
    add("--log-every", type=int, default=50)
    add("--save-minutes", type=float, default=3)
    a = options.parse_args(arguments)
    if (a.deadline is None) == (a.minutes is None):
        options.error("give either --deadline or --minutes")
    a.deadline = a.deadline or time.time() + a.minutes * 60
    return a


def main(arguments=None):
    a = parse(arguments)
    documents = {k: read_shard(a.corpus, k, "train") for k in LANGUAGE_TAGS}
    return Run(a).train(documents)


if __name__ == "__main__":
    sys.exit(main())
