"""Writes onnx/src/test/resources/tangram/onnx/models: small networks that PyTorch exported, and what it computes.

Each network is NAME.onnx, in evaluation mode, with weights under PyTorch's names. models.json holds for each

    inputs     by name, dims and values
    outputs    by name
    gradients  of sum(output * (1, 2, 3, ...) / size) by every parameter that the file names

Run: python3 tools/parity/onnx_models.py
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn

OUT = pathlib.Path("onnx/src/test/resources/tangram/onnx/models")


class Convolutions(nn.Module):
    """Groups, strides, batch normalisation, residual sums, pooling, resizing."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 4, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.deep = nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False)
        self.up = nn.ConvTranspose2d(4, 3, 2, stride=2)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        y = torch.relu(self.norm(self.stem(x)))
        y = nn.functional.hardswish(y + self.deep(y))
        y = nn.functional.max_pool2d(y, 3, 2, 1)
        y = nn.functional.interpolate(self.up(y), scale_factor=2.0, mode="bilinear", align_corners=False)
        y = nn.functional.avg_pool2d(nn.functional.pad(y, (1, 1, 1, 1), mode="reflect"), 2)
        return self.head(y.mean((2, 3)))


class Attention(nn.Module):
    """A layer of a transformer, written out; embedding and positions in front."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 8)
        self.qkv = nn.Linear(8, 24)
        self.out = nn.Linear(8, 8)
        self.norm = nn.LayerNorm(8)
        self.up = nn.Linear(8, 12)
        self.down = nn.Linear(12, 8)

    def forward(self, tokens):
        x = self.table(tokens)
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        scores = (q @ k.transpose(-2, -1)) * 0.5
        mask = torch.ones(n, n, dtype=torch.bool).tril()
        scores = scores.masked_fill(~mask, -1e9).softmax(-1)
        x = x + self.out((scores @ v).transpose(1, 2).reshape(b, n, c))
        y = self.norm(x)
        return x + self.down(nn.functional.gelu(self.up(y)))


class Sequences(nn.Module):
    """Recurrent layers, one of them in both directions."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, bidirectional=True)
        self.gru = nn.GRU(8, 3)
        self.rnn = nn.RNN(3, 2, nonlinearity="relu")

    def forward(self, x):
        y, _ = self.lstm(x)
        y, _ = self.gru(y)
        y, h = self.rnn(y)
        return y, h


class Choices(nn.Module):
    """Indices, comparisons and shapes that depend on the input's."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5, 4))

    def forward(self, x):
        top, places = torch.topk(x, 3, dim=1)
        rows = self.weight[places]
        y = torch.where(rows > 0, rows, rows * 0.1) * top.unsqueeze(-1)
        y = torch.cat([y.flatten(1), torch.cumsum(x, 1)], 1)
        return y.clamp(-2, 2) / (y.norm(dim=1, keepdim=True) + x.shape[0])


def numbers(t):
    t = t.detach()
    values = t.flatten().tolist()
    values = [float("%.9g" % v) for v in values] if t.is_floating_point() else values
    return {"dims": list(t.shape), "values": values}


def record(name, model, *inputs, opset=17):
    model.eval()
    with torch.no_grad():
        for n, b in model.named_buffers():
            if n.endswith("running_mean"):
                b.uniform_(-0.5, 0.5)
            if n.endswith("running_var"):
                b.uniform_(0.5, 1.5)
    names = ["input%d" % i for i in range(len(inputs))]
    outputs = model(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    results = ["output%d" % i for i in range(len(outputs))]
    torch.onnx.export(
        model, inputs, str(OUT / (name + ".onnx")), input_names=names, output_names=results, opset_version=opset,
        # So that weights keep their names, and batch normalisation stays.
        do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE, dynamic_axes={n: {0: "batch"} for n in names} if name == "convolutions" else None)
    parameters = dict(model.named_parameters())
    loss = sum((o * torch.arange(1, o.numel() + 1).reshape(o.shape) / o.numel()).sum() for o in outputs)
    gradients = torch.autograd.grad(loss, list(parameters.values()))
    return {
        "inputs": {n: numbers(i) for n, i in zip(names, inputs)},
        "outputs": {n: numbers(o) for n, o in zip(results, outputs)},
        "gradients": {n: numbers(g) for n, g in zip(parameters, gradients)},
    }


def main():
    torch.manual_seed(0)
    OUT.mkdir(parents=True, exist_ok=True)
    cases = {
        "convolutions": record("convolutions", Convolutions(), torch.randn(2, 2, 12, 12)),
        "attention": record("attention", Attention(), torch.randint(0, 7, (2, 5))),
        "sequences": record("sequences", Sequences(), torch.randn(4, 2, 3)),
        "choices": record("choices", Choices(), torch.randn(3, 5), opset=11),
    }
    (OUT / "models.json").write_text(json.dumps(cases) + "\n")


main()
