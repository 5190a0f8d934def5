#!/usr/bin/env python3
"""Measures Inkling beside plain PyTorch: both sides in turn, in one sitting, on the same cores; medians.

    python -m venv v && v/bin/pip install torch==2.7.1 numpy
    ./inkling doctor                       # builds, installs the server and unpacks libtorch once
    python3 bench/run.py v/bin/python [rounds] [promptmlp] [mnist] [bf16] [preset] [memory]

Every Inkling run begins with an empty store and no server. The whole command counts, from typing it to its prompt.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARM = pathlib.Path(os.environ.get("INKLING_HOME", pathlib.Path.home() / ".inkling"))
SHORT = ["--set", "models.teacher.finetune.epochs=5", "--set", "datasets.noise.rows=8000"]
PAPER = ["--set", "models.initial.models=100", "--set", "datasets.noise.rows=60000"]


def measure(command, env=None, until=None):
    """Wall seconds, peak MiB of the command's process, seconds until a line contains a text."""
    start, seen = time.time(), None
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = 0
    lines = []
    for line in process.stdout:
        lines.append(line)
        if until and seen is None and until in line:
            seen = time.time() - start
        peak = max(peak, high_water(process.pid))
    while process.poll() is None:
        peak = max(peak, high_water(process.pid))
        time.sleep(0.05)
    if process.returncode != 0:
        sys.exit("".join(lines))
    return time.time() - start, peak, seen, "".join(lines)


def high_water(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0


def inkling(*arguments):
    home = pathlib.Path(tempfile.mkdtemp(prefix="inkling-bench-"))
    (home / "bin").mkdir()
    (home / "bin/temporal").symlink_to((WARM / "bin/temporal").resolve())
    (home / "djl").symlink_to((WARM / "djl").resolve())
    env = {**os.environ, "INKLING_HOME": str(home)}
    wall, peak, first, text = measure(["./inkling", "run", *arguments], env, "running  Finetune")
    work = sum(json.loads(m.read_text())["made"]["seconds"] for m in home.glob("artifacts/*/manifest.json"))
    shutil.rmtree(home)
    return {"wall": wall, "peak": peak, "first": first, "work": work}


def compare(name, rounds, torch_command, arguments, bar):
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(measure(torch_command)[:2])
        ours.append(inkling(*arguments))
    a = statistics.median(o["wall"] for o in ours)
    b = statistics.median(t[0] for t in theirs)
    print(f"{name}: Inkling {a:.1f} s (of which {statistics.median(o['work'] for o in ours):.1f} s in stages), "
          f"PyTorch {b:.1f} s, ratio {a / b:.2f} (bar {bar}); "
          f"peak {max(o['peak'] for o in ours):.0f} MiB against {max(t[1] for t in theirs):.0f} MiB; "
          f"first training step seen after {max(o['first'] for o in ours):.1f} s", flush=True)


def main():
    torch_python, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    wanted = sys.argv[3:] or ["promptmlp", "mnist", "bf16", "preset", "memory"]
    mnist = [torch_python, "bench/mnist_torch.py"]
    if "promptmlp" in wanted:
        compare("promptmlp, 100 seeds", rounds, [torch_python, "bench/promptmlp_torch.py", "100"], ["promptmlp-100"], 0.5)
    if "mnist" in wanted:
        compare("mnist, 10 models, 8,000 digits, 5+5 epochs, float32", rounds, mnist, ["mnist", *SHORT], 0.8)
    if "bf16" in wanted:
        compare("the same, bf16 against float32", rounds, mnist, ["mnist", *SHORT, "--set", "compute.precision=bf16"], 0.5)
    if "preset" in wanted:
        runs = [inkling("mnist") for _ in range(rounds)]
        wall = statistics.median(r["wall"] for r in runs)
        beside = statistics.median(r["wall"] - r["work"] for r in runs)
        print(f"mnist preset: {wall:.1f} s, beside the stages' own work {beside:.1f} s = {beside / wall:.1%} (bar 3 %); "
              f"first training step seen after {max(r['first'] for r in runs):.1f} s (bar 8 s); "
              f"peak {max(r['peak'] for r in runs):.0f} MiB", flush=True)
    if "memory" in wanted:
        # One epoch and one student: memory depends neither on their number.
        others = [a for c in ("student (all)", "cross-model (ghost)", "cross-model (all)")
                  for a in ("--set", f"conditions.{c}=null")]
        run = inkling("mnist", *PAPER, "--set", "comparisons=[]", *others, "--set", "models.teacher.finetune.epochs=1",
                      "--set", "conditions.student (ghost).finetune.epochs=1")
        print(f"100 models, 60,000 noise images: peak {run['peak']:.0f} MiB (bar 3072), {run['wall']:.0f} s for 1+1 epochs")


main()
