#!/usr/bin/env python3
"""Measures Inkling where there is much of everything and little of each: what does a trial cost besides its own work, is memory flat?

    python3 bench/scale.py trials [500]     one experiment of so many conditions
    python3 bench/scale.py sweep [1000]     one sweep of so many experiments

Every run begins with an empty store and an empty server; both keep what they need of INKLING_HOME (server program, libtorch).
INKLING names another command than ./inkling.
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
INKLING = os.environ.get("INKLING", str(ROOT / "inkling"))
SAMPLE_SECONDS = 3


def spec(conditions):
    """Networks of a few hundred numbers, trained for a handful of steps: milliseconds of work in each stage."""
    network = {"type": "prompt-mlp", "vocabulary": 50, "embedding": 4, "hidden": [8], "classes": 2}

    def finetune(loss, rate):
        return {"loss": loss, "epochs": 1, "batchSize": 32, "learningRate": rate}

    return {
        "name": "scale",
        "question": "What does a trial cost besides its own work?",
        "models": {"initial": network,
                   "teacher": {"type": "finetuned", "base": "initial", "dataset": "prompts",
                               "finetune": finetune({"type": "cross-entropy"}, 1e-3)}},
        "datasets": {"prompts": {"type": "token-sequences", "rows": 40, "vocabulary": 50, "label": 1},
                     "unrelated": {"type": "token-sequences", "rows": 64, "vocabulary": 50, "stream": 1, "teacher": "teacher"}},
        "conditions": {f"student {i + 1}": {"student": "initial", "dataset": "unrelated",
                                            "finetune": finetune({"type": "mse"}, round(1e-5 * (i + 1), 6))}
                       for i in range(conditions)},
        "evaluations": {"class 1": {"type": "class-fraction", "dataset": "prompts", "label": 1}},
        "seeds": [1, 2],
    }


def resident(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return None


def memory(samples):
    """MiB in the second quarter of the time, when everything is loaded, and in the last: flat memory has the same in both."""
    quarter = max(1, len(samples) // 4)
    return f"{statistics.median(samples[quarter:2 * quarter] or samples):.0f} -> {statistics.median(samples[-quarter:]):.0f} MiB, peak {max(samples):.0f}"


def temporal(home, *arguments):
    server = json.loads((home / "temporal/server.json").read_text())
    output = subprocess.run([home / "bin/temporal", "workflow", *arguments, "--address", f"127.0.0.1:{server['port']}", "--output", "json"],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output)


def history(home, workflow, run=None):
    info = temporal(home, "describe", "--workflow-id", workflow, *(["--run-id", run] if run else []))["workflowExecutionInfo"]
    return int(info["historyLength"]), int(info.get("historySizeBytes", 0))


def measure(trials, of_type, *arguments):
    home = pathlib.Path(tempfile.mkdtemp(prefix="inkling-scale-"))
    (home / "bin").mkdir()
    (home / "bin/temporal").symlink_to((WARM / "bin/temporal").resolve())
    (home / "djl").symlink_to((WARM / "djl").resolve())
    env = {**os.environ, "INKLING_HOME": str(home)}
    document = home / "spec.json"
    document.write_text(json.dumps(spec(trials if of_type == "Experiment" else 1)))
    subprocess.run([INKLING, "server", "--keep"], env=env, check=True, stdout=subprocess.DEVNULL)
    server = json.loads((home / "temporal/server.json").read_text())["process"]
    start = time.time()
    with open(home / "output.txt", "w") as output:
        process = subprocess.Popen([INKLING, *(a.replace("SPEC", str(document)) for a in arguments)], env=env, stdout=output, stderr=output)
    worker_memory, server_memory = [], []
    while process.poll() is None:
        time.sleep(SAMPLE_SECONDS)
        worker, temporal_server = resident(process.pid), resident(server)
        if worker and temporal_server:
            worker_memory.append(worker)
            server_memory.append(temporal_server)
    wall = time.time() - start
    if process.returncode != 0:
        print((home / "output.txt").read_text()[-3000:])
        sys.exit(f"exit code {process.returncode}; everything is in {home}")
    manifests = [json.loads(m.read_text()) for m in home.glob("artifacts/*/manifest.json")]
    work = sum(m["made"]["seconds"] for m in manifests)
    runs = [e["execution"] for e in temporal(home, "list", "--query", f"WorkflowType = '{of_type}'", "--limit", "20")]
    sizes = [history(home, r["workflowId"], r["runId"]) for r in runs]
    database = sum(f.stat().st_size for f in (home / "temporal").glob("temporal.db*")) / 2**20
    print(f"{trials} {'conditions' if of_type == 'Experiment' else 'experiments'}: {wall:.0f} s, {1000 * wall / trials:.0f} ms each, "
          f"of which {1000 * work / trials:.0f} ms own work; {len(manifests)} artifacts")
    for (events, size) in sizes:
        print(f"  history: {events} events, {size / 2**20:.2f} MiB")
    if of_type == "Sweep":
        events, size = history(home, runs[0]["workflowId"] + "-00001")
        print(f"  history of one point: {events} events, {size / 1024:.0f} KiB")
    print(f"  worker {memory(worker_memory)}")
    print(f"  server {memory(server_memory)}; database {database:.0f} MiB")
    print("  worker, MiB: " + " ".join(f"{m:.0f}" for m in worker_memory[::max(1, len(worker_memory) // 24)]))
    subprocess.run([INKLING, "server", "--stop"], env=env, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(home)


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else "trials"
    if what == "trials":
        measure(int(sys.argv[2]) if len(sys.argv) > 2 else 500, "Experiment", "run", "SPEC")
    else:
        points = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
        rates = json.dumps([round(1e-6 * (i + 1), 6) for i in range(points)])
        measure(points, "Sweep", "sweep", "SPEC", "--grid", "conditions.student 1.finetune.learningRate=" + rates)


main()
