"""The adaptation: from the base, or a saved state, on and on at a constant rate until it is told to stop.

State is saved whole, by rename, every few minutes; the same command goes on from it. `--decay-tokens` makes a
finished model from the state at any moment, in a file of its own. run.py starts, pauses and stops it.
"""
import argparse
import json
import os
import resource
import signal
import sys
import time
from dataclasses import asdict, fields
import numpy as np
import torch
from batches import Batches, Mixture
from corpus_reader import LANGUAGES, read_shard
from model import Model, Shape, count_parameters
from objective import HeadLoss, loss_of
from pauses import wait_while_paused
from places import WORK
from published import read_base, read_folder
from shipped import read_shipped
from tokenizer import load_tokenizer
from watch import Watch

STOPPED, BROKEN, NO_ROOM = 10, 3, 4  # exit codes
AVERAGE_EVERY = 8  # steps between two updates of the averaged weights: they cost a fiftieth of a step


def multiplies_bf16(device):
    """Whether bf16 matrix products are done by the hardware, not imitated."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    try:
        return torch.ops.mkldnn._is_mkldnn_bf16_supported()
    except (AttributeError, RuntimeError):  # a build without oneDNN
        return False


def processor():
    try:
        with open("/proc/cpuinfo") as f:
            return next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown")
    except OSError:
        return "unknown"


class Run:
    def __init__(self, a):
        self.a = a
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.low = torch.bfloat16 if a.precision == "auto" and multiplies_bf16(self.device) else torch.float32
        HeadLoss.low = self.low
        torch.manual_seed(a.seed)
        torch.set_num_threads(a.threads or os.cpu_count() or 1)
        self.tokenizer = load_tokenizer(a.tokenizer)
        self.out = a.out or a.state
        saved = self.load(self.out if os.path.exists(self.out) else a.state)
        first = saved or (self.start_from(a.init) if a.init else read_base(a.base, self.tokenizer))
        self.shape = Shape(**first["shape"])
        self.model = Model(self.shape).to(self.device)
        self.model.load_state_dict(first["model"])
        matrices = [p for p in self.model.parameters() if p.dim() == 2]
        vectors = [p for p in self.model.parameters() if p.dim() < 2]
        self.optimizer = torch.optim.AdamW([dict(params=matrices, weight_decay=0.01), dict(params=vectors, weight_decay=0.0)],
                                           lr=a.rate, betas=(0.9, 0.95), fused=True)
        if a.compile:
            self.model.run = torch.compile(self.model.run, dynamic=False)
            HeadLoss.slopes = staticmethod(torch.compile(HeadLoss.slopes, dynamic=False))
        self.average = {n: p.detach().clone() for n, p in self.model.named_parameters()}
        self.step = self.tokens = self.decay_start = self.evaluated = 0
        self.asked_to_stop = False
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        signal.signal(signal.SIGINT, self.ask_to_stop)
        if saved:
            self.resume(saved)

    def ask_to_stop(self, *_):
        self.asked_to_stop = True

    @staticmethod
    def start_from(folder):
        return read_shipped(folder) if os.path.exists(os.path.join(folder, "lacuna.json")) else read_folder(folder)

    def load(self, path):
        if not os.path.exists(path):
            return None
        try:
            return torch.load(path, map_location=self.device, mmap=True)
        except Exception as reason:
            raise SystemExit(f"Cannot resume: {path} is damaged ({str(reason)[:200]}). Remove it to start over.")

    def resume(self, saved):
        self.optimizer.load_state_dict(saved["optimizer"])
        self.average = {n: t.clone() for n, t in saved["average"].items()}
        self.step, self.tokens, self.evaluated = saved["step"], saved["tokens"], saved["evaluated"]
        self.decay_start = self.tokens if saved["decay_start"] is None else saved["decay_start"]
        if saved["processor"] != processor():
            self.log(event="another processor", before=saved["processor"], now=processor())
        self.log(event="resume", step=self.step, tokens=self.tokens)

    def save(self):
        """-> whether it could be written. The last good state stays where it could not."""
        state = dict(model=self.model.state_dict(), average=self.average, optimizer=self.optimizer.state_dict(),
                     shape=asdict(self.shape), step=self.step, tokens=self.tokens, evaluated=self.evaluated,
                     decay_start=self.decay_start if self.a.decay_tokens else None, processor=processor(), options=vars(self.a))
        part = self.out + ".part"
        try:
            torch.save(state, part)
            os.replace(part, self.out)
            return True
        except (OSError, RuntimeError) as reason:  # torch says RuntimeError where a disk is full
            if os.path.exists(part):
                os.remove(part)
            print(f"Cannot save {self.out}: {str(reason)[:200]}. The state of the save before is untouched; "
                  "make room and run the same command.", file=sys.stderr, flush=True)
            return False

    def log(self, **facts):
        line = json.dumps(dict(time=time.strftime("%Y-%m-%d %H:%M:%S"), **facts))
        print(line, flush=True)
        try:
            with open(self.out + ".log.jsonl", "a") as f:
                f.write(line + "\n")
        except OSError:
            pass  # the log is for people; a full disk is reported where the state is saved

    def rate(self):
        a = self.a
        rate = a.rate * min(1.0, (1 + self.step) / a.warm_steps)
        return rate * max(0.0, 1 - (self.tokens - self.decay_start) / a.decay_tokens) if a.decay_tokens else rate

    def loss(self, batch):
        def here(array):
            return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.low is torch.bfloat16):
            return loss_of(self.model, here(batch.ids), here(batch.weights > 0), here(batch.targets),
                           here(batch.weights), here(batch.allowed), here(batch.positions))

    def update(self):
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        self.optimizer.step()
        self.model.zero_grad(set_to_none=True)
        if self.step % AVERAGE_EVERY == 0:
            keep = min(self.a.average, (1 + self.step) / (10 + self.step)) ** AVERAGE_EVERY
            with torch.no_grad():
                torch._foreach_lerp_(list(self.average.values()), list(self.model.parameters()), 1 - keep)

    def is_over(self):
        a = self.a
        return (a.decay_tokens and self.tokens - self.decay_start >= a.decay_tokens or
                a.tokens and self.tokens >= a.tokens or self.step == a.steps)

    def train(self):
        a = self.a
        documents = {k: read_shard(a.corpus, k, "train") for k in LANGUAGES}
        mixture = Mixture(**{f.name: getattr(a, f.name) for f in fields(Mixture)})
        batches = Batches(documents, self.tokenizer, a.rows, a.length, mixture, [a.seed, self.step])
        watch = Watch(a.corpus, self.tokenizer) if a.watch_tokens else None
        self.log(event="start", parameters=count_parameters(self.model), precision=str(self.low), torch=torch.__version__,
                 threads=torch.get_num_threads(), processor=processor(), rate=a.rate, mixture=asdict(mixture))
        began = saved_at = time.time()
        tokens_then, losses = self.tokens, {}
        while True:
            stop = self.asked_to_stop or os.path.exists(os.path.join(os.path.dirname(self.out), "STOP"))
            if stop or self.is_over():
                if not self.save():
                    return NO_ROOM
                self.log(event="stop" if stop else "end", step=self.step, tokens=self.tokens)
                return STOPPED if stop else 0
            began += wait_while_paused(WORK, lambda: self.asked_to_stop)
            batch = batches.draw()
            loss = self.loss(batch)
            if not np.isfinite(loss.item()):
                self.log(event="broken", step=self.step, loss=str(loss.item()))
                print(f"Cannot go on: the loss is {loss.item()}; {self.out} holds the last good state", file=sys.stderr)
                return BROKEN
            loss.backward()
            self.update()
            self.step += 1
            self.tokens += batch.ids.size
            losses.setdefault(batch.kind, []).append(loss.item())
            if self.step in (2, 5, 10) or self.step % a.log_every == 0:
                self.log(step=self.step, tokens=self.tokens, rate=self.rate(), memoryMB=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                         tokensPerSecond=round((self.tokens - tokens_then) / (time.time() - began)),
                         **{kind: round(float(np.mean(v)), 3) for kind, v in losses.items()})
                began, tokens_then, losses = time.time(), self.tokens, {}
            if watch and self.tokens - self.evaluated >= a.watch_tokens:
                self.evaluated = self.tokens
                self.log(event="watch", tokens=self.tokens, **watch.look(self.model, self.low))
            if time.time() - saved_at > a.save_minutes * 60:
                if not self.save():
                    return NO_ROOM
                saved_at = time.time()


def parse(arguments=None):
    options = argparse.ArgumentParser(description=__doc__)
    add = options.add_argument
    add("--state", default=os.path.join(WORK, "run", "state.pt"), help="written, and resumed from when it exists")
    add("--out", help="write here instead, and go on from here when it exists (decays, trials)")
    add("--init", help="a float checkpoint, or the model of the repository, to begin with instead of the base")
    add("--base", default=os.path.join(WORK, "base"))
    add("--corpus", default=os.path.join(WORK, "corpus"))
    add("--tokenizer", default=os.path.join(WORK, "tokenizer.json"))
    add("--rate", type=float, default=1e-4)
    add("--warm-steps", type=int, default=20)
    add("--decay-tokens", type=int, help="lower the rate to nothing over so many tokens, then end")
    add("--tokens", type=int, help="end when so many have been seen in all")
    add("--steps", type=int, default=-1, help="end after this step (tests)")
    add("--rows", type=int, default=4, help="of a batch")
    add("--length", type=int, default=384, help="positions of a row, its second stream included")
    for field in fields(Mixture):
        name = "--" + field.name.replace("_", "-")
        if field.name == "covers":
            add(name, type=float, nargs=2, default=field.default, metavar=("LEAST", "MOST"))
        else:
            add(name, type=float, default=field.default, help="see Mixture in batches.py")
    add("--precision", choices=("auto", "f32"), default="auto", help="auto: bf16 where the hardware has it")
    add("--no-compile", dest="compile", action="store_false", default=hasattr(torch, "compile"))
    add("--average", type=float, default=0.999, help="of the averaged weights, kept at each step")
    add("--threads", type=int, default=0)
    add("--seed", type=int, default=0)
    add("--log-every", type=int, default=20)
    add("--save-minutes", type=float, default=3)
    add("--watch-tokens", type=int, default=250_000, help="between two small evaluations; 0: none")
    return options.parse_args(arguments)


def main(arguments=None):
    a = parse(arguments)
    os.makedirs(os.path.dirname(os.path.abspath(a.out or a.state)), exist_ok=True)
    return Run(a).train()


if __name__ == "__main__":
    sys.exit(main())
