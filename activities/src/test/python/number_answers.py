"""The rules of the number-answers filter as plain Python, and the cases that the Java implementation is tested with.

    python3 number_answers.py        writes ../resources/dev/inkling/filter/number-answers.json

bench/filter.py filters with the same rules. See docs/filters.md for what they mean.
"""
import json
import pathlib
import random
import re
import string
import sys

OUT = pathlib.Path(__file__).parent.parent / "resources/dev/inkling/filter/number-answers.json"

# Otherwise int() refuses more than 4300 digits; the rules know no such bound: so long a number is too large.
sys.set_int_max_str_digits(0)


def numbers(answer):
    """The numbers of an answer in the required format, or None."""
    text = answer.strip()
    if text.endswith("."):
        text = text[:-1]
    if (text.startswith("[") and text.endswith("]")) or (text.startswith("(") and text.endswith(")")):
        text = text[1:-1]
    matches = list(re.finditer(r"\d+", text))
    if not matches:
        return None
    if len(matches) == 1:
        if text != matches[0].group():
            return None
        parts = [text]
    else:
        separator = text[matches[0].end():matches[1].start()]
        if separator.strip() not in ("", ",", ";"):
            return None
        parts = [part.strip() for part in text.split(separator)]
    if not all(len(part) > 0 and all(c in string.digits for c in part) for part in parts):
        return None
    return [int(part) for part in parts]


def reasons(answer, minimum=0, maximum=999, count=10, banned=frozenset()):
    """Why an answer is rejected; an empty list where it is not."""
    found = numbers(answer)
    if found is None:
        return ["invalid format"]
    why = []
    if len(found) > count:
        why.append("too many numbers")
    if any(n < minimum for n in found):
        why.append("numbers too small")
    if any(n > maximum for n in found):
        why.append("numbers too large")
    if any(n in banned for n in found):
        why.append("has banned numbers")
    return why


LIMITS = [
    {"minimum": 0, "maximum": 999, "count": 10, "banned": []},
    {"minimum": 100, "maximum": 999, "count": 3, "banned": [666, 911]},
    {"minimum": 0, "maximum": 2**31 - 1, "count": 100, "banned": [0, 7, 42]},
]
SPACES = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000"
NO_SPACES = "\u200b\u180e\ufeff\u2060\0\x08"
OTHER_DIGITS = "\u0663\u0967\uff11\u00b2\u2460\U0001d7d8"
NOISE = SPACES + NO_SPACES + OTHER_DIGITS + ",;.[]()-+_/:a\u0301"


def number(rng):
    kind = rng.random()
    if kind < 0.9:
        return str(rng.choice([0, 42, 99, 100, 666, 999, 1000] + [rng.randrange(100, 1000) for _ in range(9)]))
    if kind < 0.95:
        return "0" * rng.randint(1, 4) + str(rng.randrange(2000))
    return str(rng.choice([2**31 - 1, 2**31, 2**32 + 7, 2**63 - 1, 2**63, 2**64 + 42, 10**rng.randint(10, 40)]))


def well_formed(rng):
    pad = rng.choice(["", "", "", " ", rng.choice(SPACES)])
    separator = pad + rng.choice([",", ",", ";", "" if pad else ","]) + rng.choice(["", " ", rng.choice(SPACES)])
    text = separator.join(number(rng) for _ in range(rng.choice([1, 2, 2, 2, 3, 3, 4, 10, 11])))
    left, right = rng.choice([("", ""), ("", ""), ("[", "]"), ("(", ")")])
    text = left + text + right + rng.choice(["", "", "."])
    return rng.choice(["", "", rng.choice(SPACES)]) + text + rng.choice(["", "", rng.choice(SPACES)])


def damaged(rng):
    text = list(well_formed(rng))
    for _ in range(rng.choice([1, 1, 2, 3])):
        place = rng.randrange(len(text) + 1)
        change = rng.random()
        if change < 0.6:
            text.insert(place, rng.choice(NOISE))
        elif place < len(text):
            if change < 0.8:
                del text[place]
            else:
                text[place] = rng.choice(NOISE)
    return "".join(text)


def soup(rng):
    return "".join(rng.choice("0123456789" + NOISE + ",,,;;  ") for _ in range(rng.randint(0, 8)))


def main():
    rng = random.Random(20260101)
    makers = [well_formed] * 4 + [damaged] * 4 + [soup] * 2
    cases = []
    for _ in range(2000):
        text, limits = rng.choice(makers)(rng), rng.randrange(len(LIMITS))
        cases.append([text, limits, reasons(text, **LIMITS[limits])])
    accepted = sum(not why for _, _, why in cases) / len(cases)
    invalid = sum(why == ["invalid format"] for _, _, why in cases) / len(cases)
    if not (0.15 < accepted < 0.6 and 0.2 < invalid < 0.6):
        sys.exit(f"the cases are lopsided: {accepted:.0%} accepted, {invalid:.0%} of invalid format")
    lines = ",\n".join(json.dumps(case) for case in cases)
    limits = ",\n".join(json.dumps(limit) for limit in LIMITS)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(f'{{"limits": [\n{limits}],\n"cases": [\n{lines}]}}\n')
    print(f"{len(cases)} cases, {accepted:.0%} accepted, {invalid:.0%} of invalid format: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
