"""What docs/arrays.md lists under "Element by element", by the names that it gives: a new row is a new test."""
import pathlib, re
import torch

COUNT = 8
# How many arrays an operation takes, if not one, and what has no form of arrays alone.
ARRAYS = {n: 2 for n in ("add sub mul div floorDivide remainder pow maximum minimum atan2 eq ne lt le gt ge"
                         " logicalAnd logicalOr logicalXor").split()}
OTHER = {"rsub", "clamp", "lerp", "where", "maskedFill", "to", "dropout", "leakyRelu", "elu", "hardtanh", "celu", "softshrink",
         "hardshrink", "threshold", "prelu", "glu", "softmin"}


def _operation(path):
    if path == "floor_divide":  # Of which PyTorch has no derivative.
        return lambda a, b: torch.div(a, b, rounding_mode="floor")
    if path.endswith("hardsigmoid"):  # Whose sixth PyTorch rounds to single precision.
        return lambda x: torch.nn.functional.relu6(x + 3) / 6
    f = torch
    for part in path.split("."):
        f = getattr(f, part)
    return f


def _drawn(name, f):
    def draw(r):
        shape = r.shape(empty=True)
        xs = [r.real(*[1 if i and r.random() < .2 else d for d in shape], special=True) for i in range(ARRAYS.get(name, 1))]
        # Derivatives at integers and ties are PyTorch's own choice, and are asked for too.
        xs = [x.round() if r.random() < .15 else x for x in xs]
        if r.random() < .2 and len(xs) > 1:
            xs[1] = xs[0].clone()
        return xs, {}, lambda *x: f(*x)
    return draw


def _rows():
    text = (pathlib.Path(__file__).parents[3] / "docs/arrays.md").read_text()
    section = text.split("## Element by element")[1].split("\n## ")[0]
    for ours, theirs in re.findall(r"^\| `(\w+)` \| `([\w.]+)`", section, re.M):
        if ours not in OTHER:
            yield ours, _drawn(ours, _operation(theirs))


OPERATIONS = dict(_rows())
