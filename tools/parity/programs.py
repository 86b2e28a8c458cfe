"""Random array programs with PyTorch's results and gradients: tensor/src/test/resources/tangram/tensor/programs.json.gz.

A program is a list of steps; a step names an operation, the values it reads (inputs first, then the results
of earlier steps) and its parameters. Inputs are numbers that single precision holds. What a change of the
inputs by a few units in the last place of single precision changes much is left out, so that every device
must agree. Run with PyTorch 1.13 in this folder's parent: python3 parity/programs.py
"""
import gzip, json, math, pathlib, random, sys
import numpy as np
import torch

FILE = pathlib.Path(__file__).parents[2] / "tensor/src/test/resources/tangram/tensor/programs.json.gz"
SEED, COUNT = 20260117, 2000
F = torch.nn.functional
R = random.Random(SEED)

UNARY = {
    "neg": torch.neg, "abs": torch.abs, "sign": torch.sign, "square": torch.square, "reciprocal": torch.reciprocal,
    "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "exp": torch.exp, "expm1": torch.expm1, "log": torch.log,
    "log2": torch.log2, "log10": torch.log10, "log1p": torch.log1p, "sin": torch.sin, "cos": torch.cos,
    "tan": torch.tan, "asin": torch.asin, "acos": torch.acos, "atan": torch.atan, "sinh": torch.sinh,
    "cosh": torch.cosh, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "erf": torch.erf, "erfc": torch.erfc,
    "floor": torch.floor, "ceil": torch.ceil, "round": torch.round, "relu": torch.relu, "silu": F.silu,
    "gelu": F.gelu, "softplus": F.softplus, "logSigmoid": F.logsigmoid,
}
BINARY = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum,
    "minimum": torch.minimum, "pow": torch.pow, "atan2": torch.atan2,
    "remainder": torch.remainder, "floorDivide": lambda a, b: torch.div(a, b, rounding_mode="floor"),
}
NUMBER = {k: BINARY[k] for k in ("add", "sub", "mul", "div", "pow", "maximum", "minimum")}
COMPARE = {"eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}
FOLD = {
    "sum": lambda x, d, k: x.sum(d, k), "mean": lambda x, d, k: x.mean(d, k),
    "var": lambda x, d, k: x.var(d, True, k), "std": lambda x, d, k: x.std(d, True, k),
    "max": lambda x, d, k: x.amax(d, k), "min": lambda x, d, k: x.amin(d, k),
    "logsumexp": lambda x, d, k: torch.logsumexp(x, d, k),
}


def number(x):
    return torch.full((), x, dtype=torch.float64)


def step(values):
    """A random step that the values allow: (operation, sources, parameters, function)."""
    reals = [i for i, v in enumerate(values) if v.dtype == torch.float64]
    a = R.choice(reals[-3:] if R.random() < .7 else reals)
    x = values[a]
    kind = R.random()
    if kind < .22:
        n = R.choice(list(UNARY))
        return n, [a], {}, lambda v: UNARY[n](v[0])
    if kind < .27:
        n, p = R.choice([("leakyRelu", .125), ("elu", 1.25), ("clamp", (-.5, .75))])
        if n == "elu" and x.isnan().any():
            n, p = "leakyRelu", .125  # PyTorch's gradient of NaN depends on how many elements there are.
        if n == "clamp":
            return n, [a], {"p": list(p)}, lambda v: v[0].clamp(*p)
        f = F.leaky_relu if n == "leakyRelu" else F.elu
        return n, [a], {"p": [p]}, lambda v: f(v[0], p)
    if kind < .34:
        n = R.choice(list(NUMBER)); p = R.choice([-1.5, .25, .5, 1, 2, 3])
        return n + "Number", [a], {"p": [p]}, lambda v: NUMBER[n](v[0], number(p).to(v[0].dtype) if n in ("maximum", "minimum") else p)
    if kind < .52:
        fitting = [i for i in reals if fits(values[i].shape, x.shape)]
        b = R.choice(fitting); n = R.choice(list(BINARY))
        return n, [a, b], {}, lambda v: BINARY[n](v[0], v[1])
    if kind < .57:
        fitting = [i for i in reals if fits(values[i].shape, x.shape)]
        b = R.choice(fitting); c = R.choice(fitting); n = R.choice(list(COMPARE))
        if not fits(values[b].shape, values[c].shape):
            c = b
        return "where." + n, [a, b, c], {}, lambda v: torch.where(COMPARE[n](v[0], v[1]), v[0], v[2])
    rank = x.dim()
    if kind < .72:
        n = R.choice(list(FOLD)); axes = axes_of(rank); keep = R.random() < .5
        if not axes or (n in ("max", "min", "logsumexp") and 0 in x.shape):
            return "neg", [a], {}, lambda v: -v[0]
        if n == "prod":
            axes = axes[:1]
        return n, [a], {"axes": axes, "keep": keep}, lambda v: FOLD[n](v[0], axes, keep)
    # Of numbers that are not finite PyTorch has two formulas to choose from.
    if kind < .74 and rank and x.isfinite().all():
        d = R.randrange(-rank, rank); keep = R.random() < .5
        return "prod", [a], {"axes": [d], "keep": keep}, lambda v: v[0].prod(d, keep)
    if rank == 0:
        return "unsqueeze", [a], {"axes": [0]}, lambda v: v[0].unsqueeze(0)
    d = R.randrange(-rank, rank); length = x.shape[d]
    n = R.choice(["permute", "transpose", "expand", "slice", "narrow", "select", "flip", "squeeze", "unsqueeze",
                  "diagonal", "reshape", "cat", "stack", "repeat", "pad", "roll", "tril", "triu", "chunk",
                  "flatten", "maskedFill", "argmax"])
    if n == "permute":
        order = R.sample(range(rank), rank); order = [o - rank if R.random() < .3 else o for o in order]
        return n, [a], {"axes": order}, lambda v: v[0].permute(order)
    if n == "transpose":
        e = R.randrange(-rank, rank)
        return n, [a], {"axes": [d, e]}, lambda v: v[0].transpose(d, e)
    if n == "expand":
        to = [R.choice([1, 2]) for _ in range(R.randrange(2))] + [s if s != 1 else R.choice([1, 3]) for s in x.shape]
        return n, [a], {"dims": to}, lambda v: v[0].expand(to)
    if n == "slice":
        s, e, t = R.randrange(-length - 1, length + 1), R.randrange(-length - 1, length + 2), R.choice([1, 1, 2, 3])
        d0 = d % rank
        return n, [a], {"axes": [d, s, e, t]}, lambda v: v[0][(slice(None),) * d0 + (slice(s, e, t),)]
    if n == "narrow" and length:
        s = R.randrange(length); l = R.randrange(length - s + 1)
        return n, [a], {"axes": [d, s, l]}, lambda v: v[0].narrow(d, s, l)
    if n == "select" and length:
        i = R.randrange(-length, length)
        return n, [a], {"axes": [d, i]}, lambda v: v[0].select(d, i)
    if n == "flip":
        axes = axes_of(rank) or [0]
        return n, [a], {"axes": axes}, lambda v: v[0].flip(axes)
    if n == "squeeze":
        return n, [a], {"axes": [d]}, lambda v: v[0].squeeze(d)
    if n == "unsqueeze" and rank < 5:
        e = R.randrange(-rank - 1, rank + 1)
        return n, [a], {"axes": [e]}, lambda v: v[0].unsqueeze(e)
    if n == "diagonal" and rank > 1:
        i, j = R.sample(range(rank), 2); o = R.randrange(-1, 2)
        if x.shape[i] - max(0, -o) < 0 or x.shape[j] - max(0, o) < 0:
            o = 0
        return n, [a], {"axes": [o, i, j]}, lambda v: v[0].diagonal(o, i, j)
    if n == "reshape":
        to = shape_of(x.numel())
        if x.numel() and R.random() < .5:
            to[R.randrange(len(to))] = -1
        return n, [a], {"dims": to}, lambda v: v[0].reshape(to)
    if n == "flatten":
        s = R.randrange(rank); e = R.randrange(s, rank)
        return n, [a], {"axes": [s, e]}, lambda v: v[0].flatten(s, e)
    if n == "cat":
        e = d % rank
        same = [i for i in reals if values[i].dim() == rank and all(values[i].shape[k] == x.shape[k] for k in range(rank) if k != e)]
        parts = [R.choice(same) for _ in range(R.randrange(1, 4))]
        return n, parts, {"axes": [d]}, lambda v: torch.cat(v, d)
    if n == "stack" and rank < 5:
        same = [i for i in reals if values[i].shape == x.shape]
        parts = [R.choice(same) for _ in range(R.randrange(1, 4))]
        e = R.randrange(-rank - 1, rank + 1)
        return n, parts, {"axes": [e]}, lambda v: torch.stack(v, e)
    if n == "repeat" and x.numel() < 60:
        counts = [2] * R.randrange(2) + [R.choice([1, 1, 2]) for _ in range(rank)]
        return n, [a], {"dims": counts}, lambda v: v[0].repeat(counts)
    if n == "pad":
        p = [R.randrange(3) if R.random() < .4 else 0 for _ in range(2 * rank)]
        torchs = [p[2 * k + s] for k in reversed(range(rank)) for s in (0, 1)]
        return n, [a], {"p": [.5], "dims": p}, lambda v: F.pad(v[0], torchs, value=.5)
    if n == "roll":
        s = R.randrange(-4, 5)
        return n, [a], {"axes": [s, d]}, lambda v: v[0].roll(s, d)
    if n in ("tril", "triu") and rank > 1:
        o = R.randrange(-2, 3)
        return n, [a], {"axes": [o]}, lambda v: getattr(v[0], n)(o)
    if n == "chunk" and length:
        c = R.randrange(1, 4); k = len(x.chunk(c, d)) - 1
        return n, [a], {"axes": [c, d, k]}, lambda v: v[0].chunk(c, d)[k]
    if n == "maskedFill":
        return n, [a], {"p": [.25]}, lambda v: v[0].masked_fill(v[0] > .5, .25)
    if n == "argmax" and length:
        return n, [a], {"axes": [d]}, lambda v: v[0].argmax(d).to(v[0].dtype)
    return "mulNumber", [a], {"p": [2]}, lambda v: v[0] * 2


def fits(a, b):
    return all(x == y or x == 1 or y == 1 for x, y in zip(reversed(a), reversed(b)))


def axes_of(rank):
    axes = R.sample(range(rank), R.randrange(1, rank + 1)) if rank else []
    return [d - rank if R.random() < .4 else d for d in axes]


def shape_of(n):
    shape = []
    while n > 1 and len(shape) < 4 and R.random() < .8:
        factors = [f for f in range(1, n + 1) if n % f == 0]
        f = R.choice(factors); shape.append(f); n //= f
    shape.append(n)
    return shape


def array(shape):
    n = math.prod(shape)
    v = [R.choice([R.uniform(-3, 3), R.uniform(.1, 2), R.uniform(-1, 1)]) for _ in range(n)]
    if n and R.random() < .1:
        v[R.randrange(n)] = math.nan
    if n and R.random() < .05:
        v[R.randrange(n)] = R.choice([math.inf, -math.inf])
    if n > 1 and R.random() < .3:
        v[R.randrange(n)] = 0.
    return torch.tensor(np.array(v, dtype=np.float32).reshape(shape).astype(np.float64))


def run(program, inputs, weights=None):
    values = [t.clone().requires_grad_() for t in inputs]
    leaves = list(values)
    for _, sources, _, f in program:
        values.append(f([values[i] for i in sources]))
    y = values[-1]
    if weights is None:
        weights = torch.tensor([math.cos(i + 1) for i in range(y.numel())], dtype=y.dtype).reshape(y.shape)
    if y.requires_grad:
        y.backward(weights)
    return y.detach(), [t.grad if t.grad is not None else torch.zeros_like(t) for t in leaves]


def close(a, b, tolerance):
    a, b = a.numpy().ravel(), b.numpy().ravel()
    finite = np.isfinite(a)
    if not np.array_equal(np.nan_to_num(a[~finite], nan=7.), np.nan_to_num(b[~finite], nan=7.)) or not np.isfinite(b[finite]).all():
        return False
    scale = np.abs(a[finite]).max(initial=0)
    return (np.abs(a[finite] - b[finite]) <= tolerance * np.maximum(np.abs(a[finite]), 1e-3 * scale)).all()


def numbers(t):
    return [x if math.isfinite(x) else str(x) for x in t.numpy().ravel().tolist()]


def make():
    while True:
        inputs = [array([R.choice([0, 1, 1, 2, 3, 4, 5, 7]) if R.random() < .95 else 1 for _ in range(R.randrange(6))][:5]) for _ in range(R.randrange(1, 4))]
        if any(t.numel() > 300 for t in inputs):
            continue
        program, values = [], [t for t in inputs]
        try:
            for _ in range(R.randrange(1, 7)):
                s = step(values)
                values.append(s[3]([values[i] for i in s[1]]).detach())
                program.append(s)
                if values[-1].numel() > 500 or values[-1].dim() > 5:
                    raise OverflowError
            y, grads = run(program, inputs)
        except (OverflowError, RuntimeError, IndexError):
            continue
        # Values must be normal numbers of single precision.
        every = [v for v in values + grads if v.dtype == torch.float64]
        if any(((v.abs() > 1e30) | ((v.abs() < 1e-30) & (v != 0))).logical_and(v.isfinite()).any() for v in every):
            continue
        ok = True
        for trial in range(4):
            g = torch.Generator().manual_seed(trial)
            moved = [t * (1 + 3e-7 * (2 * torch.rand(t.shape, generator=g, dtype=torch.float64) - 1)) for t in inputs]
            y2, grads2 = run(program, moved)
            ok &= y.shape == y2.shape and close(y, y2, 3e-6) and all(close(p, q, 3e-6) for p, q in zip(grads, grads2))
        # Nor may intermediate results cancel: PyTorch's own single precision must agree.
        single, singles = run(program, [t.float() for t in inputs])
        if not ok or not close(y, single, 5e-6) or not all(close(p, q, 5e-6) for p, q in zip(grads, singles)):
            continue
        return {"inputs": [{"shape": list(t.shape), "values": numbers(t)} for t in inputs],
                "steps": [{"op": op, "on": on, **parameters} for op, on, parameters, _ in program],
                "shape": list(y.shape), "y": numbers(y), "gradients": [numbers(g) for g in grads]}


if __name__ == "__main__":
    torch.set_num_threads(1)
    programs = [make() for _ in range(COUNT)]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with open(FILE, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f:
        f.write("\n".join(json.dumps(p) for p in programs).encode())
    used = sorted({s["op"] for p in programs for s in p["steps"]})
    print(len(programs), "programs,", len(used), "operations,", FILE.stat().st_size, "bytes")
    print(" ".join(used))
