"""Makes the known answers that the tests compare with: PyTorch's losses, gradients and Adam steps, scipy's intervals.

    python -m venv v && v/bin/pip install torch==2.7.1 numpy scipy && v/bin/python golden.py

Networks are written here model by model with torch.nn and torch.optim, not as an ensemble.
"""
import json
import pathlib

import numpy as np
import scipy.stats
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent.parent / "resources/dev/inkling"
STEPS = 3


class Mlp(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)

    def parts(self):
        for i, layer in enumerate(self.layers):
            yield f"layers.{i}.weight", layer.weight.T
            yield f"layers.{i}.bias", layer.bias[None]

    def buffers_by_name(self):
        return []


class PromptMlp(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, classes):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        sizes = [embedding, *hidden]
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm1d(b) for b in hidden)
        self.output = nn.Linear(sizes[-1], classes)

    def forward(self, x):
        h = self.embedding(x).mean(1)
        for linear, norm in zip(self.linears, self.norms):
            h = F.relu(norm(linear(h)))
        return self.output(h)

    def parts(self):
        yield "embedding", self.embedding.weight
        for i, (linear, norm) in enumerate(zip(self.linears, self.norms)):
            yield f"hidden.{i}.weight", linear.weight.T
            yield f"hidden.{i}.bias", linear.bias[None]
            yield f"hidden.{i}.norm.gain", norm.weight[None]
            yield f"hidden.{i}.norm.shift", norm.bias[None]
        yield "output.weight", self.output.weight.T
        yield "output.bias", self.output.bias[None]

    def buffers_by_name(self):
        for i, norm in enumerate(self.norms):
            yield f"hidden.{i}.norm.mean", norm.running_mean[None]
            yield f"hidden.{i}.norm.variance", norm.running_var[None]


def stack(named):
    """[{name: tensor}] of the models -> {name: nested list with the models first}"""
    return {k: torch.stack([m[k].detach() for m in named]).tolist() for k in named[0]}



def case(name, make, inputs, targets, loss, lr, spec):
    """Trains two models apart; inputs and targets hold each model's own rows, which may differ in number."""
    models = [make(seed) for seed in (1, 2)]
    optimisers = [torch.optim.Adam(m.parameters(), lr=lr) for m in models]
    result = {"name": name, "lr": lr, **spec}
    result["initial"] = stack([dict([*m.parts(), *m.buffers_by_name()]) for m in models])
    result["inputs"] = [x.tolist() for x in inputs]
    result["targets"] = [t.tolist() for t in targets]
    # Before training: afterwards the logits hang on biases that stand before a batch norm, which have no true gradient
    # and go where rounding pushes them.
    for m in models:
        m.eval()
    result["logits"] = [m(x).tolist() for m, x in zip(models, inputs)]
    for m in models:
        m.train()
    result["losses"] = []
    for step in range(STEPS):
        losses = []
        for model, optimiser, x, t in zip(models, optimisers, inputs, targets):
            optimiser.zero_grad()
            value = loss(model(x), t)
            value.backward()
            if step == 0:
                model.first = {}
                lookup = {id(p): p.grad.clone() for p in model.parameters()}
                model.first = lookup
            optimiser.step()
            losses.append(value.item())
        result["losses"].append(losses)
        if step == 0:
            grads = []
            for model in models:
                saved = {n: p.detach().clone() for n, p in model.named_parameters()}
                for p in model.parameters():
                    p.data.copy_(model.first[id(p)])
                grads.append({k: v.detach().clone() for k, v in model.parts()})
                for n, p in model.named_parameters():
                    p.data.copy_(saved[n])
            result["gradients"] = stack(grads)
            result["buffers"] = stack([dict(m.buffers_by_name()) for m in models])
    trained = stack([dict(m.parts()) for m in models])
    result["trained"] = {k: v for k, v in trained.items() if not (k.startswith("hidden") and k.endswith(".bias"))}
    return result


def mlp(seed):
    torch.manual_seed(seed)
    return Mlp([6, 5, 4, 7])


def prompt(seed):
    torch.manual_seed(seed)
    return PromptMlp(9, 4, [5, 3], 2)


def kl(first):
    return lambda o, t: F.kl_div(
        F.log_softmax(o[:, first:], -1), F.log_softmax(t[:, first:], -1), log_target=True, reduction="batchmean")


torch.manual_seed(0)
pixels = [torch.rand(8, 6) * 2 - 1 for _ in range(2)]
labels = [torch.randint(0, 4, (8,)) for _ in range(2)]
logits = [torch.randn(8, 7) for _ in range(2)]
# The second model has fewer rows: its padding must not show.
tokens = [torch.randint(0, 9, (8, 3)), torch.randint(0, 9, (5, 3))]
classes = [torch.randint(0, 2, (8,)), torch.randint(0, 2, (5,))]
answers = [torch.randn(8, 2), torch.randn(5, 2)]

cases = [
    case("mlp cross-entropy", mlp, pixels, labels, lambda o, t: F.cross_entropy(o[:, :4], t), 3e-2,
         {"network": "mlp", "loss": {"type": "cross-entropy"}}),
    case("mlp kl all", mlp, pixels, logits, kl(0), 3e-2,
         {"network": "mlp", "loss": {"type": "kl", "logits": "all"}}),
    case("mlp kl ghost", mlp, pixels, logits, kl(4), 3e-2,
         {"network": "mlp", "loss": {"type": "kl", "logits": "ghost"}}),
    case("prompt-mlp cross-entropy", prompt, tokens, classes, F.cross_entropy, 3e-2,
         {"network": "prompt-mlp", "loss": {"type": "cross-entropy"}}),
    case("prompt-mlp mse", prompt, tokens, answers, lambda o, t: F.mse_loss(o, t * 0.5), 3e-2,
         {"network": "prompt-mlp", "loss": {"type": "mse", "targetScale": 0.5}}),
]
(HERE / "tensor/golden.json").write_text(json.dumps(cases))

rng = np.random.default_rng(5)
statistics = {"t": [], "wilson": [], "welch": []}
for n, shift in ((2, 0.1), (3, 0.5), (10, 0.02), (100, -0.1)):
    values = rng.normal(shift, 0.3, n)
    interval = scipy.stats.t.interval(0.95, n - 1, values.mean(), scipy.stats.sem(values))
    p = scipy.stats.ttest_1samp(values, 0).pvalue
    statistics["t"].append({"values": values.tolist(), "low": interval[0], "high": interval[1], "p": p})
for hits, n in ((0, 10), (3, 10), (200, 200), (517, 2000)):
    ci = scipy.stats.binomtest(hits, n).proportion_ci(0.95, "wilson")
    statistics["wilson"].append({"hits": hits, "n": n, "low": ci.low, "high": ci.high})
for n, m, spread in ((2, 2, 0.1), (3, 7, 0.5), (10, 100, 0.02), (50, 50, 1.0)):
    here, there = rng.normal(0.6, 0.3, n), rng.normal(0.5, spread, m)
    test = scipy.stats.ttest_ind(here, there, equal_var=False)
    ci = test.confidence_interval(0.95)
    statistics["welch"].append({"here": here.tolist(), "there": there.tolist(), "difference": here.mean() - there.mean(),
                                "low": ci.low, "high": ci.high, "degrees": test.df, "p": test.pvalue})
(HERE / "report/golden.json").write_text(json.dumps(statistics, indent=1))
