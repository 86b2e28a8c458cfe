"""Random calls of single operations with PyTorch's results and gradients.

Each module of the folder operations is an area: tensor/src/test/resources/tangram/tensor/calls/AREA.json.gz. Each
public function of a module is an operation: it draws inputs and arguments, and returns
(inputs, {argument: value}, what PyTorch computes of the inputs). Inputs of real numbers get gradients; integers
and booleans do not. A module's COUNT says how often each operation is drawn. The draws of an operation follow
from its name, so that another operation changes nothing. Calls whose results hang on the last bits of their
inputs are drawn again, unless their arguments hold "exact": False. Errors are relative to each element, but
with "terms" in the arguments to the largest element or to that, the magnitude of terms that may cancel.

Run with PyTorch 1.13 in this folder's parent: python3 parity/calls.py [AREA ...]
"""
import gzip, importlib, inspect, json, math, pathlib, random, sys
import numpy as np
import torch
from programs import close, numbers

FOLDER = pathlib.Path(__file__).parents[2] / "tensor/src/test/resources/tangram/tensor/calls"
TYPES = {torch.float64: "real", torch.float32: "real", torch.int64: "integer", torch.bool: "boolean"}


class Draw(random.Random):
    """Random shapes, arrays and arguments."""

    def shape(self, low=0, high=4, sizes=(1, 2, 3, 4, 5), empty=False):
        """low to high dimensions; with empty, now and then one of no elements."""
        shape = [self.choice(sizes) for _ in range(self.randint(low, high))]
        if empty and shape and self.random() < .1:
            shape[self.randrange(len(shape))] = 0
        return shape

    def real(self, *shape, low=-3., high=3., special=False):
        """Numbers that single precision holds; with special, now and then NaN, infinities and zeros."""
        v = [self.uniform(low, high) for _ in range(math.prod(shape))]
        if special and v and self.random() < .3:
            v[self.randrange(len(v))] = self.choice([math.nan, math.inf, -math.inf, 0., -0.])
        return torch.tensor(np.array(v, dtype=np.float32).reshape(shape).astype(np.float64))

    def integer(self, *shape, low=0, high=9):
        """Integers from low to high, both included."""
        v = [self.randint(low, high) for _ in range(math.prod(shape))]
        return torch.tensor(v, dtype=torch.int64).reshape(shape)

    def boolean(self, *shape):
        return self.integer(*shape, high=1).bool()

    def distinct(self, *shape, low=-3., high=3.):
        """Numbers that differ by more than rounding, in random order: for sorting and maxima."""
        n = math.prod(shape)
        v = np.linspace(low, high, n + 2)[1:-1] if n else np.zeros(0)
        return torch.tensor(np.array(self.sample(list(v), n), dtype=np.float32).reshape(shape).astype(np.float64))

    def axis(self, rank):
        """A dimension, sometimes counted from the end."""
        return self.randrange(-rank, rank)

    def maybe(self, value, otherwise=None, p=.5):
        return value if self.random() < p else otherwise


def run(function, inputs):
    leaves = [t.clone().requires_grad_() if t.is_floating_point() else t for t in inputs]
    ys = function(*leaves)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    loss = 0
    for y in ys:
        if y.requires_grad:
            loss = loss + (y * torch.tensor([math.cos(i + 1) for i in range(y.numel())], dtype=y.dtype).reshape(y.shape)).sum()
    if torch.is_tensor(loss):
        loss.backward()
    # PyTorch says None where it knows that a gradient is zero.
    return [y.detach() for y in ys], [
        None if not t.is_floating_point() else t.grad if t.grad is not None else torch.zeros_like(t) for t in leaves]


def steady(function, inputs, results):
    """Whether neither small changes of the inputs nor single precision change the results much."""
    def agrees(other, tolerance):
        pairs = [(a, b) for x, y in zip(results, other) for a, b in zip(x, y) if a is not None]
        return all(a.shape == b.shape and (close(a, b, tolerance) if a.is_floating_point() else a.equal(b)) for a, b in pairs)
    for trial in range(3):
        g = torch.Generator().manual_seed(trial)
        moved = [t * (1 + 3e-7 * (2 * torch.rand(t.shape, generator=g, dtype=torch.float64) - 1))
                 if t.is_floating_point() else t for t in inputs]
        if not agrees(run(function, moved), 3e-6):
            return False
    return agrees(run(function, [t.float() if t.is_floating_point() else t for t in inputs]), 5e-6)


def array(t):
    values = numbers(t) if t.is_floating_point() else t.int().flatten().tolist() if t.dtype == torch.bool else t.flatten().tolist()
    return {"type": TYPES[t.dtype], "shape": list(t.shape), "values": values}


def calls(area):
    module = importlib.import_module("operations." + area)
    operations = module.OPERATIONS if hasattr(module, "OPERATIONS") else {
        n: f for n, f in vars(module).items() if inspect.isfunction(f) and not n.startswith("_") and f.__module__ == module.__name__}
    for name, draw in operations.items():
        r = Draw(area + name)
        done = tries = 0
        while done < getattr(module, "COUNT", 30):
            tries += 1
            if tries > 60 * getattr(module, "COUNT", 30):
                raise SystemExit(f"{area}.{name}: too few draws that do not hang on the last bits")
            inputs, arguments, function = draw(r)
            results = run(function, inputs)
            if arguments.pop("exact", True) and not steady(function, inputs, results):
                continue
            ys, gradients = results
            terms = {"terms": arguments.pop("terms")} if "terms" in arguments else {}
            yield {"op": name, **terms, "args": arguments, "inputs": [array(t) for t in inputs], "outputs": [array(y) for y in ys],
                   "gradients": [g if g is None else numbers(g) for g in gradients]}
            done += 1


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for area in sys.argv[1:] or sorted(p.stem for p in (pathlib.Path(__file__).parent / "operations").glob("[a-z]*.py")):
        lines = [json.dumps(c) for c in calls(area)]
        with open(FOLDER / (area + ".json.gz"), "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f:
            f.write("\n".join(lines).encode())
        print(area, len(lines), "calls,", (FOLDER / (area + ".json.gz")).stat().st_size, "bytes")
