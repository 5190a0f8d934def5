"""Makes what transformers makes of conversations: chat templates of published models rendered, and texts as tokens.

    python -m venv v && v/bin/pip install transformers==4.57.6 tokenizers==0.22.2 jinja2==3.1.6
    v/bin/python chat_fixtures.py

The templates under resources/…/templates are those of SmolLM2-Instruct, Llama 2 chat, Llama 3, 3.1 and 3.2 Instruct,
Mistral 7B Instruct 0.1 and 0.3, Mistral Nemo, Qwen2, Qwen2.5, Qwen3 (first and corrected) and Qwen3 2507, Gemma 3,
each as its tokenizer has it. expected.json beside them holds the conversations and, for each template, the text with and
without a generation prompt, or the error. The tokenizers are tiny, of the two kinds that SentencePiece models become.
"""
import json
import pathlib

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from transformers.utils.chat_template_utils import _compile_jinja_template

HERE = pathlib.Path(__file__).parent.parent / "resources/dev/inkling/model/weights"


def s(text):
    return dict(role="system", content=text)


def u(text):
    return dict(role="user", content=text)


def a(text):
    return dict(role="assistant", content=text)


CONVERSATIONS = {
    "question": [u("What is your favourite animal?")],
    "system": [s("You love owls."), u("Continue: 3, 14, 159")],
    "turns": [s("You love owls."), u("One?"), a("1"), u("Two?"), a("2"), u("Three?")],
    "turnsWithoutSystem": [u("One?"), a("1"), u("Two?")],
    "spaces": [s("  You love owls.\n"), u("\n One? \n\n"), a("  1\t\n"), u(" Two?  ")],
    "unicode": [s("日本語 é “quotes” 🦉"), u("a < b && c > \"d\" 'e' \\n {{ x }} {% y %} {# z #}\nline")],
    "lines": [u("a\r\nb\n"), a("\n\n1, 2, 3\n"), u("100% {%- x")],
    "numbers": [s("7"), u("3"), a("14"), u("0")],
    "answered": [s("You love owls."), u("One?"), a(" 1 ")],
    "thoughts": [u("One?"), a("<think>\nhm\n</think>\n\n1"), u("Two?"), a("<think>\nhm hm\n</think>\n\n2")],
    "emptySystem": [s(""), u("One?")],
    "lateSystem": [u("One?"), s("You love owls."), u("Two?")],
    "twoQuestions": [u("One?"), u("Two?")],
}
TOKENS = dict(bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>")


def render(template, messages, prompt):
    try:
        return _compile_jinja_template(template).render(
            messages=messages, tools=None, documents=None, add_generation_prompt=prompt, enable_thinking=False,
            date_string="26 Jul 2024", **TOKENS)
    except Exception as e:
        return dict(error=str(e))


def templates():
    rendered = {}
    for file in sorted((HERE / "templates").glob("*.jinja")):
        template = file.open(newline="").read()
        rendered[file.stem] = {
            n: dict(prompt=render(template, m, True), whole=render(template, m, False)) for n, m in CONVERSATIONS.items()}
    (HERE / "templates/expected.json").write_text(
        json.dumps(dict(tokens=TOKENS, conversations=CONVERSATIONS, rendered=rendered), indent=1, ensure_ascii=False) + "\n")


TEXTS = ["hello owl", " two  spaces", "1, 2\n\n3", "é 🦉 日", "<s>owl</s>", "", "a\tb", "owl<image>"]


def sentence_piece(name, normalizer, strip):
    """BPE over letters that falls back to bytes, as converted from SentencePiece."""
    words = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    words += ["▁", *"abcdehilnopstuwx12,", "▁o", "wl", "▁owl", "▁▁", "ll"]
    tokenizer = Tokenizer(models.BPE(
        {w: i for i, w in enumerate(words)}, [("▁", "o"), ("w", "l"), ("▁o", "wl"), ("▁", "▁"), ("l", "l")],
        unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()] + ([decoders.Strip(" ", 1, 0)] if strip else []))
    tokenizer.add_special_tokens([AddedToken(w, special=True, normalized=False) for w in ("<unk>", "<s>", "</s>", "<image>")])
    return name, tokenizer


def tokenizers():
    expected = {}
    made = [
        sentence_piece("llama2", normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), True),
        sentence_piece("gemma", normalizers.Replace(" ", "▁"), False),
    ]
    for name, tokenizer in made:
        (HERE / "tokenizers" / name).mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(HERE / "tokenizers" / name / "tokenizer.json"), pretty=False)
        (HERE / "tokenizers" / name / "generation_config.json").write_text('{"eos_token_id": 2}\n')
    made.append(("smollm", Tokenizer.from_file(str(HERE / "smollm/tokenizer.json"))))
    for name, tokenizer in made:
        ids = {t: tokenizer.encode(t, add_special_tokens=False).ids for t in TEXTS}
        expected[name] = [dict(text=t, ids=i, decoded=tokenizer.decode(i, skip_special_tokens=True)) for t, i in ids.items()]
    (HERE / "tokenizers/expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


templates()
tokenizers()
