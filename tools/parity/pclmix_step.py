"""One training step of PCLMix in plain PyTorch, with all its losses.

Everything random comes from the streams of numbers that the Java step draws from (philox.py): the
two orders, the CutMix masks, the drop-path masks and the anchors. Run it to take three small steps
on noise: python3 pclmix_step.py
"""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

import losses
import philox
from pclmix_torch import Config, DropPath, PclMix

# Purposes of random numbers, as in the Java classes DropPath, AnchorSampler, StepInput and CutMix.
DROP_PATH, ANCHORS, ORDER, CUTMIX = 2, 0x0B1E0001, 0x0B1E0100, 0xDA7A0100


@dataclass
class Queue:
    """Memory of unit vectors: a ring of `slots` for each of the classes 1..3."""

    vectors: torch.Tensor  # [classes, slots, E]
    filled: torch.Tensor  # int [classes]
    next: list = field(default_factory=lambda: [0, 0, 0])

    @staticmethod
    def empty(slots, dim, dtype=torch.float32):
        return Queue(torch.zeros(3, slots, dim, dtype=dtype), torch.zeros(3, dtype=torch.int64))

    def push(self, label, vector):
        c, slots = label - 1, self.vectors.shape[1]
        self.vectors[c, self.next[c]] = vector
        self.next[c] = (self.next[c] + 1) % slots
        self.filled[c] = min(int(self.filled[c]) + 1, slots)


@dataclass
class Batch:
    """What changes from step to step."""

    x: torch.Tensor  # images [N, 1, H, W]
    scribble: torch.Tensor  # int [N, H, W]: 0..3, 4 unlabelled
    perm1: torch.Tensor  # int [N]
    perm2: torch.Tensor  # int [N]
    mask1: torch.Tensor  # 0 or 1, [N, H, W]: where x12 shows the first view
    mask2: torch.Tensor  # 0 or 1, [N, H, W]: where x21 shows the second view


@dataclass
class Losses:
    """Java's LossConfig."""

    terms: tuple = ("SUP", "CTR", "HET", "MIX")
    transformer_supervision: bool = True
    lt: float = 0.4
    contrast: float = 0.15
    consistency: float = 1.0
    mix: float = 1.0
    temperature: float = 0.07
    slots: int = 500
    max_anchors: int = 100
    total_anchors: int = 1024
    min_pixels: int = 1
    warm_up: float = 1 / 60


def cut_mix(a, b, mask):
    """Shows a where the mask [N, H, W] is 1, b elsewhere."""
    mask = mask.bool()
    return torch.where(mask[:, None] if a.dim() == 4 else mask, a, b)


def cut_mix_mask(n, height, width, seed, step, number):
    """One rectangle a sample: height fraction 0.2^U, width 0.2 over that, anywhere inside."""
    mask = np.zeros((n, height, width), np.float32)
    for sample in range(n):
        random = philox.CounterRandom(seed, CUTMIX + number, step, sample)
        h = min(max(int(0.2 ** random.next_double() * height + 0.5), 1), height)
        w = min(max(int(0.2 * height * width / h + 0.5), 1), width)
        top = random.next_int(height - h + 1)
        left = random.next_int(width - w + 1)
        mask[sample, top : top + h, left : left + w] = 1
    return torch.tensor(mask)


def drop_path_masks(model, n, seed, step, number):
    """Masks of all drop-path layers for one of a step's three passes."""
    random = philox.CounterRandom(seed, DROP_PATH, step, number)
    masks = []
    for layer in model.modules():
        if isinstance(layer, DropPath) and layer.rate > 0:
            keep = float(np.float32(1 / (1 - layer.rate)))
            masks.append(torch.tensor(
                [0.0 if random.next_double() < layer.rate else keep for _ in range(n)],
                dtype=torch.float64))
    return masks


def sample_anchors(labels, predicted, config, seed, step):
    """Indices into the flattened maps [N * h * w] and their classes 1..3.

    labels: confirmed labels at stride 8, int [N, h, w]; predicted: argmax of F_c there. For every
    image and class with enough pixels up to min(max, total / groups): half where F_c predicts
    another class, half where it agrees; when one kind runs out, more of the other.
    """
    groups = []
    for n in range(len(labels)):
        for label in (1, 2, 3):
            pixels = torch.nonzero(labels[n].reshape(-1) == label)[:, 0]
            if len(pixels) >= max(1, config.min_pixels):
                groups.append((n, label, pixels))
    index, classes = [], []
    for g, (n, label, pixels) in enumerate(groups):
        random = philox.CounterRandom(seed, ANCHORS, step, g)
        hard = predicted[n].reshape(-1)[pixels] != label
        wanted = min(config.max_anchors, config.total_anchors // len(groups), len(pixels))
        n_hard, n_easy = int(hard.sum()), int((~hard).sum())
        take_hard = min(n_hard, max(wanted // 2, wanted - n_easy))
        for kind, count in ((pixels[hard], take_hard), (pixels[~hard], wanted - take_hard)):
            kind = kind.tolist()
            for i in range(count):  # partial Fisher-Yates
                j = i + random.next_int(len(kind) - i)
                kind[i], kind[j] = kind[j], kind[i]
                index.append(n * labels[n].numel() + kind[i])
                classes.append(label)
    return torch.tensor(index, dtype=torch.int64), torch.tensor(classes, dtype=torch.int64)


def training_step(model, batch, queue, config, seed, step, iterations):
    """Losses and gradients of step i of I (docs/method.md, 1 to 9); updates running statistics and queue.

    The embedding is computed where the contrast reads it, on x past the warm-up: that is when the
    running statistics of its batch norm move (nothing reads them).
    Returns the losses by name and what a test may want to look at; gradients are in .grad.
    """
    n = len(batch.x)
    contrast = "CTR" in config.terms and step >= round(config.warm_up * iterations)

    def forward(x, number):
        model.set_drop_path(drop_path_masks(model, n, seed, step, number))
        main, auxiliary, embedding = model(x, contrast and number == 0)
        return main.softmax(1), auxiliary.softmax(1), embedding

    def mean_of_decoders(main, auxiliary):
        return (1 - config.lt) * main + config.lt * auxiliary

    def supervised(main, q, scribble):
        return losses.partial_cross_entropy(q if config.transformer_supervision else main, scribble)

    model.train()
    model.zero_grad()
    main, auxiliary, embedding = forward(batch.x, 0)
    q = mean_of_decoders(main, auxiliary)

    x1, x2 = batch.x[batch.perm1], batch.x[batch.perm2]
    y1, y2 = batch.scribble[batch.perm1], batch.scribble[batch.perm2]
    p1, p2 = main.detach()[batch.perm1], auxiliary.detach()[batch.perm2]
    mixed = []
    for number, ((xa, ya, pa), (xb, yb, pb), mask) in enumerate([
        ((x1, y1, p1), (x2, y2, p2), batch.mask1),
        ((x2, y2, p2), (x1, y1, p1), batch.mask2),
    ], 1):
        mixed_main, mixed_auxiliary, _ = forward(cut_mix(xa, xb, mask), number)
        mixed.append((mixed_main, mixed_auxiliary, cut_mix(ya, yb, mask), cut_mix(pa, pb, mask)))

    sup = [supervised(main, q, batch.scribble)]
    het = [F.mse_loss(main, auxiliary)]
    mix = []
    for mixed_main, mixed_auxiliary, scribble, target in mixed:
        mixed_q = mean_of_decoders(mixed_main, mixed_auxiliary)
        sup.append(supervised(mixed_main, mixed_q, scribble))
        het.append(F.mse_loss(mixed_main, mixed_auxiliary))
        mix.append(losses.negative_cosine(target, mixed_q))

    ctr, anchors, labels = q.sum() * 0, None, None
    if contrast:
        confirmed = losses.confirmed_labels(q.detach(), batch.scribble, step / iterations)
        labels = confirmed[:, ::8, ::8]
        predicted = main.detach().argmax(1)[:, ::8, ::8]
        anchors = sample_anchors(labels, predicted, config, seed, step)
        pixels = embedding.permute(0, 2, 3, 1).reshape(-1, embedding.shape[1])
        index, classes = anchors
        ctr = losses.info_nce(pixels.index_select(0, index), classes - 1, queue.vectors,
                              queue.filled, config.temperature)

    terms = {"SUP": sum(sup), "CTR": ctr, "HET": sum(het), "MIX": sum(mix)}
    weights = {"SUP": 1.0, "CTR": config.contrast, "HET": config.consistency,
               "MIX": config.consistency * config.mix}
    total = sum(weights[k] * v for k, v in terms.items() if k in config.terms)
    total.backward()

    if contrast:
        detached = embedding.detach()
        for i in range(n):
            for label in (1, 2, 3):
                chosen = labels[i] == label
                if chosen.any():
                    queue.push(label, F.normalize(detached[i][:, chosen].mean(1), dim=0))
    used = {k.lower(): v if k in config.terms else torch.tensor(0.0) for k, v in terms.items()}
    return {
        **used, "total": total, "main": main.detach(), "q": q.detach(), "labels": labels,
        "anchors": 0 if anchors is None else len(anchors[0]),
    }


def learning_rate(step, steps, first=0.03, last=0.001, power=0.9):
    return (first - last) * (1 - step / steps) ** power + last


IMAGES, SCRIBBLES = 3, 4


def counted_batch(n, size, seed, step):
    """A batch that Java can draw again; orders and masks are those of training.

    Images: blocks of 16x16 pixels, which deep features can tell apart, and noise. Block b of the
    batch and pixel i have uniform floats u_b and v_i from the streams (seed, 3, step, 0) and (seed,
    3, step, 1); the pixel is float32((3 u_b + v_i) / 4). Scribbles: nextInt(40) from (seed, 4,
    step, 0) where below 4, else unlabelled; the first image without class 1.
    """
    u = philox.floats(seed, IMAGES, step, 0, n * (size // 16) ** 2).astype(np.float64)
    v = philox.floats(seed, IMAGES, step, 1, n * size * size).astype(np.float64)
    blocks = u.reshape(n, 1, size // 16, size // 16).repeat(16, 2).repeat(16, 3)
    x = np.float32((3 * blocks + v.reshape(n, 1, size, size)) / 4)
    # A bound of 40 rejects 16 of 2^32 words: next_int is the high half of the product but for those.
    words = philox.bits(seed, SCRIBBLES, step, 0, n * size * size).astype(np.uint64) * np.uint64(40)
    assert ((words & np.uint64(0xFFFFFFFF)) >= 40).all(), "a rejected word: take another seed"
    scribble = np.minimum((words >> np.uint64(32)).astype(np.int64), losses.UNLABELLED)
    scribble = scribble.reshape(n, size, size)
    scribble[0][scribble[0] == 1] = losses.UNLABELLED
    orders = [philox.CounterRandom(seed, ORDER + i, step, 0).permutation(n) for i in (0, 1)]
    return Batch(
        torch.tensor(x), torch.tensor(scribble), torch.tensor(orders[0]), torch.tensor(orders[1]),
        cut_mix_mask(n, size, size, seed, step, 0), cut_mix_mask(n, size, size, seed, step, 1),
    )


def check():
    torch.manual_seed(0)
    network = Config(18, 16, (32, 32, 16, 16, 16), 16, (1, 2, 4), 4, 64, embedding=32)
    config = Losses(slots=8, warm_up=0)
    model, queue = PclMix(network), Queue.empty(8, 32)
    optimiser = torch.optim.SGD(model.parameters(), 0.03, momentum=0.9, weight_decay=5e-4)
    for step in range(3):
        result = training_step(model, counted_batch(3, 64, 0, step), queue, config, 0, step, 3)
        assert all(p.grad is not None for p in model.parameters())
        optimiser.step()
        terms = {k: round(float(result[k]), 4) for k in ("sup", "het", "mix", "ctr")}
        print(step, terms, "queue", queue.filled.tolist())


if __name__ == "__main__":
    check()
