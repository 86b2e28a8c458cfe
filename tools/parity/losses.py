"""The losses of PCLMix in plain PyTorch; numbers in brackets are the paper's equations."""

import math

import torch
import torch.nn.functional as F

UNLABELLED = 4


def partial_cross_entropy(q, scribble):
    """(3, 4) Mean of -log(q of the label + 1e-8) over scribbled pixels; 0 without any.

    q: probabilities [N, K, H, W]; scribble: int [N, H, W], 4 where unlabelled.
    """
    scribbled = scribble != UNLABELLED
    if not scribbled.any():
        return q.sum() * 0
    chosen = q.gather(1, scribble.clamp(max=q.shape[1] - 1)[:, None])[:, 0]
    return -torch.log(chosen[scribbled] + 1e-8).mean()


def entropy(q):
    """(5) -sum_k q_k log(q_k + 1e-6) per pixel: [N, K, H, W] -> [N, H, W]."""
    return -(q * torch.log(q + 1e-6)).sum(1)


def entropy_threshold(progress):
    """(6) H at progress i / I in [0, 1]."""
    return (0.75 + 0.25 * math.exp(-5 * (1 - progress) ** 2)) * math.log(2)


def confirmed_labels(q, scribble, progress):
    """(7) The scribble's label; where there is none, argmax q if certain, else -1. int [N, H, W]."""
    certain = torch.where(entropy(q) < entropy_threshold(progress), q.argmax(1), torch.tensor(-1))
    return torch.where(scribble == UNLABELLED, certain, scribble)


def info_nce(anchors, anchor_class, queue, filled, temperature):
    """(8) Contrast of anchors with the memory queue.

    anchors: unit vectors [A, D]; anchor_class: int [A], row of the queue, -1 leaves the anchor out.
    queue: unit vectors [classes, slots, D]; filled: int [classes], how many slots, from the first,
    hold a vector. The positives of an anchor are its class's vectors, the negatives all others'.
    Returns the mean over anchors with both, and over an anchor's positives p, of
    -log(e(p) / (e(p) + sum over negatives e(n))), e(v) = exp(anchor . v / temperature); 0 without
    such anchors.
    """
    classes, slots, _ = queue.shape
    present = torch.arange(slots)[None, :] < filled[:, None]
    scores = torch.einsum("ad,csd->acs", anchors, queue) / temperature
    losses = []
    for a, own in enumerate(anchor_class.tolist()):
        if own < 0:
            continue
        others = torch.arange(classes) != own
        positives = scores[a, own][present[own]]
        negatives = scores[a, others][present[others]]
        if len(positives) and len(negatives):
            total = torch.logaddexp(positives, torch.logsumexp(negatives, 0))
            losses.append((total - positives).mean())
    return torch.stack(losses).mean() if losses else anchors.sum() * 0


def heterogeneous_consistency(pairs):
    """(9) Sum over (main, auxiliary) pairs of the mean squared difference of probabilities."""
    return sum(F.mse_loss(main, auxiliary) for main, auxiliary in pairs)


def negative_cosine(p, q):
    """(12) Minus the cosine similarity over classes, averaged over pixels: [N, K, H, W] twice."""
    return -F.cosine_similarity(p, q, dim=1).mean()
