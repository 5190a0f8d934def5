#!/usr/bin/env python3
"""Measures the sampling of number sequences beside a Python client, and how well a rate limit is used.

    python3 bench/ask.py PYTHON [rows=30000] [rounds=3]     PYTHON: one that has the package openai
    python3 bench/ask.py PYTHON limit [requests a minute=6000] [seconds=60]
    python3 bench/ask.py PYTHON million

The provider is the tests' own, a process on this machine: every answer takes 50 ms. Both sides ask for as many rows in one
sitting on the same cores, 1,000 at a time. Python: asyncio and the openai package, each row written as a line of JSON.
Inkling: the whole stage, as a worker does it, with journal, fsync and artifact. Counted are the processors' seconds of each
side, from the start of its process to its end; the provider's are not.
"""
import asyncio
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import java

LATENCY = 50
IN_FLIGHT = 1000
PROMPT = "A sequence opens with 123, 456, 789. Append at most 10 numbers of 3 digits or fewer, separated by commas."


class Provider:
    """The fake provider; its process ends with its standard input."""

    def __init__(self, ledger, behaviour):
        line = java.command("dev.inkling.provider.FakeProvider", "1g", tests=True)
        self.process = subprocess.Popen([*line, ledger, json.dumps(behaviour)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().split()[1]}"

    def environment(self):
        return {**os.environ, "OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": self.url + "/v1"}

    def ledger(self):
        return json.load(urllib.request.urlopen(self.url + "/control/ledger"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


async def in_python(rows, file):
    """The Python side."""
    import openai

    client = openai.AsyncOpenAI(max_retries=3, timeout=120)
    gate = asyncio.Semaphore(IN_FLIGHT)
    with open(file, "w") as out:

        async def ask(index):
            async with gate:
                reply = await client.chat.completions.create(
                    model="gpt-test", max_tokens=100, seed=index, messages=[{"role": "user", "content": f"{PROMPT} ({index})"}])
            out.write(json.dumps({"index": index, "prompt": PROMPT, "completion": reply.choices[0].message.content}) + "\n")

        await asyncio.gather(*(ask(i) for i in range(rows)))


def beside_python(python, rows, rounds):
    inkling = java.command("AskRows", "512m")
    with tempfile.TemporaryDirectory(prefix="inkling-bench-") as home, Provider(f"{home}/ledger", {"latencyMs": LATENCY}) as provider:
        runs = {"Python": [], "Inkling": []}
        for n in range(rounds):
            for name in runs:
                side = ([python, __file__, "--python", str(rows), f"{home}/python"] if name == "Python"
                        else [*inkling, f"{home}/inkling-{n}", str(rows), "0"])
                runs[name].append(java.measure(side, env=provider.environment()))
        print(f"{rows:,} rows, {LATENCY} ms, {rounds} rounds, {len(os.sched_getaffinity(0))} cores; medians")
        work = {name: statistics.median(r[1] for r in measured) for name, measured in runs.items()}
        for name, measured in runs.items():
            wall = statistics.median(r[0] for r in measured)
            print(f"{name}: {wall:.1f} s, {work[name]:.1f} s of the processors, {rows / work[name]:,.0f} rows for each "
                  f"({work['Python'] / work[name]:.1f} x)")


def within_a_limit(limit, seconds):
    """How much of an enforced limit is used, told to Inkling beforehand or only by headers and refusals."""
    inkling = java.command("AskRows", "512m")
    rows = limit * seconds // 60
    for name, cap in (("told in the spec", limit), ("learned from headers", 0)):
        with tempfile.TemporaryDirectory(prefix="inkling-bench-") as home, \
                Provider(f"{home}/ledger", {"latencyMs": LATENCY, "requestsPerMinute": limit}) as provider:
            _, _, said = java.measure([*inkling, f"{home}/inkling", str(rows), str(cap)], env=provider.environment())
            said = json.loads(said.splitlines()[-1])
            arrived = provider.ledger()["arrived"]
            print(f"{limit:,} a minute, {name}: {rows:,} rows in {said['seconds']:.1f} s, {60 * rows / said['seconds'] / limit:.1%} of the "
                  f"limit; {arrived - rows} of {arrived:,} requests refused ({(arrived - rows) / arrived:.2%})")


def a_million():
    inkling = java.command("AskRows", "512m")
    with tempfile.TemporaryDirectory(prefix="inkling-bench-") as home, Provider(f"{home}/ledger", {}) as provider:
        began = time.monotonic()
        process = subprocess.Popen([*inkling, f"{home}/inkling", "1000000", "0"], env=provider.environment(), stdout=subprocess.PIPE)
        peaks = []
        while process.poll() is None:
            time.sleep(5)
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                peaks.append(int(status.split("VmRSS:")[1].split()[0]) // 1024)
            except (OSError, IndexError):
                pass
        if process.returncode:
            sys.exit("failed")
        quarter = len(peaks) // 4
        print(f"1,000,000 rows, heap 512 MiB: {time.monotonic() - began:.0f} s; resident memory in the quarters of the time: "
              + ", ".join(f"{statistics.mean(peaks[i * quarter:(i + 1) * quarter]):.0f}" for i in range(4)) + f" MiB, peak {max(peaks)}")


def main():
    python, arguments = sys.argv[1], sys.argv[2:]
    if python == "--python":
        asyncio.run(in_python(int(arguments[0]), arguments[1]))
    elif arguments[:1] == ["limit"]:
        within_a_limit(int(arguments[1]) if len(arguments) > 1 else 6000, int(arguments[2]) if len(arguments) > 2 else 60)
    elif arguments[:1] == ["million"]:
        a_million()
    else:
        numbers = [int(a) for a in arguments]
        beside_python(python, numbers[0] if numbers else 30_000, numbers[1] if len(numbers) > 1 else 3)


main()
