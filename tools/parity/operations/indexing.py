"""Indexing, scans and orders."""
import torch

COUNT = 25


def _array(r, low=1, high=4, **kind):
    shape = r.shape(low=low, high=high, empty=True)
    return r.real(*shape, **kind), shape


def _index(r, shape, length, negative=False):
    """Places in a dimension of a length; none fit into an empty one."""
    if length == 0:
        shape = [0] * max(1, len(shape))
    return r.integer(*shape, low=-length if negative else 0, high=max(0, length - 1))


def _fitted(r, shape, d, length):
    """The shape of an index for one dimension: shorter along others, any length along it."""
    return [r.randint(0, 7) if i == d else r.randint(0, s) if r.random() < .3 else s for i, s in enumerate(shape)]


def gather(r):
    x, shape = _array(r)
    axis = r.axis(len(shape))
    index = _index(r, _fitted(r, shape, axis % len(shape), shape[axis]), shape[axis])
    return [x, index], {"axis": axis}, lambda x, i: x.gather(axis, i)


def _scattered(r, name, duplicates):
    x, shape = _array(r)
    axis = r.axis(len(shape))
    to = _fitted(r, shape, axis % len(shape), shape[axis])
    if duplicates:
        index = _index(r, to, shape[axis])
    else:
        to[axis] = min(to[axis], shape[axis])
        index = torch.rand(shape, generator=torch.Generator().manual_seed(r.randint(0, 9999))).argsort(axis)
        index = index[tuple(slice(0, n) for n in to)]
    source = r.real(*index.shape)  # Of larger ones PyTorch has no gradient.
    return [x, index, source], {"axis": axis}, lambda x, i, s: getattr(x, name)(axis, i, s)


def scatter(r):
    return _scattered(r, "scatter", False)


def scatterAdd(r):
    return _scattered(r, "scatter_add", True)


def indexSelect(r):
    x, shape = _array(r)
    axis = r.axis(len(shape))
    index = _index(r, [r.randint(0, 7)], shape[axis])
    return [x, index], {"axis": axis}, lambda x, i: x.index_select(axis, i)


def indexAdd(r):
    x, shape = _array(r)
    axis = r.axis(len(shape))
    index = _index(r, [r.randint(0, 7)], shape[axis])
    shape = list(shape)
    shape[axis] = len(index)
    return [x, index, r.real(*shape)], {"axis": axis}, lambda x, i, s: x.index_add(axis, i, s)


def _indices(r, shape):
    """Indices and masks, broadcast to one shape, with whole dimensions between."""
    to = r.shape(low=0, high=2, sizes=(1, 2, 3))
    taken, places, masks = [], [], 0
    d = 0
    while d < len(shape):
        if r.random() < .35 and not (d == len(shape) - 1 and not taken):
            d += 1
            continue
        if r.random() < .25 and not masks:
            width = r.choice([1, min(2, len(shape) - d)])
            mask = torch.zeros(shape[d:d + width], dtype=torch.bool).flatten()
            # As many as broadcast to the others.
            count = min(mask.numel(), to[-1] if to and r.random() < .7 else 1)
            mask[sorted(r.sample(range(mask.numel()), count))] = True
            taken.append(mask.reshape(shape[d:d + width]))
            places.append(d)
            masks = 1
            d += width
        else:
            own = [n if r.random() < .7 else 1 for n in to[r.randint(0, len(to)):]]
            if masks and not own:
                own = [1]  # PyTorch takes a single place behind a mask for one of another dimension.
            taken.append(_index(r, own, shape[d], negative=True))
            places.append(d)
            d += 1
    return taken, places


def _key(indices, places, rank):
    key, d = [], 0
    for i, p in zip(indices, places):
        key += [slice(None)] * (p - d) + [i]
        d = p + (i.dim() if i.dtype == torch.bool else 1)
    return tuple(key)


def index(r):
    shape = r.shape(low=1, high=4)
    x = r.real(*shape)
    while True:
        indices, places = _indices(r, shape)
        try:
            x[_key(indices, places, len(shape))]
            break
        except (IndexError, RuntimeError):
            continue
    return [x] + indices, {"places": places}, lambda x, *i: x[_key(i, places, len(shape))]


def indexPut(r):
    inputs, arguments, f = index(r)
    add = r.random() < .5
    shape = list(f(*inputs).shape)
    values = r.real(*[n if r.random() < .8 else 1 for n in shape[r.randint(0, len(shape)):]])
    if not add:
        # Which of several stays is not defined.
        values = r.real(*[1] * len(values.shape))
    key = lambda i: _key(i, arguments["places"], inputs[0].dim())
    def put(x, values, *i):
        full = key(i)
        if not add:
            y = x.clone()
            y[full] = values
            return y
        return _added(x, full, values)
    return [inputs[0], values] + inputs[1:], {**arguments, "add": add}, put


def _added(x, key, values):
    """x with values added at a key: through the places of all elements."""
    at = torch.arange(x.numel()).reshape(x.shape)[key]
    return x.flatten().index_add(0, at.flatten(), values.expand(at.shape).flatten()).reshape(x.shape)


def take(r):
    x = r.real(*r.shape(low=0, high=3))
    index = _index(r, r.shape(high=3), x.numel(), negative=True)
    return [x, index], {}, lambda x, i: x.take(i)


def maskedSelect(r):
    x = r.real(*r.shape(high=3, empty=True))
    mask = r.boolean(*[n if r.random() < .8 else 1 for n in x.shape])
    return [x, mask], {}, lambda x, m: x.masked_select(m)


def nonzero(r):
    x = r.real(*r.shape(low=1, high=3, empty=True)).round()
    return [x], {}, lambda x: x.detach().nonzero()


def embedding(r):
    x, shape = r.real(5, *r.shape(high=2)), None
    return [x, _index(r, r.shape(high=3, empty=True), 5)], {}, lambda x, i: x[i]


def cumsum(r):
    x, shape = _array(r, special=True)
    axis = r.axis(len(shape))
    return [x], {"axis": axis}, lambda x: x.cumsum(axis)


def cumprod(r):
    x, shape = _array(r)
    if r.random() < .5:
        x = x.round()
    axis = r.axis(len(shape))
    return [x], {"axis": axis}, lambda x: x.cumprod(axis)


def integerCumsum(r):
    x = r.integer(*r.shape(low=1, high=3), low=-5)
    axis = r.axis(x.dim())
    return [x], {"axis": axis}, lambda x: x.cumsum(axis)


def sort(r):
    shape = r.shape(low=1, high=3, sizes=(1, 2, 3, 5, 9), empty=True)
    x = r.distinct(*shape)
    if r.random() < .3 and x.numel():
        x.view(-1)[r.randrange(x.numel())] = float(r.choice(["nan", "inf", "-inf"]))
    if r.random() < .2:
        x = x.round()
    axis, down = r.axis(len(shape)), r.random() < .5
    return [x], {"axis": axis, "descending": down}, lambda x: x.sort(dim=axis, descending=down, stable=True)


def integerSort(r):
    x = r.integer(*r.shape(low=1, high=3, sizes=(1, 3, 9)), low=-3, high=3)
    axis, down = r.axis(x.dim()), r.random() < .5
    return [x], {"axis": axis, "descending": down}, lambda x: x.sort(dim=axis, descending=down, stable=True)


def longSort(r):
    x = r.distinct(r.choice([60, 100, 300]), r.choice([1, 2]))
    axis, down = r.axis(x.dim()), r.random() < .5
    return [x], {"axis": axis, "descending": down, "exact": False}, lambda x: x.sort(dim=axis, descending=down, stable=True)


def topk(r):
    shape = r.shape(low=1, high=3)
    axis, largest = r.axis(len(shape)), r.random() < .5
    k = r.randint(1, shape[axis])
    return [r.distinct(*shape)], {"k": k, "axis": axis, "largest": largest}, lambda x: x.topk(k, axis, largest)


def kthvalue(r):
    shape = r.shape(low=1, high=3)
    axis = r.axis(len(shape))
    k = r.randint(1, shape[axis])
    return [r.distinct(*shape)], {"k": k, "axis": axis}, lambda x: x.kthvalue(k, axis)


def median(r):
    shape = r.shape(low=1, high=3)
    axis = r.axis(len(shape))
    return [r.distinct(*shape)], {"axis": axis}, lambda x: x.median(axis)


def quantile(r):
    shape = r.shape(low=1, high=3)
    axis, q = r.axis(len(shape)), r.choice([0., .25, .3, .5, .9, 1.])
    return [r.distinct(*shape)], {"axis": axis, "q": q}, lambda x: x.quantile(q, axis)


def unique(r):
    x = r.real(*r.shape(high=3, empty=True)).round()
    return [x], {}, lambda x: x.detach().unique()


def bincount(r):
    x, n = r.integer(r.choice([0, 1, 5, 40]), high=6), r.choice([0, 4, 10])
    return [x], {"n": n}, lambda x: x.bincount(minlength=n)
