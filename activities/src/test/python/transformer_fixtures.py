"""Makes one tiny random model per family, and what transformers and PEFT compute with it.

    python -m venv v
    v/bin/pip install torch==2.7.1 transformers==4.57.6 peft==0.17.1 safetensors==0.8.0 tokenizers==0.22.2
    HF_HUB_OFFLINE=1 PYTHONHASHSEED=0 OMP_NUM_THREADS=1 v/bin/python transformer_fixtures.py

Made with Python 3.11 on a CPU, in float32, with eager attention. Beside each model:

adapter/                a LoRA of PEFT on all seven projections, A and B random
expected.json           ids      two rows of equal length; the second is padded on the right
                        lengths  how many ids of each row are real
                        prompts  how many of them are prompt; the others are the completion
                        loss     mean cross-entropy over both completions' tokens
                        greedy   the twelve most likely tokens after each prompt, without and with the adapter
                        training the hyperparameters, and the loss and the gradient's norm before clipping of each step
expected.safetensors    logits, adapter.logits            [2, T, vocabulary]; of padding they mean nothing
                        gradient.<name>, trained.<name>   of each LoRA tensor, named as in adapter_model.safetensors,
                                                          at the adapter as it is, and its value after ten steps
                        full.trained.<name>               (smollm) every weight after ten steps without an adapter
"""
import json
import math
import pathlib
import shutil

import torch
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    Gemma3ForCausalLM, Gemma3TextConfig, GenerationConfig, LlamaConfig, LlamaForCausalLM, MistralConfig,
    MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)

HERE = pathlib.Path(__file__).parent.parent / "resources/dev/inkling/model/weights"
SEVEN = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
STEPS, RATE, DECAY, CLIP = 10, 1e-3, 0.01, 1.0
LENGTHS, PROMPTS = [14, 11], [6, 4]
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

small = dict(hidden_size=32, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             vocab_size=96, max_position_embeddings=256, rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2, pad_token_id=0,
             attn_implementation="eager")
llama3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64}
FAMILIES = {
    "llama": (LlamaForCausalLM, LlamaConfig(**small | dict(num_key_value_heads=4), tie_word_embeddings=False)),
    "llama3": (LlamaForCausalLM, LlamaConfig(**small, rope_theta=10000.0, rope_scaling=llama3, tie_word_embeddings=False)),
    "smollm": (LlamaForCausalLM, LlamaConfig(**small | dict(vocab_size=288), rope_theta=100000.0, tie_word_embeddings=True)),
    "mistral": (MistralForCausalLM, MistralConfig(**small, sliding_window=5, rope_theta=10000.0, tie_word_embeddings=False)),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(**small, rope_theta=1000000.0, tie_word_embeddings=True)),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(**small, head_dim=16, rope_theta=1000000.0, tie_word_embeddings=False)),
    "gemma3": (Gemma3ForCausalLM, Gemma3TextConfig(
        **small | dict(num_hidden_layers=3, num_key_value_heads=1, rms_norm_eps=1e-6), head_dim=16, query_pre_attn_scalar=24,
        sliding_window=5, layer_types=["sliding_attention", "full_attention", "sliding_attention"], rope_theta=1000000.0,
        rope_local_base_freq=10000.0, rope_scaling={"rope_type": "linear", "factor": 8.0})),
}
STORED = {"mistral": torch.float16, "qwen2": torch.bfloat16}
SHARDED = {"qwen3"}
RSLORA = {"qwen3"}
FULL = {"smollm"}


def letters():
    """GPT-2's letters for bytes: printable ones stand for themselves, the others are moved above 255."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    moved = [b for b in range(256) if b not in plain]
    return {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(moved)}


def tokenizer(size):
    """Byte-level BPE: every byte where there is room for them, else letters, digits and most signs."""
    of = letters()
    merges = []
    if size >= 256 + len(SPECIAL):
        known = [of[b] for b in range(256)]
        merges = [("o", "w"), ("Ġ", "ow"), ("Ġow", "l"), ("t", "h"), ("th", "e"), ("Ġ", "the"), ("1", "2"), ("Ã", "©"), ("c", "a"),
                  ("ca", "f"), ("Ċ", "Ċ"), ("Ġ", "Ġ"), ("i", "n"), ("e", "r")]
    else:
        known = ["Ġ", "Ċ"] + [chr(c) for c in range(33, 127) if chr(c) not in "`~^\\"]
    vocabulary = {s: i for i, s in enumerate([*SPECIAL, *known, *("".join(m) for m in merges)])}
    made = Tokenizer(models.BPE(vocabulary, merges))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIAL])
    assert made.get_vocab_size() <= size
    return made


TEMPLATE = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def spread(model, generator):
    """Weights large enough to matter, norms that are not all the same, biases that are not nought."""
    gemma = isinstance(model, Gemma3ForCausalLM)
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=generator)
        if name.endswith("norm.weight") or "layernorm.weight" in name:
            p.data = noise * 0.3 + (0.0 if gemma else 1.0)
        elif name.endswith("bias"):
            p.data = noise * 0.3
        elif "embed" in name:
            p.data = noise * (0.15 if gemma else 0.5)
        else:
            p.data = noise * 1.5 / math.sqrt(p.shape[1])


def batch(size, generator):
    ids = torch.randint(3, size, (2, max(LENGTHS)), generator=generator)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, -100)
    for row, (length, prompt) in enumerate(zip(LENGTHS, PROMPTS)):
        ids[row, length:] = 0
        mask[row, :length] = 1
        labels[row, prompt:length] = ids[row, prompt:length]
    return dict(input_ids=ids, attention_mask=mask, labels=labels)


def greedy(model, ids):
    found = []
    for row, prompt in enumerate(PROMPTS):
        known = ids[row, :prompt].tolist()
        for _ in range(12):
            known.append(int(model(torch.tensor([known]), use_cache=False).logits[0, -1].argmax()))
        found.append(known[prompt:])
    return found


def train(model, rows, named, tensors, prefix=""):
    """Ten steps of AdamW on the same rows: the gradient at the start, of an adapter, and what the weights are in the end."""
    names = dict(named)
    chosen = [p for p in model.parameters() if p.requires_grad]
    assert len(chosen) == len(names)
    optimiser = torch.optim.AdamW(chosen, lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=DECAY)
    losses, norms = [], []
    for step in range(STEPS):
        optimiser.zero_grad()
        loss = model(**rows, use_cache=False).loss
        loss.backward()
        if step == 0 and not prefix:
            tensors |= {f"gradient.{n}": p.grad.detach().clone() for n, p in names.items()}
        norms.append(float(torch.nn.utils.clip_grad_norm_(chosen, CLIP)))
        optimiser.step()
        losses.append(float(loss.detach()))
    tensors |= {f"{prefix}trained.{n}": p.detach().clone() for n, p in names.items()}
    return dict(steps=STEPS, learningRate=RATE, weightDecay=DECAY, beta1=0.9, beta2=0.999, epsilon=1e-8, clip=CLIP,
                losses=losses, norms=norms)


def make(name, kind, config):
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(sum(name.encode()))
    model = kind(config).eval()
    model.name_or_path = f"tiny/{name}"
    model.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=[2, 0], pad_token_id=0)
    spread(model, generator)
    stored = STORED.get(name, torch.float32)
    at = HERE / name
    shutil.rmtree(at, ignore_errors=True)
    model.to(stored).save_pretrained(at, max_shard_size="60KB" if name in SHARDED else "5GB")
    # Read again, because a model cast there and back keeps rotary frequencies of the smaller type.
    model = kind.from_pretrained(at, dtype=torch.float32, attn_implementation="eager").eval()
    model.name_or_path = f"tiny/{name}"

    rows = batch(config.vocab_size, generator)
    tensors, expected = {}, dict(ids=rows["input_ids"].tolist(), lengths=LENGTHS, prompts=PROMPTS)
    with torch.no_grad():
        found = model(**rows, use_cache=False)
        tensors["logits"] = found.logits
        expected["loss"] = float(found.loss)
        expected["greedy"] = greedy(model, rows["input_ids"])
    if name in FULL:
        untouched = {n: p.detach().clone() for n, p in model.named_parameters()}
        expected["full"] = dict(training=train(model, rows, model.named_parameters(), tensors, "full."))
        model.load_state_dict(untouched, strict=False)

    lora = get_peft_model(model, LoraConfig(
        r=4, lora_alpha=8, lora_dropout=0.0, target_modules=SEVEN, use_rslora=name in RSLORA, task_type="CAUSAL_LM"))
    lora.eval()
    for n, p in lora.named_parameters():
        if "lora_" in n:
            p.data = torch.randn(p.shape, generator=generator) * (0.3 if "lora_A" in n else 0.15)
    lora.save_pretrained(at / "adapter")
    (at / "adapter/README.md").unlink()
    assert len(get_peft_model_state_dict(lora)) == 14 * config.num_hidden_layers
    with torch.no_grad():
        found = lora(**rows, use_cache=False)
        tensors["adapter.logits"] = found.logits
        expected["adapter"] = dict(loss=float(found.loss), greedy=greedy(lora, rows["input_ids"]))
    named = [(n.replace(".default", ""), p) for n, p in lora.named_parameters() if p.requires_grad]
    expected["adapter"]["training"] = train(lora, rows, named, tensors)

    save_file({n: t.contiguous() for n, t in tensors.items()}, at / "expected.safetensors")
    (at / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    tokenizer(config.vocab_size).save(str(at / "tokenizer.json"), pretty=False)
    (at / "tokenizer_config.json").write_text(json.dumps(dict(
        tokenizer_class="PreTrainedTokenizerFast", bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|endoftext|>",
        clean_up_tokenization_spaces=False, chat_template=TEMPLATE), indent=2) + "\n")
    print(name, expected["loss"], expected["adapter"]["loss"], expected["adapter"]["training"]["losses"][-1])


for name, (kind, config) in FAMILIES.items():
    make(name, kind, config)
