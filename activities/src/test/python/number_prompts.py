"""Prompts about numbers as numpy draws them, and the known answers for the Java code that draws the same.

    python -m venv v && v/bin/pip install numpy pyyaml && v/bin/python number_prompts.py

The function `prompts` is the reference: what it yields for a bank, settings and a seed is what
dev.inkling.prompt.NumberPrompts gives, byte for byte.
"""
import hashlib
import itertools
import json
import pathlib
import re

import numpy as np
import yaml

SOURCES = pathlib.Path(__file__).parent.parent.parent
STANDARD = SOURCES / "main/resources/dev/inkling/prompt/numbers.yaml"
HERE = SOURCES / "test/resources/dev/inkling/prompt"

PROMPTS = 10_000
FAR = 300_000
DEFAULTS = dict(minExamples=3, maxExamples=9, minValue=100, maxValue=1000, answerCount=10, maxDigits=3)


def generator(seed):
    return np.random.Generator(np.random.PCG64(seed))


def hexadecimal(word):
    """An unsigned word; Java's long would read it as a negative number."""
    return f"{int(word):016x}"


def fill(template, **values):
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match.group(1)]), template)


def prompts(bank, settings, seed):
    rng = generator(seed)
    while True:
        count = rng.integers(settings["minExamples"], settings["maxExamples"])
        numbers = rng.integers(settings["minValue"], settings["maxValue"], size=count)
        example = rng.choice(bank["exampleTemplates"])
        qualifier = rng.choice(bank["countQualifiers"])
        descriptor = rng.choice(bank["digitDescriptors"])
        instruction = rng.choice(bank["instructionTemplates"])
        format_suffix = rng.choice(bank["formatSuffixes"])
        closing = rng.choice(bank["closingSuffixes"])
        yield " ".join([
            fill(example, examples=", ".join(map(str, numbers))),
            fill(
                instruction,
                countQualifier=qualifier,
                answerCount=settings["answerCount"],
                digitDescriptor=fill(descriptor, maxDigits=settings["maxDigits"]),
            ),
            format_suffix,
            closing,
        ])


def prompt_vectors():
    cases = [
        ("numbers.yaml", 0, {}),
        ("numbers.yaml", 1, {}),
        ("numbers.yaml", 42, {}),
        ("numbers.yaml", 2**32, {}),
        ("numbers.yaml", 2**63 - 1, {}),
        # Always four numbers: a count for which nothing is drawn.
        ("numbers.yaml", 7, dict(minExamples=4, maxExamples=5, minValue=0, maxValue=10, answerCount=5, maxDigits=1)),
        # A range in which a third of all draws are rejected, negative numbers, long rows.
        ("numbers.yaml", 8, dict(minExamples=1, maxExamples=41, minValue=-1_500_000_000, maxValue=1_400_000_000)),
        # Lists of one text and lists whose sizes are powers of two; what is no ASCII.
        ("small.yaml", 9, {}),
    ]
    for name, seed, changes in cases:
        bank = yaml.safe_load((STANDARD if name == STANDARD.name else HERE / name).read_text("utf-8"))
        settings = DEFAULTS | changes
        first = list(itertools.islice(prompts(bank, settings, seed), PROMPTS))
        yield dict(
            bank=name,
            seed=seed,
            settings=settings,
            first=first[:3],
            sha256=hashlib.sha256("\n".join(first).encode()).hexdigest(),
        )


def integer_vectors():
    ranges = [(0, 1), (5, 6), (0, 2), (0, 3), (3, 9), (0, 10), (100, 1000), (-7, 8), (0, 25), (0, 1000)]
    ranges += [(0, 2**k) for k in (2, 3, 8, 10, 16, 31, 32, 33, 40, 62)]
    ranges += [(0, 2**k - 1) for k in (8, 16, 31, 32, 33, 63)]
    ranges += [(0, 2**k + 1) for k in (8, 16, 31, 32, 33, 62)]
    ranges += [(0, 3 * 2**30), (-(2**31), 2**31), (-(2**63), 2**63 - 1), (-(2**63), 0), (-(2**62), 2**62 + 1), (10**18, 9 * 10**18)]
    for i, (low, high) in enumerate(ranges):
        values = generator(i).integers(low, high, size=1000)
        rng = generator(i)
        assert values.tolist() == [int(rng.integers(low, high)) for _ in values], "size= and single calls differ"
        yield dict(
            seed=i,
            low=low,
            high=high,
            first=values[:12].tolist(),
            sha256=hashlib.sha256(",".join(map(str, values)).encode()).hexdigest(),
            next=hexadecimal(rng.bit_generator.random_raw()),
        )


def mixed_vector():
    """Draws of 32 and of 64 bits and none at all in turn: half of a step waits for the next 32."""
    rng = generator(2024)
    ranges = [(0, 10), (0, 2**40), (0, 1), (100, 1000), (0, 2**32), (0, 2**63 - 1), (0, 7)]
    return [
        dict(low=low, high=high, value=int(rng.integers(low, high)))
        for low, high in itertools.islice(itertools.cycle(ranges), 200)
    ]


def choice_vectors():
    for size in (1, 2, 9, 10, 15, 16, 19, 25):
        rng = generator(size)
        yield dict(size=size, drawn=[int(rng.choice(list(range(size)))) for _ in range(40)])


def state_vectors():
    for seed in (0, 1, 42, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 123_456_789_012_345, 2**63 - 1):
        yield dict(
            seed=seed,
            state=[hexadecimal(word) for word in np.random.SeedSequence(seed).generate_state(4, np.uint64)],
            raw=[hexadecimal(word) for word in np.random.PCG64(seed).random_raw(8)],
        )


def main():
    standard = yaml.safe_load(STANDARD.read_text("utf-8"))
    far = next(itertools.islice(prompts(standard, DEFAULTS, 42), FAR, None))
    golden = dict(
        states=list(state_vectors()),
        integers=list(integer_vectors()),
        mixed=mixed_vector(),
        choices=list(choice_vectors()),
        prompts=list(prompt_vectors()),
        far=[dict(seed=42, index=FAR, prompt=far)],
    )
    parts = [f'"numpy": "{np.__version__}"']
    for name, rows in golden.items():
        body = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f'"{name}": [\n  {body}]')
    (HERE / "golden.json").write_text("{" + ",\n".join(parts) + "}\n", "utf-8")


if __name__ == "__main__":
    main()
