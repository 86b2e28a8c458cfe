"""Expected results of the parts of a training step: writes pclmix/.../parity/training.json.

Every call of add() is one case; its lambda or function is the PyTorch that gives the expectation.
Run from anywhere: python3 tools/parity/training.py (see README.md).
"""

from pathlib import Path

import torch
import torch.nn.functional as F

import losses
from fixtures import Fixtures

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "pclmix/src/test/resources/tangram/pclmix/parity/training.json"

fixtures = Fixtures("tools/parity/training.py, PyTorch " + torch.__version__)
add = fixtures.add


def mixing():
    def views(d):
        return {
            "perm_a": torch.tensor([2, 0, 1]), "perm_b": torch.tensor([1, 0, 2]),
            "mask": d.integers(3, 2, 3, high=2).double(),
        }

    def cut_mix(a, b, perm_a, perm_b, mask):
        mask = mask.reshape(3, *[1] * (a.dim() - 3), 2, 3).to(a.dtype)
        return mask * a[perm_a] + (1 - mask) * b[perm_b]

    make = lambda d: {"a": d.normal(3, 2, 2, 3), "b": d.normal(3, 2, 2, 3), **views(d)}
    add("cut_mix", "cut_mix", make, cut_mix)
    make = lambda d: {
        "a": d.integers(3, 2, 3, high=5), "b": d.integers(3, 2, 3, high=5), **views(d)
    }
    add("cut_mix", "cut_mix_labels", make, cut_mix)


def objectives():
    def scribbled(d):
        scribble = d.integers(2, 4, 5, low=0, high=12).clamp(max=losses.UNLABELLED)
        return {"q": d.probabilities(2, 4, 4, 5), "scribble": scribble}

    unscribbled = lambda d: {
        "q": d.probabilities(1, 4, 2, 3), "scribble": torch.full((1, 2, 3), losses.UNLABELLED)
    }
    attributes = {"eps": 1e-8}
    for name, make in [("", scribbled), ("_without_scribble", unscribbled)]:
        add("partial_cross_entropy", "partial_cross_entropy" + name, make,
            losses.partial_cross_entropy, attributes, ("q",))

    for progress in (0.0, 0.75):
        threshold = losses.entropy_threshold(progress)

        def make(d):
            inputs = {**scribbled(d), "q": d.probabilities(2, 4, 4, 5, scale=3)}
            inputs["q"][0, :, 0, 0] = torch.tensor([0.0, 1.0, 0.0, 0.0])
            return {**inputs, "threshold": torch.tensor([threshold]).float().double()}

        def confirm(q, scribble, threshold):
            uncertainty = losses.entropy(q)
            # Too close to the threshold, float32 could decide otherwise.
            assert (uncertainty - threshold).abs().min() > 1e-4
            return {
                "uncertainty": uncertainty,
                "labels": losses.confirmed_labels(q, scribble, progress),
            }

        add("confirm_labels", f"confirm_labels_progress_{progress}", make, confirm,
            {"progress": progress, "eps": 1e-6})

    make = lambda d: {"a": d.probabilities(2, 4, 3, 5), "b": d.probabilities(2, 4, 3, 5)}
    add("mse_loss", "mse_loss", make, lambda a, b: F.mse_loss(a, b), {}, ("a", "b"))
    make = lambda d: {"target": d.probabilities(2, 4, 3, 5), "q": d.probabilities(2, 4, 3, 5)}
    cosine = lambda target, q: losses.negative_cosine(target, q)
    add("negative_cosine", "negative_cosine", make, cosine, {"dim": 1}, ("q",))

    # All classes in part; class 1 empty (its anchors lack positives); one class only (no
    # negatives); nothing at all. One anchor is left out by its class -1.
    for name, filled in [
        ("part", (4, 5, 2)), ("class_1_empty", (3, 0, 5)), ("no_negatives", (4, 0, 0)),
        ("empty", (0, 0, 0)),
    ]:
        make = lambda d: {
            "anchors": d.unit(8, 8),
            "anchor_class": torch.tensor([0, 2, 1, 1, -1, 0, 2, 0]),
            "queue": d.unit(3, 5, 8),
            "filled": torch.tensor(filled),
        }
        contrast = lambda **inputs: losses.info_nce(**inputs, temperature=0.07)
        add("info_nce", "info_nce_" + name, make, contrast, {"temperature": 0.07}, ("anchors",))


def prototypes():
    """The memory after the prototypes of two images of two classes are put into it."""
    def make(d):
        return {
            "vectors": d.unit(12, 5), "labels": d.integers(2, 6, low=-1, high=3),
            "slot": torch.tensor([[2, -1], [0, 3]]), "queue": d.normal(2, 2, 5),
        }

    def put(vectors, labels, slot, queue):
        rows = queue.reshape(4, 5).clone()
        for image in range(2):
            for c in range(2):
                chosen = vectors.reshape(2, 6, 5)[image][labels[image] == c + 1]
                if slot[image, c] >= 0:
                    total = chosen.sum(0)
                    norm = total.norm()
                    rows[slot[image, c]] = total / norm if norm > 0 else 0 * total
        return rows.reshape(2, 2, 5)

    add("prototypes", "prototypes", make, put)


def optimiser():
    attributes = {"momentum": 0.9, "weight_decay": 5e-4, "lr": [0.03, 0.025, 0.02]}

    def sgd(parameter, gradients):
        """gradients [steps, ...] -> the parameter and its momentum buffer after every step."""
        p = parameter.clone().requires_grad_()
        optimizer = torch.optim.SGD([p], lr=0.0, momentum=0.9, weight_decay=5e-4)
        parameters, buffers = [], []
        for lr, gradient in zip(attributes["lr"], gradients):
            optimizer.param_groups[0]["lr"] = lr
            p.grad = gradient.clone()
            optimizer.step()
            parameters.append(p.detach().clone())
            buffers.append(optimizer.state[p]["momentum_buffer"].clone())
        return {"parameters": torch.stack(parameters), "momentum_buffers": torch.stack(buffers)}

    make = lambda d: {"parameter": d.normal(3, 5), "gradients": d.normal(3, 3, 5)}
    add("sgd", "sgd_three_steps", make, sgd, attributes)


if __name__ == "__main__":
    mixing()
    objectives()
    prototypes()
    optimiser()
    fixtures.write(OUT)
