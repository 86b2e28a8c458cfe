"""Recording of fixtures: runs a PyTorch function in double precision and writes what it gave.

A fixture file is one JSON object {"generator", "cases"}. A case holds

    name          unique in the file
    op            the operation
    attributes    its settings
    inputs        {name: array}
    outputs       {name: array}
    grad_outputs  {name: array}  gradient of some loss with respect to each floating-point output
    grads         {name: array}  gradient of the same loss with respect to each input that has one

An array is {"shape": [...], "data": [...]} in row-major order, with "type": "int32" for integers.
A shape of [] is a scalar. Inputs and grad_outputs are rounded to three decimals, then to float32,
before anything is computed; all arithmetic is in float64; results are written as the shortest
decimals that give the nearest float32.
"""

import json
import zlib

import numpy as np
import torch


def shortest(value):
    """The shortest JSON number that reads back as this float32."""
    text = str(np.float32(value) + np.float32(0))  # -0 becomes 0
    return text[:-2] if text.endswith(".0") else text


def array_json(tensor):
    shape = json.dumps(list(tensor.shape), separators=(",", ":"))
    flat = tensor.detach().reshape(-1).tolist()
    if tensor.dtype.is_floating_point:
        if not all(np.isfinite(flat)):
            raise ValueError("a fixture must be finite")
        return f'{{"shape":{shape},"data":[{",".join(map(shortest, flat))}]}}'
    return f'{{"shape":{shape},"type":"int32","data":[{",".join(map(str, flat))}]}}'


def arrays_json(tensors):
    return "{" + ",".join(f'"{k}":{array_json(v)}' for k, v in tensors.items()) + "}"


def rounded(array):
    """Three decimals, nearest float32, as float64."""
    return torch.tensor(np.float64(np.float32(np.round(array, 3))))


class Draw:
    """Random inputs of one case, seeded by its name: adding a case leaves the others as they are."""

    def __init__(self, name):
        self.generator = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))

    def normal(self, *shape, scale=1.0, mean=0.0):
        return rounded(self.generator.normal(mean, scale, shape))

    def uniform(self, *shape, low=0.0, high=1.0):
        return rounded(self.generator.uniform(low, high, shape))

    def integers(self, *shape, low=0, high):
        """Integers in [low, high)."""
        return torch.tensor(self.generator.integers(low, high, shape))

    def probabilities(self, *shape, scale=1.5):
        """Positive numbers that sum to about 1 over dimension 1; a larger scale is more certain."""
        return rounded(torch.softmax(self.normal(*shape, scale=scale), 1).numpy())

    def unit(self, *shape):
        """Vectors whose last dimension has length 1 but for rounding."""
        return rounded(torch.nn.functional.normalize(self.normal(*shape), dim=-1).numpy())


class Fixtures:
    """The cases of one file."""

    def __init__(self, generator):
        self.generator = generator
        self.cases = []
        self.names = set()

    def add(self, op, name, make, function, attributes=None, differentiate=()):
        """Records one case.

        make(draw) gives the inputs by name; function(**inputs) the outputs by name, or one tensor
        (then called "y"). differentiate names the inputs whose gradients are recorded.
        """
        if name in self.names:
            raise ValueError(f"two cases are called {name}")
        self.names.add(name)
        draw = Draw(name)
        inputs = make(draw)
        for key, value in inputs.items():
            if value.is_floating_point() and not torch.equal(value, value.float().double()):
                raise ValueError(f"{name}: {key} is not exact in float32")
        wanted = {k: v.clone().requires_grad_() for k, v in inputs.items() if k in differentiate}
        if set(wanted) != set(differentiate):
            raise ValueError(f"{name}: no input for some of {differentiate}")
        outputs = function(**{**inputs, **wanted})
        if not isinstance(outputs, dict):
            outputs = {"y": outputs}
        grad_outputs, grads = {}, {}
        if differentiate:
            through = {k: v for k, v in outputs.items() if v.requires_grad}
            grad_outputs = {
                k: draw.normal(*v.shape) if v.dim() else torch.tensor(1.0, dtype=torch.float64)
                for k, v in through.items()
            }
            found = torch.autograd.grad(
                list(through.values()), list(wanted.values()), list(grad_outputs.values())
            )
            grads = dict(zip(wanted, found))
        self.cases.append(
            f'{{"name":"{name}","op":"{op}",'
            f'"attributes":{json.dumps(attributes or {}, separators=(",", ":"))},\n'
            f'"inputs":{arrays_json(inputs)},\n"outputs":{arrays_json(outputs)},\n'
            f'"grad_outputs":{arrays_json(grad_outputs)},\n"grads":{arrays_json(grads)}}}'
        )

    def write(self, path):
        text = f'{{"generator":"{self.generator}","cases":[\n' + ",\n".join(self.cases) + "\n]}\n"
        json.loads(text)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"{path}: {len(self.cases)} cases, {len(text) / 1024:.0f} KiB")
