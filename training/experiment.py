"""The experiment the papers leave open: at equal compute, on one small corpus, which way to a denoiser?

Every arm is a chain of train.py's stages whose budgets are shares of the same arithmetic, counted
by train.py, so that a busy machine bends no comparison. Finished runs are kept and not repeated.
Prints one JSON line per run; --table prints what has been measured as a table for LOG.md. It knows
no benchmark: the measures are evaluate.py's, on held-out packages.
"""
import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from fetch import HERE

FRESH = ["--muon-rate", "0.012", "--adam-rate", "0.002"]  # the best of each kind of stage in short trials
GENTLE = ["--muon-rate", "0.004", "--adam-rate", "0.0007"]
SCRATCH = FRESH + ["--anneal", "0"]
REPEATED = ["--text-bytes", "400000"]  # of each language

# Name: [(stage, share of the compute, options), ...]
ARMS = {
    "scratch": [("adapt", 1, SCRATCH)],
    "scratch, no shift": [("adapt", 1, SCRATCH + ["--no-shift"])],
    "AR 25 %, adapted": [("ar", .25, FRESH), ("adapt", .75, GENTLE)],
    "AR 50 %, adapted": [("ar", .5, FRESH), ("adapt", .5, GENTLE)],
    "AR 75 %, adapted": [("ar", .75, FRESH), ("adapt", .25, GENTLE)],
    "AR 50 %, no annealing": [("ar", .5, FRESH), ("adapt", .5, GENTLE + ["--anneal", "0"])],
    "AR 50 %, no shift": [("ar", .5, FRESH), ("adapt", .5, GENTLE + ["--no-shift"])],
    "AR 50 %, adapted at the first rate": [("ar", .5, FRESH), ("adapt", .5, FRESH)],
    "AR 40 %, blank infilling 30 %, adapted": [("ar", .4, FRESH), ("span", .3, GENTLE), ("adapt", .3, GENTLE)],
    "scratch, 1.2 MB repeated": [("adapt", 1, SCRATCH + REPEATED)],
    "AR 50 %, adapted, 1.2 MB repeated": [("ar", .5, FRESH + REPEATED), ("adapt", .5, GENTLE + REPEATED)],
}
# decay: every stage but the last keeps its rate, as a stage that goes on does
STAGE = ["--warm", "0.04", "--batch-tokens", "1024", "--log-every", "200"]


def run(arm, seed, a):
    """-> the facts of one run, measured now or found finished."""
    name = "".join(c if c.isalnum() else "-" for c in arm)
    folder = os.path.join(a.work, f"{name}-{seed}")
    done = os.path.join(folder, "result.json")
    if os.path.exists(done):
        with open(done) as f:
            return json.load(f)
    os.makedirs(folder, exist_ok=True)
    before, stages, shift = None, ARMS[arm], "--no-shift" not in ARMS[arm][-1][2]
    shape = ["--width", str(a.width), "--layers", str(a.layers), "--heads", str(a.heads), "--context", "256"]
    for i, (stage, share, options) in enumerate(stages):
        state, last = os.path.join(folder, f"{i}-{stage}.pt"), i == len(stages) - 1
        quietly([sys.executable, os.path.join(HERE, "train.py"), "--stage", stage, "--state", state,
                 "--teraflops", str(share * a.teraflops), "--seed", str(1000 * seed + i), *shape, *STAGE,
                 "--decay", "0.4" if last else "0.1", "--compile", a.compile, "--threads", str(a.threads),
                 *(["--init", before] if before else []), *options], folder)
        before = state
    printed = quietly([sys.executable, os.path.join(HERE, "evaluate.py"), "--state", before, "--rows", "64",
                       "--threads", str(a.threads), *([] if shift else ["--no-shift"])], folder)
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    facts = dict(arm=arm, seed=seed, teraflops=a.teraflops, infill=mean(lines, "infill", "bitsPerByte"),
                 uniform=mean(lines, "uniform", "bitsPerByte"), frontier=mean(lines, "frontier", "every"),
                 first=mean(lines, "frontier", "first"))
    with open(done, "w") as f:
        json.dump(facts, f)
    return facts


def mean(lines, *path):
    values = []
    for line in lines:
        for key in path:
            line = line[key]
        values.append(line)
    return round(float(np.mean(values)), 4)


def quietly(command, folder):
    """Runs one stage; what it says stays in the folder's log. -> its standard output"""
    done = subprocess.run(command, capture_output=True, text=True)
    with open(os.path.join(folder, "log"), "a") as f:
        f.write(done.stdout + done.stderr)
    if done.returncode:
        raise SystemExit(f"Cannot go on with the experiment: {' '.join(command)} ended with "
                         f"{done.returncode}; see {folder}/log")
    return done.stdout


def table(results):
    lines = ["| arm | seeds | infill, bits/byte | uniform, bits/byte | frontier, nats | first token, nats |",
             "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for arm in ARMS:
        runs = [r for r in results if r["arm"] == arm]
        if runs:
            cells = [f"{np.mean(v):.3f} ± {np.std(v, ddof=1):.3f}" if len(v) > 1 else f"{v[0]:.3f}" for v in
                     ([r[k] for r in runs] for k in ("infill", "uniform", "frontier", "first"))]
            lines.append(f"| {arm} | {len(runs)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--work", default=os.path.join(HERE, "scratch", "experiment"))
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    options.add_argument("--teraflops", type=float, default=20, help="of every arm, in all its stages")
    options.add_argument("--width", type=int, default=128)
    options.add_argument("--layers", type=int, default=4)
    options.add_argument("--heads", type=int, default=4)
    options.add_argument("--threads", type=int, default=1, help="of one run")
    options.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="runs side by side")
    options.add_argument("--compile", choices=("auto", "on", "off"), default="auto")
    options.add_argument("--table", action="store_true", help="print what is finished, run nothing")
    a = options.parse_args()
    jobs = [(arm, seed) for seed in a.seeds for arm in a.arms]
    if a.table:
        found = [os.path.join(a.work, d, "result.json") for d in sorted(os.listdir(a.work))]
        print(table([json.load(open(f)) for f in found if os.path.exists(f)]))
        return
    with ThreadPoolExecutor(a.at_once) as pool:
        for facts in pool.map(lambda job: run(*job, a), jobs):
            print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
