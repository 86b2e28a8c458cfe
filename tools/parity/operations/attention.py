"""Scaled dot-product attention, composed as PyTorch 2.5's documentation does: version 1.13 has no function of it."""
import math
import torch

COUNT = 14


def _attend(q, k, v, mask=None, causal=False, scale=None, grouped=False):
    if grouped:
        k, v = (t.repeat_interleave(q.shape[-3] // t.shape[-3], -3) for t in (k, v))
    s = q @ k.transpose(-1, -2) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if mask is not None:
        s = s.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else s + mask
    if causal:
        s = s.masked_fill(~torch.ones(s.shape[-2:], dtype=torch.bool).tril(), -math.inf)
    # Since version 2.5, queries that see nothing give 0.
    blind = (s == -math.inf).all(-1, keepdim=True)
    return s.masked_fill(blind, 0).softmax(-1).masked_fill(blind, 0) @ v


def _sizes(r):
    """Queries and keys: one block or several, whole or not; large ones with little else."""
    l, s = (r.choice([1, 5, 5, 5, 17, 17, 70, 130]) for _ in range(2))
    return l, s, r.choice([1, 3, 16] if l * s < 100 else [2, 3])


def _call(r, q, k, v, mask, grouped=False):
    causal, scale = r.random() < .4, r.maybe(r.uniform(-.5, 1), p=.3)
    # Gradients are sums of many terms that cancel; of one key they are 0.
    arguments = {"causal": causal, "grouped": grouped, "exact": False, "terms": 1}
    if scale is not None:
        arguments["scale"] = scale
    return [q, k, v] + ([] if mask is None else [mask]), arguments, \
        lambda q, k, v, mask=None: _attend(q, k, v, mask, causal, scale, grouped)


def _batches(r, l, s, n):
    """Dimensions that broadcast, fewer for large sizes."""
    shape = r.shape(high=1 if l * s > 300 else 3, sizes=(1, 2, 3) if l * s < 1000 else (1, 1, 2))
    return [shape] + [[d if r.random() < .8 else 1 for d in shape[r.randint(0, len(shape)):]] for _ in range(n - 1)]


def plain(r):
    l, s, e = _sizes(r)
    ev = r.maybe(e, r.randint(1, 4))
    q, k, v = _batches(r, l, s, 3)
    return _call(r, r.real(*q, l, e), r.real(*k, s, e), r.real(*v, s, ev), None)


def _masked(r, mask):
    l, s, e = _sizes(r)
    q, k, m = _batches(r, l, s, 3)
    shape = [d if r.random() < .7 else 1 for d in (l, s)]
    while math.prod(m + shape) > 1200:
        m, shape = [], [r.choice([1, l]), s] if l * s <= 1200 else [1, s]
    return _call(r, r.real(*q, l, e), r.real(*k, s, e), r.real(*k, s, 2), mask(m + shape))


def hidden(r):
    def mask(shape):
        m = torch.tensor([r.random() < .7 for _ in range(math.prod(shape))]).reshape(shape)
        if r.random() < .4:
            m[..., :1, :] = False
        return m
    return _masked(r, mask)


def added(r):
    def mask(shape):
        m = r.real(*shape)
        if r.random() < .4:
            m[..., ::3] = -math.inf
        return m
    return _masked(r, mask)


def shared(r):
    """Several heads of queries for each of keys and values."""
    l, s, e = (r.choice([1, 5, 17]) for _ in range(3))
    heads, each = r.randint(1, 3), r.randint(1, 3)
    n = r.shape(high=1, sizes=(1, 2))
    mask = r.choice([None, r.real(l, s), r.real(each * heads, l, s), r.boolean(*n, 1, 1, s)])
    return _call(r, r.real(*n, each * heads, l, e), r.real(*n, heads, s, e), r.real(*n, heads, s, 3), mask, True)


def notNumbers(r):
    l, s = r.choice([5, 70]), r.choice([5, 70])
    q, k, v = r.real(l, 3), r.real(s, 3), r.real(s, 2)
    r.choice([q, k, v])[r.randrange(5), r.randrange(2)] = r.choice([math.nan, math.inf])
    call = _call(r, q, k, v, None)
    # What hidden values give depends on whether they are read.
    return call if not call[1]["causal"] else notNumbers(r)
