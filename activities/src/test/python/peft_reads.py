"""What PEFT computes with an adapter that this project wrote (LoraAdapterTest writes it byte for byte).

    v/bin/python peft_reads.py      # versions as in transformer_fixtures.py
"""
import json
import pathlib

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).parent.parent / "resources/dev/inkling"
BASE = HERE / "model/weights/llama"
WRITTEN = HERE / "tensor/transformer/written"

ids = json.loads((BASE / "expected.json").read_text())["ids"][:1]
base = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32, attn_implementation="eager")
model = PeftModel.from_pretrained(base, WRITTEN).eval()
assert len([n for n, _ in model.named_parameters() if "lora_" in n]) == 2 * 3 * base.config.num_hidden_layers
with torch.no_grad():
    logits = model(torch.tensor(ids)).logits
    with model.disable_adapter():
        assert (model(torch.tensor(ids)).logits - logits).abs().max() > 0.1
(WRITTEN / "expected.json").write_text(json.dumps(dict(logits=[round(x, 6) for x in logits.flatten().tolist()])) + "\n")
