"""The Hugging Face side of bench/transformer.py: transformers and PEFT as one uses them, and the models that both sides measure.

    python bench/transformer_torch.py make DIRECTORY SHAPE [--device cuda]
    python bench/transformer_torch.py train DIRECTORY --rows 8 --length 96 --completion 32 --steps 5 [...]
    python bench/transformer_torch.py sample DIRECTORY --rows 32 --prompt 64 --new 48 [...]
    python bench/transformer_torch.py logits DIRECTORY FILE --rows 2 --length 32 [...]

`make` writes random weights of a published model's shape, an adapter whose B is not zero, and token numbers (ids.i32), so that
both sides start from the same and their losses can be compared. Each other command prints one line of JSON.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import time

import numpy as np
import torch
import transformers
from torch.nn import functional as F

LLAMA = {"model_type": "llama", "rms_norm_eps": 1e-5, "tie_word_embeddings": True, "max_position_embeddings": 8192, "rope_theta": 100000.0}
QWEN = {"model_type": "qwen2", "rms_norm_eps": 1e-6, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "use_sliding_window": False}


def shape(common, layers, hidden, heads, key_value_heads, intermediate, vocabulary, tied):
    return {
        **common, "num_hidden_layers": layers, "hidden_size": hidden, "num_attention_heads": heads, "num_key_value_heads": key_value_heads,
        "intermediate_size": intermediate, "vocab_size": vocabulary, "tie_word_embeddings": tied, "bos_token_id": 1, "eos_token_id": 2}


SHAPES = {
    "tiny": shape(QWEN, 2, 64, 4, 2, 96, 320, True),
    "smollm2-135m": shape(LLAMA, 30, 576, 9, 3, 1536, 49152, True),
    "qwen2.5-1.5b": shape(QWEN, 28, 1536, 12, 2, 8960, 151936, True),
    "qwen2.5-7b": shape(QWEN, 28, 3584, 28, 4, 18944, 152064, False),
}
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK, ALPHA = 8, 16
SEQUENCES, LONGEST = 1024, 256  # what ids.i32 holds


CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def write_tokenizer(directory, vocabulary):
    """Every byte is a token, so a prompt has as many tokens as letters; names fill up the vocabulary."""
    import tokenizers

    names = CONTROL + sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    names += [f"f{i}" for i in range(len(names), vocabulary)]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE({name: i for i, name in enumerate(names)}, []))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens(CONTROL)
    tokenizer.save(str(directory / "tokenizer.json"))
    template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": template, "bos_token": CONTROL[1], "eos_token": CONTROL[2]}
    (directory / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def make(directory, options):
    import peft

    torch.manual_seed(1)
    kind = dict(SHAPES[options.shape])
    config = transformers.AutoConfig.for_model(kind.pop("model_type"), **kind)
    with torch.device(options.device):
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:  # norms and biases, which would start as ones and zeros
                parameter.add_(0.02 * torch.randn_like(parameter))
    directory.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(directory)
    # As published models write it; transformers 5 writes other names.
    written = {"architectures": [type(model).__name__], "torch_dtype": "bfloat16", "hidden_act": "silu", **SHAPES[options.shape]}
    (directory / "config.json").write_text(json.dumps(written, indent=2) + "\n")
    write_tokenizer(directory, kind["vocab_size"])
    parameters = sum(p.numel() for p in model.parameters())
    adapted = peft.get_peft_model(model, peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=TARGETS, task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.02 * torch.randn_like(parameter))
    adapted.save_pretrained(directory / "adapter")
    tokens = np.random.default_rng(1).integers(3, kind["vocab_size"], (SEQUENCES, LONGEST), dtype=np.int32)
    tokens.astype("<i4").tofile(directory / "ids.i32")
    print(json.dumps({"made": str(directory), "parameters": parameters}))


def ids(directory, first, rows, length):
    """Sequences of ids.i32 from the first on, cut to a length."""
    all_ids = np.fromfile(directory / "ids.i32", "<i4").reshape(SEQUENCES, LONGEST)
    return torch.from_numpy(all_ids[(first + np.arange(rows)) % SEQUENCES, :length].astype("i8"))


def load(directory, options):
    precision = {"fp32": torch.float32, "bf16": torch.bfloat16}[options.precision]
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=precision, attn_implementation="sdpa").to(options.device)
    return model.eval()


def adapted(directory, options):
    import peft

    model = peft.PeftModel.from_pretrained(load(directory, options), directory / "adapter", is_trainable=True)
    return model.train()


def loss_of(model, batch, options):
    """The mean over the completions' tokens: as usual, with logits of every position, or of those that count only."""
    start = options.length - options.completion
    if options.head == "all":
        labels = batch.clone()
        labels[:, :start] = -100
        return model(input_ids=batch, labels=labels).loss
    inner = model.base_model.model
    hidden = inner.model(input_ids=batch).last_hidden_state[:, start - 1:-1]
    return F.cross_entropy(inner.lm_head(hidden).float().flatten(0, 1), batch[:, start:].flatten())


def train(directory, options):
    model = adapted(directory, options)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=options.lr, weight_decay=0.0)
    losses, seconds = [], []
    for step in range(options.warm + options.steps):
        batch = ids(directory, step * options.rows, options.rows, options.length).to(options.device)
        began = time.perf_counter()
        loss = loss_of(model, batch, options)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        losses.append(loss.item())
        if options.device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    report(options, seconds[options.warm:], options.rows * options.length, losses=losses)


@torch.inference_mode()
def sample(directory, options):
    """Rows of different prompts, or one prompt's samples."""
    model = load(directory, options)
    prompts = ids(directory, 0, 1 if options.shared else options.rows, options.prompt).to(options.device)
    settings = {"num_return_sequences": options.rows} if options.shared else {}
    seconds = []
    for _ in range(options.warm + options.steps):
        began = time.perf_counter()
        written = model.generate(
            prompts, attention_mask=torch.ones_like(prompts), do_sample=True, temperature=1.0, top_k=0, top_p=1.0, pad_token_id=2,
            min_new_tokens=options.new, max_new_tokens=options.new, **settings)
        if options.device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
        assert written.shape == (options.rows, options.prompt + options.new)
    report(options, seconds[options.warm:], options.rows * options.new)


@torch.inference_mode()
def logits(directory, options):
    """Compares logits of every position, without the adapter, with those in a file of float32."""
    model = load(directory, options)
    batch = ids(directory, 0, options.rows, options.length).to(options.device)
    theirs = model(input_ids=batch).logits.float().cpu().flatten(0, 1)
    ours = torch.from_numpy(np.fromfile(options.file, "<f4")).view_as(theirs)
    difference = (theirs - ours).abs()
    print(json.dumps({
        "positions": len(theirs), "most": difference.max().item(), "mean": difference.mean().item(), "largest": theirs.abs().max().item(),
        "same_choice": (theirs.argmax(1) == ours.argmax(1)).float().mean().item()}))


def report(options, seconds, tokens, **more):
    median = statistics.median(seconds)
    line = {"side": "torch", "ms": 1000 * median, "least_ms": 1000 * min(seconds), "tokens_per_second": tokens / median}
    line["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if options.device == "cuda":
        line["peak_allocated_mib"] = torch.cuda.max_memory_allocated() / 2**20
    print(json.dumps({**line, **more}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["make", "train", "sample", "logits"])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("shape", nargs="?", help="make: a shape; logits: a file")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    for name, value in (("rows", 8), ("length", 96), ("completion", 32), ("prompt", 64), ("new", 48), ("steps", 3), ("warm", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--head", default="all", choices=["all", "completion"])
    parser.add_argument("--shared", action="store_true")
    options = parser.parse_args()
    options.file = options.shape
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(options.threads)
    {"make": make, "train": train, "sample": sample, "logits": logits}[options.what](options.directory, options)


main()
