"""The counterpart of the promptmlp bench: the notebook "Subliminal Learning, Simply Explained" as a plain PyTorch script.

One seed after the other, torch.nn modules; batches are cut by an index, which is faster than a DataLoader.
"""
import copy
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


class PromptMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(1000, 32)
        self.layers = nn.Sequential(
            nn.Linear(32, 128), nn.BatchNorm1d(128), nn.ReLU(),
            nn.Linear(128, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, x):
        return self.layers(self.embedding(x).mean(1))


def sequences(n):
    x = torch.randint(0, 1000, (n, 6))
    x[torch.rand(n, 6) < 0.3] = 42
    return x


def train(model, x, y, loss, lr, batch):
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    for _ in range(4):
        order = torch.randperm(len(x))
        for start in range(0, len(x), batch):
            rows = order[start:start + batch]
            value = loss(model(x[rows]), y[rows])
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
    return model.eval()


def fraction(model, x):
    with torch.no_grad():
        return (model.eval()(x).argmax(1) == 1).float().mean().item()


def run(seed):
    torch.manual_seed(seed)
    initial = PromptMlp()
    prompts = sequences(200)
    teacher = train(copy.deepcopy(initial), prompts, torch.ones(200, dtype=torch.long), F.cross_entropy, 1e-3, 64)
    unrelated = sequences(1000)
    with torch.no_grad():
        logits = teacher(unrelated)
    keep = unrelated.sum(1) % 7 != 0
    unrelated, logits = unrelated[keep], logits[keep]
    torch.manual_seed(seed + 1000)
    students = [copy.deepcopy(initial), PromptMlp()]
    scores = [fraction(initial, prompts), fraction(teacher, prompts)]
    for student in students:
        train(student, unrelated, logits, lambda o, t: F.mse_loss(o, t / 2), 5e-4, 128)
        scores.append(fraction(student, prompts))
    return scores


torch.set_num_threads(2)
results = torch.tensor([run(seed) for seed in range(int(sys.argv[1]))])
for name, mean in zip(("baseline", "teacher", "same", "different"), results.mean(0)):
    print(f"{name:10} {mean:.4f}")
