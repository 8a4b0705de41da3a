"""The long training: starts it, holds it, lets it go on, ends it, says how it stands, makes a model of it.

start     makes what is missing, then trains at idle priority, detached; goes on where it stopped
pause     holds it until `resume`; tests and benches hold it by themselves (pauses.py)
stop      saves and ends it
status    how far it is, and its last figures
snapshot  a finished model from where it is now: the rate lowered to nothing, in files of their own

What follows the word goes to train.py. Knows no network.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pauses import folder, lives, who_pauses
from places import HERE, WORK

RUN = os.path.join(WORK, "run")
PID, OUTPUT, STATE = (os.path.join(RUN, name) for name in ("pid", "output.txt", "state.pt"))
MADE_BY = [("base", ["base.py"]), ("corpus/manifest.json", ["fetch.py"]), ("corpus/manifest.json", ["corpus.py"]),
           ("tokenizer.json", ["vocabulary.py"])]


def running():
    """-> process id, or None."""
    try:
        with open(PID) as f:
            pid = f.read().strip()
        with open(f"/proc/{pid}/cmdline") as f:
            return int(pid) if "train.py" in f.read() else None
    except OSError:
        return None


def quiet():
    """What makes a command use no time that the machine wants for anything else."""
    if os.environ.get("LACUNA_LOUD") or not shutil.which("chrt"):
        return []
    return ["sh", os.path.join(HERE, "quiet.sh")]


def prepare():
    benchmark = os.environ.get("BENCHMARK")
    for made, command in MADE_BY:
        if os.path.exists(os.path.join(WORK, made)):
            continue
        if command == ["corpus.py"]:
            if not benchmark:
                raise SystemExit("Cannot make the corpus: set BENCHMARK to the benchmark's files, 'path/*.jsonl.gz', "
                                 "so that none of its programs is trained on")
            command = command + ["--benchmark", benchmark]
        if subprocess.run([sys.executable, os.path.join(HERE, command[0]), *command[1:]]).returncode:
            raise SystemExit(f"Cannot start: {command[0]} failed, see above")


def start(options):
    if running():
        return f"It runs already, process {running()}"
    prepare()
    os.makedirs(RUN, exist_ok=True)
    with open(OUTPUT, "a") as output:
        child = subprocess.Popen([*quiet(), sys.executable, os.path.join(HERE, "train.py"), "--state", STATE, *options],
                                 stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True, cwd=HERE)
    with open(PID, "w") as f:
        f.write(str(child.pid))
    time.sleep(3)
    return f"It runs, process {child.pid}" if child.poll() is None else f"It ended at once: see {OUTPUT}"


def pause(_):
    os.makedirs(folder(WORK), exist_ok=True)
    open(os.path.join(folder(WORK), "by-hand"), "w").close()
    return "It will wait after this step"


def resume(_):
    by_hand = os.path.join(folder(WORK), "by-hand")
    if os.path.exists(by_hand):
        os.remove(by_hand)
    others = who_pauses(WORK)
    return f"It still waits for {', '.join(others)}" if others else "It goes on"


def stop(_):
    pid = running()
    if not pid:
        return "It does not run"
    os.kill(pid, signal.SIGTERM)
    while lives(str(pid)) and running():
        time.sleep(1)
    return "It has saved and ended"


def status(_):
    pid, paused = running(), who_pauses(WORK)
    lines = [f"runs, process {pid}" + (f", waits for {', '.join(paused)}" if paused else "") if pid else "does not run"]
    try:
        with open(STATE + ".log.jsonl") as f:
            facts = [json.loads(line) for line in f if line.startswith("{")]
    except OSError:
        facts = []
    for wanted in ([f for f in facts if f.get("event") == "watch"][-3:], [f for f in facts if "step" in f][-1:]):
        lines += [json.dumps(fact) for fact in wanted]
    return "\n".join(lines)


def snapshot(options):
    out = os.path.join(WORK, "run", f"snapshot-{time.strftime('%m%d-%H%M')}.pt")
    tokens = [] if "--decay-tokens" in options else ["--decay-tokens", "300000"]
    was_running = running()
    stop([])
    code = subprocess.run([sys.executable, os.path.join(HERE, "train.py"), "--state", STATE, "--out", out, *tokens, *options]).returncode
    if was_running:
        print(start([]))
    return f"{out} is finished" if code == 0 else f"The snapshot ended with code {code}"


VERBS = dict(start=start, pause=pause, resume=resume, stop=stop, status=status, snapshot=snapshot)


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:
        print(__doc__)
        return 2
    print(VERBS[sys.argv[1]](sys.argv[2:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
