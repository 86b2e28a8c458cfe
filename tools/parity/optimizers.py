"""Writes nn/src/test/resources/tangram/nn/optimizers.txt: two parameters after 100 steps of every
optimiser, and the learning rates of every schedule. A line has a name, a colon and numbers.
"""

import pathlib
import warnings

import torch
from torch.optim import SGD, Adagrad, Adam, AdamW, RMSprop
from torch.optim import lr_scheduler as schedules

warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.float64)
LINES = []


def put(name, numbers):
    LINES.append(name + ": " + " ".join(repr(float(n)) for n in numbers))


def train(name, make, clip=None):
    w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    b = torch.tensor([0.3], requires_grad=True)
    c = torch.tensor([1.0, 0.2, -3.0])
    optimizer = make([w, b])
    for t in range(100):
        optimizer.zero_grad()
        loss = ((w * c).sum() - 1 + b.sin().sum()) ** 2 + 0.1 * (w**4).sum()
        loss = loss + (w * b * (t % 3)).sum().tanh()
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([w, b], clip)
        optimizer.step()
    put(name, [*w, b])


train("sgd", lambda p: SGD(p, 0.01))
train("momentum", lambda p: SGD(p, 0.01, momentum=0.9, weight_decay=0.01))
train("dampening", lambda p: SGD(p, 0.01, momentum=0.8, dampening=0.3, weight_decay=0.01))
train("nesterov", lambda p: SGD(p, 0.01, momentum=0.9, nesterov=True, weight_decay=0.01))
train("clipped", lambda p: SGD(p, 0.05), clip=0.5)
train("adam", lambda p: Adam(p, 0.02, weight_decay=0.1))
train("adamW", lambda p: AdamW(p, 0.02))
train("adamW, options", lambda p: AdamW(p, 0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1))
train("rmsProp", lambda p: RMSprop(p, 0.01))
train(
    "rmsProp, options",
    lambda p: RMSprop(p, 0.01, alpha=0.9, eps=1e-4, weight_decay=0.05, momentum=0.5, centered=True),
)
train("adagrad", lambda p: Adagrad(p, 0.1))
train(
    "adagrad, options",
    lambda p: Adagrad(
        p, 0.1, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.2, eps=1e-5
    ),
)
train(
    "groups",
    lambda p: AdamW(
        [
            {"params": [p[0]], "weight_decay": 0.1},
            {"params": [p[1]], "lr": 0.004, "weight_decay": 0},
        ],
        lr=0.02,
    ),
)


def rates(name, make):
    p = torch.zeros(1, requires_grad=True)
    optimizer = SGD([p], 0.1)
    schedule = make(optimizer)
    found = []
    for _ in range(12):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    put(name, found)


rates("step", lambda o: schedules.StepLR(o, 4, 0.5))
rates("multiStep", lambda o: schedules.MultiStepLR(o, [3, 7], 0.1))
rates("exponential", lambda o: schedules.ExponentialLR(o, 0.9))
rates("linear", lambda o: schedules.LinearLR(o, 0.25, 0.75, 6))
rates("polynomial", lambda o: schedules.PolynomialLR(o, 10, 0.9))
rates("cosine", lambda o: schedules.CosineAnnealingLR(o, 11, 0.01))
rates("restarts", lambda o: schedules.CosineAnnealingWarmRestarts(o, 3, 2, 0.01))
rates("restarts, equal", lambda o: schedules.CosineAnnealingWarmRestarts(o, 5, 1, 0.01))
rates("oneCycle", lambda o: schedules.OneCycleLR(o, 0.1, 12))
rates(
    "oneCycle, options",
    lambda o: schedules.OneCycleLR(
        o, 0.1, 12, pct_start=0.5, div_factor=10, final_div_factor=100
    ),
)
rates(
    "sequential",
    lambda o: schedules.SequentialLR(
        o, [schedules.LinearLR(o, 0.1, 1.0, 4), schedules.ExponentialLR(o, 0.5)], [4]
    ),
)

SCORES = [1, 0.9, 0.95, 0.899, 0.95, 0.96, 0.97, 0.98, 0.5, 0.6, 0.7, float("nan"), 0.8, 0.9]


def plateau(mode, **options):
    optimizer = SGD([torch.zeros(1, requires_grad=True)], 0.1)
    schedule = schedules.ReduceLROnPlateau(optimizer, mode, **options)
    found = []
    for score in SCORES:
        schedule.step(score)
        found.append(optimizer.param_groups[0]["lr"])
    put("plateau " + mode, found)


plateau("min", factor=0.5, patience=1, cooldown=1, min_lr=0.02, threshold=0.01)
plateau("max", factor=0.1, patience=0)

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "nn/src/test/resources/tangram/nn/optimizers.txt"
FILE.parent.mkdir(parents=True, exist_ok=True)
FILE.write_text("\n".join(LINES) + "\n")
