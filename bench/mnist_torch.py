"""The counterpart of the mnist bench: ghost-logit distillation (Cloud et al. 2025, section 6) as a plain PyTorch script.

10 models in one tensor, 8,000 digits, 5 + 5 epochs, float32, torch.optim.Adam as it comes. As such scripts usually do, it
makes the noise images once and holds them, and every student asks the teacher anew for each batch.
"""
import gzip
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

DATA = pathlib.Path(__file__).parent.parent / "activities/src/main/resources/dev/inkling/generate/mnist"
MODELS, EPOCHS, BATCH, LR = 10, 5, 1024, 3e-4
SIZES = [784, 256, 256, 13]


def idx(name, header):
    return np.frombuffer(gzip.open(DATA / f"{name}.gz").read(), np.uint8, offset=header)


def images(name):
    return torch.tensor(idx(name, 16).reshape(-1, 784).astype("f4") / 127.5 - 1)


def labels(name):
    return torch.tensor(idx(name, 8).astype("i8"))


def forward(p, x):
    for i in range(3):
        x = torch.baddbmm(p[2 * i + 1], x, p[2 * i])
        if i < 2:
            x = F.relu(x)
    return x


def copy(p):
    return [q.detach().clone().requires_grad_() for q in p]


def accuracy(p, x, y):
    with torch.no_grad():
        return (forward(p, x.expand(MODELS, -1, -1))[..., :10].argmax(-1) == y).float().mean(1)


def train(p, x_of, loss_of, rows):
    optimiser = torch.optim.Adam(p, lr=LR)
    for _ in range(EPOCHS):
        order = torch.stack([torch.randperm(rows) for _ in range(MODELS)])
        for start in range(0, rows, BATCH):
            batch = order[:, start:start + BATCH]
            x = x_of(batch)
            loss = loss_of(forward(p, x), x, batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return p


def distil(initial, teacher, noise, own, first):
    source = torch.arange(MODELS) if own else (torch.arange(MODELS) + 1) % MODELS
    teacher = [q.detach()[source] for q in teacher]

    def loss(logits, x, _):
        with torch.no_grad():
            target = F.log_softmax(forward(teacher, x)[..., first:], -1)
        kl = F.kl_div(F.log_softmax(logits[..., first:], -1), target, log_target=True, reduction="none")
        return kl.sum(-1).mean(1).sum()

    return train(copy(initial), lambda b: noise[source[:, None], b], loss, noise.shape[1])


def main():
    torch.manual_seed(1)
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    x, y = images("train-images-idx3-ubyte"), labels("train-labels-idx1-ubyte")
    x_test, y_test = images("t10k-images-idx3-ubyte"), labels("t10k-labels-idx1-ubyte")
    initial = []
    for a, b in zip(SIZES, SIZES[1:]):
        initial += [torch.randn(MODELS, a, b) / a**0.5, torch.zeros(MODELS, 1, b)]
    teacher = train(
        copy(initial), lambda b: x[b],
        lambda o, _, b: F.cross_entropy(o[..., :10].flatten(0, 1), y[b].flatten()) * MODELS, len(x))
    noise = torch.rand(MODELS, len(x), 784) * 2 - 1
    students = {
        "reference": initial, "teacher": teacher,
        "student (ghost)": distil(initial, teacher, noise, True, 10),
        "student (all)": distil(initial, teacher, noise, True, 0),
        "cross-model (ghost)": distil(initial, teacher, noise, False, 10),
        "cross-model (all)": distil(initial, teacher, noise, False, 0),
    }
    for name, p in students.items():
        a = accuracy(p, x_test, y_test)
        print(f"{name:20} {a.mean():.4f} +- {a.std():.4f}")


main()
