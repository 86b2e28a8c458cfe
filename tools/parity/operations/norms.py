"""Softmax, normalisations and cross-entropy."""
import math
import torch

COUNT = 30
F = torch.nn.functional


def softmax(r):
    x = r.real(*r.shape(low=1, empty=True), special=True)
    axis = r.axis(x.dim())
    return [x], {"axis": axis}, lambda x: x.softmax(axis)


def logSoftmax(r):
    x = r.real(*r.shape(low=1, empty=True), special=True)
    axis = r.axis(x.dim())
    return [x], {"axis": axis}, lambda x: x.log_softmax(axis)


def normalize(r):
    x = r.real(*r.shape(low=1, sizes=(2, 3, 4, 5)))
    p, axis, eps = r.choice([1., 2., 2., 3., 2.5]), r.axis(x.dim()), r.choice([1e-12, 3.])
    return [x], {"p": p, "axis": axis, "eps": eps}, lambda x: F.normalize(x, p, axis, eps)


def normalizeLargest(r):
    x = r.distinct(*r.shape(low=1, sizes=(2, 3, 4, 5)), low=-2.9)
    axis = r.axis(x.dim())
    return [x], {"axis": axis}, lambda x: F.normalize(x, math.inf, axis)


def cosineSimilarity(r):
    shape = r.shape(low=1, sizes=(2, 3, 4, 5))
    axis, eps = r.axis(len(shape)), r.choice([1e-8, 2.])
    along = axis % len(shape)
    narrowed = [1 if i != along and r.random() < .3 else d for i, d in enumerate(shape)]
    return ([r.real(*shape), r.real(*narrowed)], {"axis": axis, "eps": eps},
            lambda a, b: F.cosine_similarity(a, b, axis, eps))


def _weights(r, *shape):
    return [r.real(*shape, low=.5, high=2.), r.real(*shape)] if r.random() < .7 else []


def layerNorm(r):
    shape = r.shape(low=1, sizes=(2, 3, 4, 5))
    dims = r.randint(1, len(shape))
    weights = _weights(r, *shape[-dims:])
    return ([r.real(*shape)] + weights, {"dims": dims},
            lambda x, w=None, b=None: F.layer_norm(x, shape[-dims:], w, b, 1e-3))


def rmsNorm(r):
    shape = r.shape(low=1, sizes=(2, 3, 4, 5))
    dims = r.randint(1, len(shape))
    axes = list(range(-dims, 0))
    return ([r.real(*shape)] + _weights(r, *shape[-dims:])[:1], {"dims": dims},
            lambda x, w=1.: x * (x.square().mean(axes, True) + 1e-3).rsqrt() * w)


def _image(r, channels=(1, 2, 3, 4, 6)):
    return [r.randint(1, 3), r.choice(channels)] + r.shape(low=0, high=3, sizes=(2, 3, 4))


def groupNorm(r):
    shape = _image(r)
    groups = r.choice([g for g in (1, 2, 3) if shape[1] % g == 0])
    shape = shape + [3]
    return ([r.real(*shape)] + _weights(r, shape[1]), {"groups": groups},
            lambda x, w=None, b=None: F.group_norm(x, groups, w, b, 1e-3))


def instanceNorm(r):
    shape = _image(r) + [2]
    return ([r.real(*shape)] + _weights(r, shape[1]), {},
            lambda x, w=None, b=None: F.instance_norm(x, weight=w, bias=b, eps=1e-3))


def batchNorm(r):
    shape = [3] + _image(r)[1:]
    mean, var = torch.linspace(-1, 1, shape[1], dtype=torch.double), torch.linspace(.5, 2, shape[1], dtype=torch.double)

    def call(x, w=None, b=None):
        m, v = mean.to(x.dtype, copy=True), var.to(x.dtype, copy=True)
        y = F.batch_norm(x, m, v, w, b, True, .3, 1e-3)
        return y, m, v
    return [r.real(*shape)] + _weights(r, shape[1]), {}, call


def batchNormInference(r):
    shape = _image(r)
    mean, var = torch.linspace(-1, 1, shape[1], dtype=torch.double), torch.linspace(.5, 2, shape[1], dtype=torch.double)
    return ([r.real(*shape)] + _weights(r, shape[1]), {},
            lambda x, w=None, b=None: F.batch_norm(x, mean.to(x.dtype), var.to(x.dtype), w, b, False, .3, 1e-3))


def _target(r, shape, ignored):
    samples = shape[:1] + shape[2:] if len(shape) > 1 else []
    t = r.integer(*samples, high=shape[min(1, len(shape) - 1)] - 1)
    if r.random() < .3:
        t[r.integer(*samples, high=3) == 0] = ignored
    return t


def _like(w, x):
    return None if w is None else w.to(x.dtype)


def _scores(r):
    return r.shape(low=1, sizes=(2, 3, 4, 5))


def crossEntropy(r):
    shape, ignored, smoothing = _scores(r), r.choice([-100, 1]), r.choice([0., .2])
    reduction = r.choice(["none", "mean", "sum"])
    x = r.real(*shape)
    # Nothing but ignored targets gives NaN, which has a test of its own.
    t = _target(r, shape, ignored)
    t = torch.zeros_like(t) if (t == ignored).all() else t
    w = r.real(shape[min(1, len(shape) - 1)], low=.3, high=2.) if r.random() < .5 else None
    return ([x, t], {"ignored": ignored, "smoothing": smoothing, "reduction": reduction,
                     "weights": [] if w is None else w.tolist()},
            lambda x, t: F.cross_entropy(x, t, _like(w, x), ignore_index=ignored, reduction=reduction, label_smoothing=smoothing))


def crossEntropyOfProbabilities(r):
    shape, smoothing, reduction = _scores(r), r.choice([0., .2]), r.choice(["none", "mean", "sum"])
    w = r.real(shape[min(1, len(shape) - 1)], low=.3, high=2.) if r.random() < .5 else None
    return ([r.real(*shape), r.real(*shape, low=0., high=1.)],
            {"smoothing": smoothing, "reduction": reduction, "weights": [] if w is None else w.tolist()},
            lambda x, t: F.cross_entropy(x, t, _like(w, x), reduction=reduction, label_smoothing=smoothing))


def nllLoss(r):
    shape, ignored, reduction = _scores(r), r.choice([-100, 1]), r.choice(["none", "mean", "sum"])
    t = _target(r, shape, ignored)
    t = torch.zeros_like(t) if (t == ignored).all() else t
    w = r.real(shape[min(1, len(shape) - 1)], low=.3, high=2.) if r.random() < .5 else None
    return ([r.real(*shape), t], {"ignored": ignored, "reduction": reduction,
                                  "weights": [] if w is None else w.tolist()},
            lambda x, t: F.nll_loss(x, t, _like(w, x), ignore_index=ignored, reduction=reduction))
