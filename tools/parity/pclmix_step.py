"""One training step of PCLMix in plain PyTorch, with all its losses.

Everything random is given: permutations, CutMix and drop-path masks, and (where a test wants them
fixed) the anchors. Run it to take three small steps on noise: python3 pclmix_step.py
"""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

import losses
from pclmix_torch import Config, PclMix


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
    progress: float  # i / I
    contrast: bool = True  # past the warm-up
    drop_path: tuple = ((), (), ())  # masks for the passes over x, x12, x21


@dataclass
class Weights:
    lt: float = 0.4
    contrast: float = 0.15
    consistency: float = 1.0
    mix: float = 1.0
    temperature: float = 0.07


def cut_mix(a, b, mask):
    """Shows a where the mask [N, H, W] is 1, b elsewhere."""
    mask = mask.bool()
    return torch.where(mask[:, None] if a.dim() == 4 else mask, a, b)


def sample_anchors(labels, predicted, generator, min_pixels=1):
    """Indices into the flattened maps [N * h * w] and their classes 1..3.

    labels: confirmed labels at stride 8, int [N, h, w]; predicted: argmax of F_c there. For every
    image and class with enough pixels up to min(100, 1024 / groups): half where F_c predicts
    another class, half where it agrees; when one kind runs out, more of the other.
    """
    groups = []
    for n in range(len(labels)):
        for label in (1, 2, 3):
            pixels = torch.nonzero(labels[n].reshape(-1) == label)[:, 0]
            if len(pixels) >= min_pixels:
                groups.append((n, label, pixels))
    index, classes = [], []
    for n, label, pixels in groups:
        hard = predicted[n].reshape(-1)[pixels] != label
        wanted = min(100, 1024 // len(groups), len(pixels))
        n_hard, n_easy = int(hard.sum()), int((~hard).sum())
        take_hard = min(n_hard, max(wanted // 2, wanted - n_easy))
        for kind, count in ((pixels[hard], take_hard), (pixels[~hard], wanted - take_hard)):
            chosen = kind[torch.tensor(generator.permutation(len(kind))[:count], dtype=torch.int64)]
            index.append(n * labels[n].numel() + chosen)
            classes += [label] * count
    index = torch.cat(index) if index else torch.zeros(0, dtype=torch.int64)
    return index, torch.tensor(classes, dtype=torch.int64)


def training_step(model, batch, queue, weights, generator=None, anchors=None):
    """Losses and gradients of one step (METHOD, 1 to 9); updates running statistics and queue.

    anchors: (indices, classes) as sample_anchors gives them, or None to sample with the generator.
    Returns the losses by name and what a test may want to compare; gradients are in .grad.
    """

    def forward(x, masks):
        model.set_drop_path(masks)
        main, auxiliary, embedding = model(x)
        return main.softmax(1), auxiliary.softmax(1), embedding

    def mean_of_decoders(main, auxiliary):
        return (1 - weights.lt) * main + weights.lt * auxiliary

    model.train()
    model.zero_grad()
    main, auxiliary, embedding = forward(batch.x, batch.drop_path[0])
    q = mean_of_decoders(main, auxiliary)

    x1, x2 = batch.x[batch.perm1], batch.x[batch.perm2]
    y1, y2 = batch.scribble[batch.perm1], batch.scribble[batch.perm2]
    p1, p2 = main.detach()[batch.perm1], auxiliary.detach()[batch.perm2]
    mixed = []
    for (xa, ya, pa), (xb, yb, pb), mask, masks in [
        ((x1, y1, p1), (x2, y2, p2), batch.mask1, batch.drop_path[1]),
        ((x2, y2, p2), (x1, y1, p1), batch.mask2, batch.drop_path[2]),
    ]:
        mixed_main, mixed_auxiliary, _ = forward(cut_mix(xa, xb, mask), masks)
        mixed.append((mixed_main, mixed_auxiliary, cut_mix(ya, yb, mask), cut_mix(pa, pb, mask)))

    sup = [losses.partial_cross_entropy(q, batch.scribble)]
    het = [F.mse_loss(main, auxiliary)]
    mix = []
    for mixed_main, mixed_auxiliary, scribble, target in mixed:
        mixed_q = mean_of_decoders(mixed_main, mixed_auxiliary)
        sup.append(losses.partial_cross_entropy(mixed_q, scribble))
        het.append(F.mse_loss(mixed_main, mixed_auxiliary))
        mix.append(losses.negative_cosine(target, mixed_q))

    ctr = q.sum() * 0
    if batch.contrast:
        confirmed = losses.confirmed_labels(q.detach(), batch.scribble, batch.progress)
        labels = confirmed[:, ::8, ::8]
        if anchors is None:
            predicted = main.detach().argmax(1)[:, ::8, ::8]
            anchors = sample_anchors(labels, predicted, generator)
        pixels = embedding.permute(0, 2, 3, 1).reshape(-1, embedding.shape[1])
        index, classes = anchors
        ctr = losses.info_nce(pixels.index_select(0, index), classes - 1, queue.vectors,
                              queue.filled, weights.temperature)

    total = (sum(sup) + weights.contrast * ctr
             + weights.consistency * (sum(het) + weights.mix * sum(mix)))
    total.backward()

    if batch.contrast:
        detached = embedding.detach()
        for n in range(len(labels)):
            for label in (1, 2, 3):
                chosen = labels[n] == label
                if chosen.any():
                    queue.push(label, F.normalize(detached[n][:, chosen].mean(1), dim=0))
    return {
        "sup": sup, "het": het, "mix": mix, "ctr": ctr, "total": total,
        "main": main, "auxiliary": auxiliary, "embedding": embedding, "anchors": anchors,
    }


def learning_rate(step, steps, first=0.03, last=0.001, power=0.9):
    return (first - last) * (1 - step / steps) ** power + last


def random_batch(config, n, seed, contrast=True):
    """A batch of noise with a square of each class, for a look at the step."""
    size, random = config.image_size, np.random.default_rng(seed)
    scribble = np.full((n, size, size), losses.UNLABELLED)
    for label in range(4):
        scribble[:, :: 8, label * size // 4 : (label + 1) * size // 4] = label
    masks = np.zeros((2, n, size, size))
    masks[:, :, : size // 2, size // 4 : size // 2] = 1
    drop_path = tuple(tuple(torch.ones(n) for _ in range(10)) for _ in range(3))
    return Batch(
        torch.tensor(random.random((n, 1, size, size)), dtype=torch.float32),
        torch.tensor(scribble), torch.tensor(random.permutation(n)),
        torch.tensor(random.permutation(n)), torch.tensor(masks[0]), torch.tensor(masks[1]),
        0.5, contrast, drop_path,
    )


def check():
    torch.manual_seed(0)
    config = Config(18, 16, (32, 32, 16, 16, 16), 16, (1, 2, 4), 4, 64, embedding=32)
    model, queue = PclMix(config), Queue.empty(8, 32)
    optimiser = torch.optim.SGD(model.parameters(), 0.03, momentum=0.9, weight_decay=5e-4)
    for step in range(3):
        result = training_step(model, random_batch(config, 3, step), queue, Weights(),
                               np.random.default_rng(step))
        assert all(p.grad is not None for p in model.parameters())
        optimiser.step()
        terms = {k: [round(float(v), 4) for v in result[k]] for k in ("sup", "het", "mix")}
        print(step, terms, "ctr", round(float(result["ctr"]), 4), "queue", queue.filled.tolist())


if __name__ == "__main__":
    check()
