"""Convolution, pooling and resizing in one to three dimensions."""
import torch

COUNT = 20
F = torch.nn.functional


def _sizes(rank):
    return {1: 16, 2: 9, 3: 5}[rank]


def _batch(r, channels, shape):
    """[N, C, ...], now and then without N."""
    return ([] if r.random() < .2 else [r.choice([1, 2, 3])]) + [channels] + shape


def _option(r, values):
    """One number for all dimensions, where they are equal, or a list."""
    return values[:1] if len(set(values)) == 1 and r.random() < .5 else values


def _conv(rank):
    def draw(r):
        groups = r.choice([1, 1, 2, 3])
        kernel = [r.randint(1, 3) for _ in range(rank)]
        dilation = [r.randint(1, 2) for _ in range(rank)]
        stride = [r.randint(1, 3) for _ in range(rank)]
        padding = [r.randint(0, 2) for _ in range(rank)]
        shape = [max(1, d * (k - 1) + 1 - 2 * p) + r.randint(0, _sizes(rank) - 3) for k, d, p in zip(kernel, dilation, padding)]
        per, outs = r.choice([(1, 1), (1, 2), (r.randint(1, 4), r.randint(1, 6))])
        x = r.real(*_batch(r, per * groups, shape))
        w = r.real(outs * groups, per, *kernel)
        b = [r.real(outs * groups)] if r.random() < .5 else []
        f = [F.conv1d, F.conv2d, F.conv3d][rank - 1]
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        return [x, w] + b, {"groups": groups, **{n: _option(r, v) for n, v in options.items()}}, \
            lambda x, w, *b: f(x, w, *(b or [None]), groups=groups, **options)
    return draw


def _transposed(rank):
    def draw(r):
        groups = r.choice([1, 1, 2, 3])
        kernel = [r.randint(1, 3) for _ in range(rank)]
        dilation = [r.randint(1, 2) for _ in range(rank)]
        stride = [r.randint(1, 3) for _ in range(rank)]
        more = [r.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation)]
        shape = [r.randint(1, _sizes(rank) - 2) for _ in range(rank)]
        padding = [min(r.randint(0, 2), ((n - 1) * s + d * (k - 1) + m) // 2)
                   for n, k, d, s, m in zip(shape, kernel, dilation, stride, more)]
        per, outs = r.choice([(1, 1), (2, 1), (r.randint(1, 4), r.randint(1, 4))])
        x = r.real(*_batch(r, per * groups, shape))
        w = r.real(per * groups, outs, *kernel)
        b = [r.real(outs * groups)] if r.random() < .5 else []
        f = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][rank - 1]
        options = {"stride": stride, "padding": padding, "dilation": dilation, "output_padding": more}
        return [x, w] + b, {"groups": groups, **options}, lambda x, w, *b: f(x, w, *(b or [None]), groups=groups, **options)
    return draw


def _window(r, rank, dilated):
    kernel = [r.randint(1, 3 if dilated else 4) for _ in range(rank)]
    dilation = [r.randint(1, 2) if dilated else 1 for _ in range(rank)]
    padding = [r.randint(0, k // 2) for k in kernel]
    stride = None if r.random() < .3 else [r.randint(1, 3) for _ in range(rank)]
    shape = [d * (k - 1) + 1 + r.randint(0, _sizes(rank) - 2) for k, d in zip(kernel, dilation)]
    return shape, {"kernel_size": kernel, "padding": padding, "ceil_mode": r.random() < .4}, stride, dilation


def _maxPool(rank):
    def draw(r):
        shape, options, stride, dilation = _window(r, rank, True)
        shape = _batch(r, r.randint(1, 3), shape)
        ties = r.random() < .3
        x = r.real(*shape).round() if ties else r.real(*shape, special=True) if r.random() < .3 else r.distinct(*shape)
        f = [F.max_pool1d, F.max_pool2d, F.max_pool3d][rank - 1]
        return [x], {**options, "dilation": dilation, "stride": stride or options["kernel_size"], "exact": not ties}, \
            lambda x: f(x, stride=stride, dilation=dilation, return_indices=True, **options)
    return draw


def _avgPool(rank):
    def draw(r):
        shape, options, stride, _ = _window(r, rank, False)
        options["count_include_pad"] = r.random() < .5
        divisor = r.choice([None, None, 3, -2]) if rank > 1 else None
        f = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d][rank - 1]
        more = {} if rank == 1 else {"divisor_override": divisor}
        return [r.real(*_batch(r, r.randint(1, 3), shape))], \
            {**options, "stride": stride or options["kernel_size"], "divisor": divisor or 0}, lambda x: f(x, stride=stride, **options, **more)
    return draw


def _lpPool(rank):
    def draw(r):
        shape, options, stride, _ = _window(r, rank, False)
        p = r.choice([1., 2., 3.])
        f = [F.lp_pool1d, F.lp_pool2d][rank - 1]
        kernel = options["kernel_size"] if rank > 1 else options["kernel_size"][0]
        steps = stride if rank > 1 or stride is None else stride[0]
        x = r.real(*_batch(r, r.randint(1, 3), shape), low=.3)
        return [x], {"kernel_size": options["kernel_size"], "stride": stride or options["kernel_size"], "p": p}, \
            lambda x: f(x, p, kernel, steps)
    return draw


def _adaptive(rank, largest):
    def draw(r):
        shape = [r.randint(1, _sizes(rank)) for _ in range(rank)]
        out = [r.randint(1, _sizes(rank)) for _ in range(rank)]
        if largest:
            f = [F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d][rank - 1]
            return [r.distinct(*_batch(r, r.randint(1, 3), shape))], {"out": out}, lambda x: f(x, out, return_indices=True)
        f = [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d][rank - 1]
        return [r.real(*_batch(r, r.randint(1, 3), shape))], {"out": out}, lambda x: f(x, out)
    return draw


def _interpolate(rank, mode):
    def draw(r):
        shape = [r.randint(1, _sizes(rank)) for _ in range(rank)]
        options = {"mode": mode}
        if "nearest" not in mode and r.random() < .3:
            options["align_corners"] = True
        elif mode in ("bilinear", "bicubic") and r.random() < .4:
            options["antialias"] = True
        arguments = {"linear": "linear" in mode, "cubic": mode == "bicubic", "half": mode == "nearest-exact",
                     "corners": options.get("align_corners", False), "antialias": options.get("antialias", False)}
        if r.random() < .5:
            options["size"] = arguments["size"] = [r.randint(1, min(3 * n, _sizes(rank) + 2)) for n in shape]
        else:
            # PyTorch's nearest takes any factor that doubles a size for 2, against its own formula.
            scales = [r.choice([.5, .75, 1., 1.5, 2., 3.] + ([] if mode == "nearest" else [2.25])) for _ in range(rank)]
            scales = [s if int(n * s) > 0 else 1. for n, s in zip(shape, scales)]
            options["scale_factor"] = arguments["scale"] = scales
            if r.random() < .3:
                options["recompute_scale_factor"] = True
                arguments["size"] = [int(n * s) for n, s in zip(shape, scales)]
                del arguments["scale"]
        return [r.real(r.randint(1, 2), r.randint(1, 2), *shape)], arguments, lambda x: F.interpolate(x, **options)

    def clear(r):
        # The gradient does not depend on x, so that moving x does not show where its sums cancel.
        while True:
            inputs, arguments, function = draw(r)
            x = inputs[0].clone().requires_grad_()
            y = function(x)
            (y * torch.cos(torch.arange(1., y.numel() + 1)).reshape(y.shape)).sum().backward()
            if x.grad[x.grad != 0].abs().min() > .02:
                return inputs, arguments, function
    return clear


OPERATIONS = {}
for _r in (1, 2, 3):
    OPERATIONS[f"conv{_r}d"] = _conv(_r)
    OPERATIONS[f"convTranspose{_r}d"] = _transposed(_r)
    OPERATIONS[f"maxPool{_r}d"] = _maxPool(_r)
    OPERATIONS[f"avgPool{_r}d"] = _avgPool(_r)
    OPERATIONS[f"adaptiveAvgPool{_r}d"] = _adaptive(_r, False)
    OPERATIONS[f"adaptiveMaxPool{_r}d"] = _adaptive(_r, True)
    for _m in ("nearest", "nearest-exact", ["linear", "bilinear", "trilinear"][_r - 1]):
        OPERATIONS[f"interpolate.{_m}{_r}d"] = _interpolate(_r, _m)
OPERATIONS["interpolate.bicubic"] = _interpolate(2, "bicubic")
OPERATIONS["lpPool1d"] = _lpPool(1)
OPERATIONS["lpPool2d"] = _lpPool(2)
