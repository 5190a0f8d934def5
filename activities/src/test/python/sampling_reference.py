"""What Hugging Face transformers leaves of a distribution, for SamplingTest. torch 2.7.1, transformers 4.57.6."""

import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

LOGITS = [0.5, 2.0, -1.0, 1.5, 2.0, -3.0, 0.0, 1.0, 3.0, -0.5]

for temperature, top_k, top_p in [(1, 0, 1), (0.7, 0, 1), (1, 2, 1), (1, 4, 1), (1, 0, 0.8), (1, 0, 0), (1.3, 6, 0.9), (0.5, 3, 0.5)]:
    scores = torch.tensor([LOGITS])
    warpers = [TemperatureLogitsWarper(float(temperature))]
    warpers += [TopKLogitsWarper(top_k)] if top_k > 0 else []
    warpers += [TopPLogitsWarper(float(top_p))] if top_p < 1 else []
    for warper in warpers:
        scores = warper(None, scores)
    probabilities = ", ".join(f"{p:.6f}" for p in scores.softmax(-1)[0].tolist())
    print(f"{temperature}; {top_k}; {top_p}; {probabilities}")
