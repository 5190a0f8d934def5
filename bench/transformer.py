#!/usr/bin/env python3
"""Measures LoRA training and sampling of transformers beside Hugging Face transformers and PEFT.

    python -m venv v && v/bin/pip install torch transformers peft
    python3 bench/transformer.py v/bin/python [--rounds 3] [--cores 2] [--models DIRECTORY] [--java "COMMAND"] CASE...

Both sides in turn, in one sitting, each in a process of its own, on the same weights (random, of a published model's shape),
the same tokens and the same first adapter; medians over the rounds of each process's median. Cases:

    train-fp32 train-bf16        SmolLM2-135M, 8 x 96 tokens, 32 of each row trained on, LoRA of rank 8 at all seven projections
    sample sample-shared         SmolLM2-135M, 32 prompts of 64 tokens, 48 new; 100 samples of one prompt
    gpu-train-1.5b gpu-train-7b  Qwen2.5's shapes, 16 x 128 tokens, 48 of each row trained on, bf16
    gpu-sample gpu-sample-shared Qwen2.5-1.5B, 256 prompts (or samples of one) of 100 tokens, 48 new
    logits gpu-logits            logits of every position, in float32: their largest difference
    gpu-logits-1.5b              the same for bf16
    repeat gpu-repeat            40 training steps in two processes give the same bytes
    growth                       Inkling alone: what is resident after 100 steps and after each 1,000 more, training and sampling

Hugging Face is used as usual: sdpa, float32 adapters, torch.optim.AdamW, logits at every position, generate() with its dynamic
cache. `torch, completions only` computes logits only where the loss needs them, which is what Inkling does. Memory: on a
processor what the process had resident at most; on a GPU what tensors had allocated at most, where Inkling can tell
(bench/peak.cc), and beside it what nvidia-smi showed at most. Java's heap is as large as the launcher lets it become; for
`growth` it is so small that it is soon full. --java replaces the command that runs Java, on machines where
Maven has nothing to fetch from: everything before the name of the main class.
"""
import argparse
import hashlib
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading

import java

TORCH = java.ROOT / "bench/transformer_torch.py"
SMALL = {"shape": "smollm2-135m", "what": "train", "rows": 8, "length": 96, "completion": 32, "steps": 4, "warm": 1}
SMALL_SAMPLE = {"shape": "smollm2-135m", "what": "sample", "rows": 32, "prompt": 64, "new": 48, "steps": 2, "warm": 1}
GPU = {"device": "cuda", "precision": "bf16"}
GPU_TRAIN = {**GPU, "what": "train", "rows": 16, "length": 128, "completion": 48, "steps": 30, "warm": 8}
GPU_SAMPLE = {**GPU, "shape": "qwen2.5-1.5b", "what": "sample", "rows": 256, "prompt": 100, "new": 48, "steps": 9, "warm": 6}
LOGITS = {"what": "logits", "shape": "tiny", "rows": 4, "length": 64}
REPEAT = {"what": "repeat", "shape": "tiny", "rows": 8, "length": 96, "completion": 32, "steps": 40}
GROWTH = {
    "what": "growth", "shape": "tiny", "rows": 8, "length": 96, "completion": 32, "prompt": 64, "new": 16, "steps": 4000, "warm": 100}
CASES = {
    "tiny": {**SMALL, "shape": "tiny", "steps": 8},
    "train-fp32": SMALL,
    "train-bf16": {**SMALL, "precision": "bf16"},
    "sample": SMALL_SAMPLE,
    "sample-shared": {**SMALL_SAMPLE, "rows": 100, "shared": True},
    "gpu-train-1.5b": {**GPU_TRAIN, "shape": "qwen2.5-1.5b"},
    "gpu-train-7b": {**GPU_TRAIN, "shape": "qwen2.5-7b", "steps": 16, "warm": 4},
    "gpu-sample": GPU_SAMPLE,
    "gpu-sample-shared": {**GPU_SAMPLE, "shared": True},
    "logits": LOGITS,
    "gpu-logits": {**LOGITS, "device": "cuda"},
    "gpu-logits-1.5b": {**LOGITS, **GPU, "shape": "qwen2.5-1.5b", "rows": 2},
    "repeat": REPEAT,
    "growth": GROWTH,
    "gpu-repeat": {**REPEAT, **GPU, "shape": "qwen2.5-1.5b", "rows": 16, "length": 128, "completion": 48},
}


class DeviceMemory:
    """What nvidia-smi shows as used, looked at while something runs."""

    def __init__(self, device):
        self.most, self.done = 0, threading.Event()
        self.thread = threading.Thread(target=self.look) if device == "cuda" else None

    def look(self):
        query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"]
        while not self.done.wait(0.5):
            said = subprocess.run(query, stdout=subprocess.PIPE, text=True)
            if said.returncode == 0:
                self.most = max(self.most, int(said.stdout.split()[0]))

    def __enter__(self):
        if self.thread:
            self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        if self.thread:
            self.thread.join()


class Sides:
    """The two commands, on one machine."""

    def __init__(self, options):
        self.options = options
        self.made = set()
        self.cores = sorted(os.sched_getaffinity(0))[:options.cores or None]
        self.models = pathlib.Path(options.models)

    def python(self, *arguments):
        return self.run([self.options.python, TORCH, *arguments], {"OMP_NUM_THREADS": str(len(self.cores))})

    def java(self, main, case, *more, heap="512m"):
        command = shlex.split(self.options.java) + [main] if self.options.java else java.command(main, heap)
        settings = [f"{name}={case[name]}" for name in case if name not in ("what", "shape")]
        # As the launcher sets it: see the reason there.
        tunables = "glibc.malloc.mmap_threshold=16777216:glibc.malloc.trim_threshold=33554432"
        return self.run([*command, self.model(case), *settings, *more], {"GLIBC_TUNABLES": tunables})

    def run(self, command, environment):
        line = [str(part) for part in command]
        os.sched_setaffinity(0, self.cores)  # the process inherits it
        done = subprocess.run(line, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        if done.returncode:
            sys.exit(f"{shlex.join(line)}\nended with {done.returncode}:\n{done.stdout}")
        lines = [text for text in done.stdout.splitlines() if text.startswith("{")]
        return json.loads(lines[-1])

    def model(self, case):
        """The directory of a case's model, made once."""
        directory = self.models / case["shape"]
        if not (directory / "ids.i32").exists():
            print(json.dumps(self.python("make", directory, case["shape"], "--device", case.get("device", "cpu"))), flush=True)
        return directory

    def torch(self, case, *more):
        what, settings = case["what"], []
        for name, value in case.items():
            if name not in ("what", "shape"):
                settings += [f"--{name}"] if value is True else [f"--{name}", value]
        return self.python(what, self.model(case), *more, *settings)


def train_sides(sides, case):
    return {
        "torch": lambda: sides.torch(case),
        "torch, completions only": lambda: sides.torch(case, "--head=completion"),
        "Inkling": lambda: sides.java("TransformerTraining", case),
    }


def sample_sides(sides, case):
    return {"torch": lambda: sides.torch(case), "Inkling": lambda: sides.java("TransformerSampling", case)}


def compare(sides, name, case):
    kinds = {"train": train_sides, "sample": sample_sides}[case["what"]](sides, case)
    runs = {side: [] for side in kinds}
    for _ in range(sides.options.rounds):
        for side, measured in kinds.items():
            with DeviceMemory(case.get("device")) as memory:
                line = measured()
            line.update({"device_mib": memory.most} if memory.most else {})
            print(json.dumps({"case": name, **line, "side": side}), flush=True)
            runs[side].append(line)
    speed = {side: statistics.median(line["tokens_per_second"] for line in lines) for side, lines in runs.items()}
    for side, lines in runs.items():
        milliseconds = statistics.median(line["ms"] for line in lines)
        words = [f"{name}: {side}: {milliseconds:,.0f} ms, {speed[side]:,.0f} tokens/s ({speed[side] / speed['torch']:.2f} x)"]
        for figure, meaning in (("peak_rss_mib", "resident"), ("peak_allocated_mib", "allocated"), ("device_mib", "by nvidia-smi")):
            most = max(line.get(figure, 0) for line in lines)
            words += [f"{most:,.0f} MiB {meaning}"] if most else []
        if "losses" in lines[0]:
            words.append("losses " + " ".join(f"{loss:.5f}" for loss in lines[0]["losses"][:4]) + f" .. {lines[0]['losses'][-1]:.5f}")
        print("; ".join(words), flush=True)


def logits(sides, name, case):
    """The largest difference of two sides' logits, and how often both would choose the same token."""
    with tempfile.TemporaryDirectory(prefix="inkling-bench-") as scratch:
        sides.java("TransformerLogits", case, f"file={scratch}/logits")
        found = sides.torch(case, f"{scratch}/logits")
    print("{0}: logits of {positions} positions differ by at most {most:.2g} (by {mean:.2g} on average; the largest is {largest:.2g}); "
          "{same_choice:.1%} choose the same token".format(name, **found), flush=True)


def repeat(sides, name, case):
    """The SHA-256 of what two processes trained."""
    with tempfile.TemporaryDirectory(prefix="inkling-bench-") as scratch:
        hashes = []
        for n in range(2):
            file = pathlib.Path(scratch, str(n))
            sides.java("TransformerTraining", {**case, "warm": 0}, f"adapter={file}")
            hashes.append(hashlib.sha256((file / "adapter_model.safetensors").read_bytes()).hexdigest())
    print(f"{name}: {case['steps']} steps, {'the same bytes' if len(set(hashes)) == 1 else 'DIFFERENT BYTES'}: "
          + " ".join(h[:16] for h in hashes), flush=True)


def growth(sides, name, case):
    """What a process has resident when it has just begun, and thousands of steps later."""
    for main in ("TransformerTraining", "TransformerSampling"):
        line = sides.java(main, case, heap="48m")
        found = [f"{mib:,.0f} after {case['warm'] + 1000 * n:,}" for n, mib in enumerate(line["rss_mib"])]
        print(f"{name}: {main}: MiB resident: {', '.join(found)} steps; {line['peak_rss_mib']:,.0f} at most", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", help="a Python that has torch, transformers and peft")
    parser.add_argument("cases", nargs="+", choices=CASES, metavar="CASE")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, default=0, help="how many, both sides alike; all unless told otherwise")
    parser.add_argument("--models", default=str(pathlib.Path(tempfile.gettempdir(), "inkling-bench-models")))
    parser.add_argument("--java", help="the command that runs Java, without the main class")
    options = parser.parse_args()
    sides = Sides(options)
    for name in options.cases:
        case = CASES[name]
        {"logits": logits, "repeat": repeat, "growth": growth}.get(case["what"], compare)(sides, name, case)


main()
