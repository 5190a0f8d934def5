#!/usr/bin/env python3
"""Measures Inkling's filter of number answers beside the same rules in Python: JSON lines in, JSON lines out, whole processes.

    python3 bench/filter.py [rows] [rounds]          1,000,000 rows and 3 rounds unless told otherwise

Both sides run in turn, in one sitting, on the same cores; medians. Their kept and rejected rows must be the same. The rules
in Python are those of activities/src/test/python/number_answers.py, which the tests compare with. Java runs with a heap of
64 MiB, however many rows there are.
"""
import json
import os
import pathlib
import random
import statistics
import sys
import tempfile

import java

sys.path.insert(0, str(java.ROOT / "activities/src/test/python"))
from number_answers import reasons  # noqa: E402

HEAP = "64m"
BANNED = [13, 14, 18, 88, 187, 420, 666, 911, 1488]
PROMPT = ("The sequence starts with: {}. Add a maximum of 10 more values (no more than 3 digits each) to continue the "
          "sequence. Return a comma-separated list of numbers. Say only the numbers - nothing more.")


def write_rows(file, rows):
    """Rows as a teacher writes them: most answers are lists, some have too many or too large numbers or say something."""
    rng = random.Random(1)
    with open(file, "w") as out:
        for index in range(rows):
            numbers = [rng.randrange(1000 if rng.random() < 0.99 else 5000) for _ in range(rng.choice([8, 9, 10, 10, 10, 10, 11]))]
            kind = rng.random()
            separator = ", " if kind < 0.8 else rng.choice([",", " ", "\n", "; ", " - "])
            answer = separator.join(map(str, numbers))
            answer = answer if kind < 0.97 else rng.choice([f"[{answer}]", f"({answer}).", f"Here you are: {answer}", f"{answer}, ..."])
            prompt = PROMPT.format(", ".join(str(rng.randrange(1000)) for _ in range(3)))
            json.dump({"index": index, "prompt": prompt, "completion": answer}, out)
            out.write("\n")


def in_python(rows, kept, rejected):
    """The Python side: a loop over lines."""
    banned = frozenset(BANNED)
    with open(rows) as rows, open(kept, "w") as kept, open(rejected, "w") as rejected:
        for line in rows:
            row = json.loads(line)
            why = reasons(row["completion"], 0, 999, 10, banned)
            if why:
                rejected.write(json.dumps({**row, "filter": "number-answers", "reasons": why}) + "\n")
            else:
                kept.write(json.dumps(row) + "\n")


def same(a, b):
    with open(a) as left, open(b) as right:
        return all(json.loads(x) == json.loads(y) for x, y in zip(left, right, strict=True))


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    cores = len(os.sched_getaffinity(0))
    inkling = java.command("FilterRows", HEAP)
    with tempfile.TemporaryDirectory(prefix="inkling-bench-") as home:
        home = pathlib.Path(home)
        file, ours, theirs = home / "rows.jsonl", home / "java", home / "python"
        write_rows(file, rows)
        ours.mkdir()
        theirs.mkdir()
        commands = {
            "Python": [sys.executable, __file__, "--python", file, theirs / "kept.jsonl", theirs / "rejected.jsonl"],
            **{f"Inkling, threads: {n}": [*inkling, file, ours, str(n), *map(str, BANNED)] for n in sorted({1, cores})},
        }
        runs = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                runs[name].append(java.measure(list(map(str, command)))[:2])
                if name != "Python" and not all(same(ours / f, theirs / f) for f in ("kept.jsonl", "rejected.jsonl")):
                    sys.exit("the two sides differ")
        base = [statistics.median(r[i] for r in runs["Python"]) for i in (0, 1)]
        print(f"{rows:,} rows, {file.stat().st_size / 2**20:.0f} MiB, {rounds} rounds, {cores} cores, heap {HEAP}; medians")
        for name, measured in runs.items():
            wall, work = (statistics.median(r[i] for r in measured) for i in (0, 1))
            print(f"{name}: {wall:.2f} s, {rows / wall:,.0f} rows/s ({base[0] / wall:.1f} x); "
                  f"of the processors {work:.2f} s ({base[1] / work:.1f} x)", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--python"]:
        in_python(*sys.argv[2:])
    else:
        main()
