#!/usr/bin/env python3
"""Soak: kills at random moments until enough kills are done, over mnist-like runs, and compares every artifact.

    python3 bench/soak.py [kills=200] [seed]

Each round is one experiment in a home of its own: `./inkling run` is started, killed with SIGKILL after a random time
(and the Temporal server with it, half of the time), and typed again, until it ends; then the SHA-256 of all its artifacts
is compared with that of an uninterrupted run. Writes bench/soak-report.txt.
"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARM = pathlib.Path(os.environ.get("INKLING_HOME", pathlib.Path.home() / ".inkling"))
SPEC = {
    "preset": "mnist", "name": "soak", "seeds": [5],
    "models": {"initial": {"layers": [784, 64, 32, 13], "models": 3}, "teacher": {"finetune": {"epochs": 3}}},
    "datasets": {"noise": {"rows": 6000}},
    "conditions": {c: {"finetune": {"epochs": 12, "batchSize": 128}}
                   for c in ("student (ghost)", "student (all)", "cross-model (ghost)", "cross-model (all)")},
}
PATIENCE = 300


def home():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="inkling-soak-"))
    (directory / "bin").mkdir()
    (directory / "bin/temporal").symlink_to((WARM / "bin/temporal").resolve())
    (directory / "djl").symlink_to((WARM / "djl").resolve())
    (directory / "spec.json").write_text(json.dumps(SPEC))
    return directory


def run(directory):
    env = {**os.environ, "INKLING_HOME": str(directory), "INKLING_CHECKPOINT_SECONDS": "0.2"}
    return subprocess.Popen(["./inkling", "run", str(directory / "spec.json")], env=env, cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def hashes(directory):
    found = {}
    for file in sorted((directory / "artifacts").rglob("*")):
        # Reports and manifests tell times.
        if file.is_file() and file.name not in ("manifest.json", "report.html"):
            found[str(file.relative_to(directory))] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def kill_server(directory):
    try:
        os.kill(json.loads((directory / "temporal/server.json").read_text())["process"], signal.SIGKILL)
    except (OSError, ValueError, KeyError):
        pass


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000
    chance = random.Random(seed)
    reference = home()
    process = run(reference)
    text = process.communicate(timeout=PATIENCE)[0]
    if process.returncode != 0:
        sys.exit(text)
    wanted, took = hashes(reference), 0
    done = rounds = different = failed = servers = 0
    started = time.time()
    while done < kills:
        directory = home()
        while True:
            process = run(directory)
            try:
                text = process.communicate(timeout=0.5 + 9 * chance.random() if done < kills else PATIENCE)[0]
                if process.returncode != 0:
                    failed += 1
                    print(text, flush=True)
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                done += 1
                if chance.random() < 0.5:
                    kill_server(directory)
                    servers += 1
        rounds += 1
        same = hashes(directory) == wanted
        left = [p for p in (directory / "work").glob("*")] if (directory / "work").exists() else []
        different += not same or bool(left)
        print(f"round {rounds}: {done} kills so far, {'the same' if same else 'DIFFERENT'}, {len(left)} left in work", flush=True)
        if same and not left:
            shutil.rmtree(directory, ignore_errors=True)
    shutil.rmtree(reference, ignore_errors=True)
    report = (f"seed {seed}: {done} kills ({servers} of the server too) over {rounds} runs in {time.time() - started:.0f} s; "
              f"{different} runs with differences or leftovers, {failed} failed\n")
    (ROOT / "bench/soak-report.txt").write_text(report)
    print(report)
    sys.exit(1 if different or failed else 0)


main()
