"""Element-wise operations and folds that take numbers, integers or booleans."""
import torch

COUNT = 10
F = torch.nn.functional


def _x(r, **more):
    return r.real(*r.shape(empty=True), special=True, **more)


def _narrowed(r, shape):
    return [1 if r.random() < .3 else d for d in shape]


def clamp(r):
    a, b = sorted([r.uniform(-2, 2), r.uniform(-2, 2)], reverse=r.random() < .2)
    return [_x(r)], {"low": a, "high": b}, lambda x: x.clamp(a, b)


def lerp(r):
    shape = r.shape()
    return [r.real(*shape, special=True), r.real(*_narrowed(r, shape)), r.real(*_narrowed(r, shape))], {}, torch.lerp


def lerpNumber(r):
    x, t = _x(r), r.uniform(-1, 2)
    return [x, r.real(*x.shape)], {"t": t}, lambda a, b: torch.lerp(a, b, t)


def _number(f, choices=None):
    def draw(r):
        p = r.choice(choices or [-2.5, -1, 0, .5, 1, 3])
        return [_x(r)], {"p": p}, lambda x: f(x, p)
    return draw


def leakyRelu(r):
    s = r.choice([.01, .3, 0., -.5])
    return [_x(r)], {"p": s}, lambda x: F.leaky_relu(x, s)


def elu(r):
    a = r.uniform(.2, 2)
    return [r.real(*r.shape())], {"p": a}, lambda x: F.elu(x, a)


def geluTanh(r):
    return [r.real(*r.shape(empty=True))], {}, lambda x: F.gelu(x, approximate="tanh")


def _edged(r):
    """Also numbers at the places where formulas change."""
    x = _x(r)
    return x.mul(2).round().div(2) if r.random() < .3 else x


def hardtanh(r):
    a, b = r.choice([(-1, 1), (-.5, 2), (0, 1.5)])
    return [_edged(r)], {"low": a, "high": b}, lambda x: F.hardtanh(x, a, b)


def threshold(r):
    a, b = r.choice([(0, 0), (.5, 2), (-1, 7)])
    return [_edged(r)], {"low": a, "high": b}, lambda x: F.threshold(x, a, b)


def celu(r):
    a = r.uniform(.2, 2)  # PyTorch's own rounds 1 / a to single precision.
    return [r.real(*r.shape())], {"p": a}, lambda x: torch.where(x > 0, x, a * torch.expm1(x / a))


def softshrink(r):
    p = r.choice([0., .5, 1.])
    # Of NaN PyTorch makes 0 up to version 2.0, and NaN from then on.
    return [_edged(r).nan_to_num()], {"p": p}, lambda x: F.softshrink(x, p)


def hardshrink(r):
    p = r.choice([0., .5, 1.])
    return [_edged(r)], {"p": p}, lambda x: F.hardshrink(x, p)


def prelu(r):
    shape = r.shape(2)
    return [r.real(*shape), r.real(r.choice([1, shape[1]]))], {}, F.prelu


def glu(r):
    shape = r.shape(1); axis = r.axis(len(shape)); shape[axis] *= 2
    return [r.real(*shape, special=True)], {"axis": axis}, lambda x: F.glu(x, axis)


def softmin(r):
    shape = r.shape(1); axis = r.axis(len(shape))
    return [r.real(*shape)], {"axis": axis}, lambda x: F.softmin(x, axis)


def where(r):
    shape = r.shape(empty=True)
    return [r.boolean(*_narrowed(r, shape)), r.real(*shape, special=True), r.real(*_narrowed(r, shape))], {}, torch.where


def maskedFill(r):
    shape = r.shape(empty=True)
    return [r.real(*shape, special=True), r.boolean(*_narrowed(r, shape))], {"p": 1.5}, lambda x, m: x.masked_fill(m, 1.5)


def toInteger(r):
    return [r.real(*r.shape(empty=True), low=-9, high=9)], {}, lambda x: x.detach().long()


def toBoolean(r):
    return [_x(r).round()], {}, lambda x: x.detach().bool()


def toReal(r):
    return [r.choice([r.integer, r.boolean])(*r.shape(empty=True))], {}, lambda x: x.double()


def _moment(f):
    def draw(r):
        shape = r.shape(1, sizes=(2, 3, 4, 5)); axis = r.axis(len(shape)); c = r.choice([0, 1]); keep = r.random() < .5
        return [r.real(*shape)], {"axis": axis, "correction": c, "keep": keep}, lambda x: f(x, axis, c == 1, keep)
    return draw


def _folded(f, kind):
    def draw(r):
        shape = r.shape(1); axis = r.axis(len(shape)); keep = r.random() < .5
        x = {"real": lambda: r.real(*shape, special=True).round(), "integer": lambda: r.integer(*shape, low=-4, high=4),
             "boolean": lambda: r.boolean(*shape)}[kind]()
        return [x], {"axis": axis, "keep": keep}, lambda x: f(x, axis, keep)
    return draw


def _pair(f, low=-9, second=None):
    def draw(r):
        shape = r.shape(empty=True)
        b = second(r, _narrowed(r, shape)) if second else r.integer(*_narrowed(r, shape), low=low)
        return [r.integer(*shape, low=low), b], {}, f
    return draw


def _divisor(r, shape):
    return r.integer(*shape, low=1, high=5) * r.choice([1, -1])


def _booleans(f):
    def draw(r):
        shape = r.shape(empty=True)
        return [r.boolean(*shape), r.boolean(*_narrowed(r, shape))], {}, f
    return draw


def _mixed(f):
    def draw(r):
        shape = r.shape(empty=True)
        kinds = [r.integer] if f is torch.sub else [r.integer, r.boolean]
        return [r.choice(kinds)(*shape), r.real(*_narrowed(r, shape))], {}, f
    return draw


def oneHot(r):
    n = r.randint(2, 6)
    return [r.integer(*r.shape(0, 3), high=n - 1)], {"classes": n}, lambda x: F.one_hot(x, n)


def _operations():
    here = {n: f for n, f in globals().items() if callable(f) and not n.startswith("_") and getattr(f, "__module__", "") == __name__}
    numbers = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "remainder": torch.remainder,
               "floorDivide": lambda x, p: torch.div(x, p, rounding_mode="floor"), "rsub": lambda x, p: p - x,
               "eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}
    for n, f in numbers.items():
        here[n + "Number"] = _number(f)
        here[n + "IntegerNumber"] = lambda r, f=f: ([r.integer(*r.shape(), low=-9)], {"p": (p := r.choice([-2, 1, 3]))}, lambda x: f(x, p))
    here["powNumber"] = _number(torch.pow, [-1, 0, .5, 1, 2, 3, 2.5])
    here["var"], here["std"] = _moment(torch.var), _moment(torch.std)
    for kind in ("real", "integer"):
        here[kind + ".argmax"] = _folded(torch.argmax, kind)
        here[kind + ".argmin"] = _folded(torch.argmin, kind)
        here[kind + ".max"] = _folded(torch.amax, kind)
        here[kind + ".min"] = _folded(torch.amin, kind)
        here[kind + ".sum"] = _folded(lambda x, a, k: x.sum(a, k), kind)
    here["integer.prod"] = _folded(lambda x, a, k: x.prod(a, k), "integer")
    here["boolean.sum"] = _folded(lambda x, a, k: x.sum(a, k), "boolean")
    for kind in ("boolean", "integer", "real"):
        here[kind + ".any"] = _folded(torch.any, kind)
        here[kind + ".all"] = _folded(torch.all, kind)
    for n, f in {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "maximum": torch.maximum, "minimum": torch.minimum,
                 "eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}.items():
        here[n + ".integers"] = _pair(f)
        if n not in ("maximum", "minimum"):
            here[n + ".mixed"] = _mixed(f)
    here["div.integers"] = _pair(torch.div, second=_divisor)
    here["floorDivide.integers"] = _pair(lambda a, b: torch.div(a, b, rounding_mode="floor"), second=_divisor)
    here["remainder.integers"] = _pair(torch.remainder, second=_divisor)
    here["pow.integers"] = _pair(torch.pow, low=0, second=lambda r, s: r.integer(*s, high=4))
    for n, f in {"logicalAnd": torch.logical_and, "logicalOr": torch.logical_or, "logicalXor": torch.logical_xor,
                 "add": torch.add, "mul": torch.mul, "eq": torch.eq, "lt": torch.lt}.items():
        here[n + ".booleans"] = _booleans(f)
    for n, f in {"neg": torch.neg, "abs": torch.abs, "sign": torch.sign, "square": torch.square, "exp": torch.exp,
                 "sqrt": torch.sqrt, "logicalNot": torch.logical_not, "relu": torch.relu}.items():
        here[n + ".integer"] = lambda r, f=f: ([r.integer(*r.shape(empty=True), low=-9 if f not in (torch.sqrt,) else 0)], {}, f)
    return here


OPERATIONS = _operations()
