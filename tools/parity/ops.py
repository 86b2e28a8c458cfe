"""Expected results of single operations: writes tensor/.../parity/ops.json.

Every call of add() is one case; its lambda or function is the PyTorch that gives the expectation.
Run from anywhere: python3 tools/parity/ops.py (see README.md).
"""

from pathlib import Path

import torch
import torch.nn.functional as F

import windows
from fixtures import Fixtures

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "tensor/src/test/resources/tangram/tensor/parity/ops.json"

fixtures = Fixtures("tools/parity/ops.py, PyTorch " + torch.__version__)
add = fixtures.add


def convolutions():
    # name, input [N, C, H, W], output channels, kernel, stride, padding, bias
    for name, shape, out, kernel, stride, padding, bias in [
        ("conv2d_1x1", (2, 5, 5, 7), 3, 1, 1, 0, True),
        ("conv2d_1x1_no_bias", (2, 3, 6, 5), 7, 1, 1, 0, False),
        ("conv2d_1x1_s2", (2, 4, 7, 6), 5, 1, 2, 0, False),
        ("conv2d_3x3_p1", (2, 3, 7, 9), 5, 3, 1, 1, True),
        ("conv2d_3x3_p1_no_bias", (1, 6, 8, 8), 4, 3, 1, 1, False),
        ("conv2d_3x3_s2_p1", (2, 3, 8, 9), 4, 3, 2, 1, False),
        ("conv2d_3x3_s2_p1_bias", (1, 2, 7, 7), 3, 3, 2, 1, True),
        ("conv2d_7x7_s2_p3", (2, 1, 12, 11), 3, 7, 2, 3, False),
        ("conv2d_7x7_s2_p3_channels", (1, 3, 9, 10), 2, 7, 2, 3, True),
    ]:
        attributes = {"stride": stride, "padding": padding}

        def make(d):
            inputs = {
                "x": d.normal(*shape),
                "weight": d.normal(out, shape[1], kernel, kernel, scale=0.5),
            }
            if bias:
                inputs["bias"] = d.normal(out)
            return inputs

        names = ("x", "weight", "bias") if bias else ("x", "weight")
        conv = lambda x, weight, bias=None: F.conv2d(x, weight, bias, stride, padding)
        add("conv2d", name, make, conv, attributes, names)


def products():
    make = lambda d: {"x": d.normal(2, 3, 5), "weight": d.normal(4, 5), "bias": d.normal(4)}
    add("linear", "linear", make, F.linear, {}, ("x", "weight", "bias"))
    make = lambda d: {"x": d.normal(7, 6), "weight": d.normal(3, 6)}
    add("linear", "linear_no_bias", make, F.linear, {}, ("x", "weight"))

    for batch in ((), (3,), (2, 2)):
        for transpose_a in (False, True):
            for transpose_b in (False, True):
                a = (5, 3) if transpose_a else (3, 5)
                b = (4, 5) if transpose_b else (5, 4)

                def matmul(a, b):
                    a = a.transpose(-2, -1) if transpose_a else a
                    b = b.transpose(-2, -1) if transpose_b else b
                    return a @ b

                letters = ("t" if transpose_a else "n") + ("t" if transpose_b else "n")
                add(
                    "matmul",
                    f"matmul_{len(batch)}d_batch_{letters}",
                    lambda d: {"a": d.normal(*batch, *a), "b": d.normal(*batch, *b)},
                    matmul,
                    {"transpose_a": transpose_a, "transpose_b": transpose_b},
                    ("a", "b"),
                )


def normalisations():
    def statistics(d, channels):
        return {
            "weight": d.uniform(channels, low=0.5, high=1.5),
            "bias": d.normal(channels),
            "running_mean": d.normal(channels),
            "running_var": d.uniform(channels, low=0.5, high=2),
        }

    # The large mean shows up a variance computed as a difference of large numbers.
    for suffix, shape, mean, residual, relu in [
        ("", (3, 4, 3, 5), 0, False, False),
        ("_large_mean", (2, 2, 4, 4), 30, False, False),
        ("_relu", (2, 3, 4, 4), 0, False, True),
        ("_residual_relu", (2, 3, 5, 3), 0, True, True),
    ]:

        def make(d):
            inputs = {"x": d.normal(*shape, mean=mean)}
            if residual:
                inputs["residual"] = d.normal(*shape)
            return {**inputs, **statistics(d, shape[1])}

        def finish(y, residual):
            y = y if residual is None else y + residual
            return y.relu() if relu else y

        def train(x, weight, bias, running_mean, running_var, residual=None):
            mean, var = running_mean.clone(), running_var.clone()
            y = F.batch_norm(x, mean, var, weight, bias, True, 0.1, 1e-5)
            return {"y": finish(y, residual), "running_mean": mean, "running_var": var}

        def evaluate(x, weight, bias, running_mean, running_var, residual=None):
            y = F.batch_norm(x, running_mean, running_var, weight, bias, False, 0.1, 1e-5)
            return finish(y, residual)

        names = ("x", "residual") if residual else ("x",)
        add("batch_norm", "batch_norm" + suffix, make, train,
            {"eps": 1e-5, "momentum": 0.1, "relu": relu}, names + ("weight", "bias"))
        add("batch_norm_inference", "batch_norm_inference" + suffix, make, evaluate,
            {"eps": 1e-5, "relu": relu})

    make = lambda d: {
        "x": d.normal(2, 5, 6), "weight": d.uniform(6, low=0.5, high=1.5), "bias": d.normal(6)
    }
    norm = lambda x, weight, bias: F.layer_norm(x, (x.shape[-1],), weight, bias, 1e-5)
    add("layer_norm", "layer_norm", make, norm, {"eps": 1e-5}, ("x", "weight", "bias"))

    make = lambda d: {"x": d.normal(2, 6, 3, 4)}
    normalize = lambda x: F.normalize(x, dim=1, eps=1e-12)
    add("normalize", "normalize_channels", make, normalize, {"dim": 1, "eps": 1e-12}, ("x",))


def activations():
    make = lambda d: {"x": d.normal(3, 17)}
    add("relu", "relu", make, lambda x: x.relu(), {}, ("x",))
    # Exact: x (1 + erf(x / sqrt 2)) / 2. From -6 to 6, where the tails show a poor erf.
    make = lambda d: {"x": torch.linspace(-6, 6, 49, dtype=torch.float64).reshape(7, 7)}
    add("gelu", "gelu", make, lambda x: F.gelu(x), {"approximate": "none"}, ("x",))
    make = lambda d: {"x": d.normal(2, 4, 3, 5, scale=3)}
    add("softmax", "softmax_channels", make, lambda x: x.softmax(1), {"dim": 1}, ("x",))
    make = lambda d: {"x": d.normal(2, 3, 9, scale=3, mean=80)}
    add("softmax", "softmax_last_large", make, lambda x: x.softmax(-1), {"dim": -1}, ("x",))


def images():
    attributes = {"kernel_size": 3, "stride": 2, "padding": 1}
    pool = lambda x: F.max_pool2d(x, 3, 2, 1)
    make = lambda d: {"x": d.normal(2, 3, 7, 8)}
    add("max_pool2d", "max_pool2d", make, pool, attributes, ("x",))
    # Ties: the gradient goes to the first of the largest, in reading order.
    make = lambda d: {"x": d.integers(2, 2, 8, 9, low=-2, high=1).double()}
    add("max_pool2d", "max_pool2d_ties", make, pool, attributes, ("x",))

    make = lambda d: {"x": d.normal(2, 3, 3, 4)}
    upsample = lambda x: F.interpolate(x, scale_factor=2, mode="nearest")
    add("upsample_nearest2x", "upsample_nearest2x", make, upsample, {}, ("x",))

    for name, source, target in [
        ("up", (7, 7), (8, 8)), ("down", (8, 8), (5, 3)), ("uneven", (3, 5), (7, 4)),
        ("one", (1, 2), (3, 3)), ("same", (4, 3), (4, 3)),
    ]:
        resize = lambda x: F.interpolate(x, target, mode="bilinear", align_corners=False)
        make = lambda d: {"x": d.normal(1, 2, *source)}
        add("resize_bilinear", "resize_bilinear_" + name, make, resize,
            {"height": target[0], "width": target[1], "align_corners": False}, ("x",))


def layout():
    for name, dim, a, b in [
        ("channels", 1, (2, 3, 2, 3), (2, 4, 2, 3)), ("last", -1, (2, 3, 4), (2, 3, 2)),
    ]:
        make = lambda d: {"a": d.normal(*a), "b": d.normal(*b)}
        cat = lambda a, b: torch.cat((a, b), dim)
        add("cat", "cat_" + name, make, cat, {"dim": dim}, ("a", "b"))
    for name, shape, order in [
        ("nchw_to_nhwc", (2, 3, 4, 5), (0, 2, 3, 1)),
        ("nhwc_to_nchw", (2, 4, 5, 3), (0, 3, 1, 2)),
        ("six", (2, 2, 3, 2, 3, 2), (0, 1, 3, 2, 4, 5)),
    ]:
        permute = lambda x: x.permute(order)
        make = lambda d: {"x": d.normal(*shape)}
        add("permute", "permute_" + name, make, permute, {"dims": order}, ("x",))

    # Channels to space, as Swin-Unet's PatchExpand: feature (p1, p2, c) of token (h, w) becomes
    # feature c of token (h * scale + p1, w * scale + p2).
    for scale in (2, 4):

        def expand(x):
            n, h, w, c = x.shape
            x = x.reshape(n, h, w, scale, scale, c // scale**2).permute(0, 1, 3, 2, 4, 5)
            return x.reshape(n, h * scale, w * scale, c // scale**2)

        make = lambda d: {"x": d.normal(2, 2, 3, 2 * scale * scale)}
        add("patch_expand", f"patch_expand_{scale}x", make, expand, {"scale": scale}, ("x",))

    make = lambda d: {"x": d.normal(6, 4), "index": torch.tensor([3, 0, 5, 3, 3, 1, 0])}
    select = lambda x, index: x.index_select(0, index)
    add("index_select", "index_select_rows", make, select, {"dim": 0}, ("x",))


def arithmetic():
    make = lambda d: {"a": d.normal(2, 3, 4), "b": d.normal(2, 3, 4)}
    add("add", "add", make, lambda a, b: a + b, {}, ("a", "b"))
    make = lambda d: {"a": d.normal(2, 3, 4), "b": d.normal(3, 4)}
    add("add", "add_repeated", make, lambda a, b: a + b, {}, ("a", "b"))
    make = lambda d: {"x": d.normal(3, 2, 2), "mask": torch.tensor([0, 1.25, 1.25]).double()}
    add("drop_path", "drop_path", make, lambda x, mask: x * mask[:, None, None], {}, ("x",))
    make = lambda d: {"a": d.normal(2, 5), "b": d.normal(2, 5)}
    add("lerp", "lerp", make, lambda a, b: torch.lerp(a, b, 0.4), {"t": 0.4}, ("a", "b"))


def reductions():
    make = lambda d: {"x": d.normal(2, 3, 4)}
    add("sum", "sum_all", make, lambda x: x.sum(), {}, ("x",))
    add("mean", "mean_all", make, lambda x: x.mean(), {}, ("x",))
    make = lambda d: {"x": d.integers(2, 4, 3, low=-2, high=3).double()}
    add("argmax", "argmax_ties", make, lambda x: x.argmax(1), {"dim": 1})


def attention():
    # name, input [N, H, W, C], window, shift
    for name, (n, h, w, c), window, shift in [
        ("plain", (2, 4, 6, 2), 2, 0),
        ("shifted", (2, 6, 6, 2), 3, 1),
        ("padded", (1, 5, 7, 3), 3, 0),
        ("padded_shifted", (2, 5, 7, 2), 4, 2),
        ("one_window_high", (1, 3, 9, 2), 4, 1),
    ]:
        attributes = {"window": window, "shift": shift}
        size = {**attributes, "batch": n, "height": h, "width": w}
        count = (-(-h // window)) * (-(-w // window))
        partition = lambda x: windows.window_partition(x, window, shift)
        make = lambda d: {"x": d.normal(n, h, w, c)}
        add("window_partition", "window_partition_" + name, make, partition, attributes, ("x",))
        reverse = lambda x: windows.window_reverse(x, n, h, w, window, shift)
        make = lambda d: {"x": d.normal(n * count, window * window, c)}
        add("window_reverse", "window_reverse_" + name, make, reverse, size, ("x",))
        mask = lambda: windows.window_mask(h, w, window, shift)
        add("window_mask", "window_mask_" + name, lambda d: {}, mask,
            {**attributes, "height": h, "width": w})

    make = lambda d: {"table": d.normal(25, 2)}
    bias = lambda table: windows.relative_position_bias(table, 3)
    add("relative_position_bias", "relative_position_bias", make, bias, {"window": 3}, ("table",))

    # name, windows of the batch, tokens, heads, features a head, windows of an image
    for name, bw, tokens, heads, size, masks in [
        ("plain", 3, 4, 2, 3, 0), ("one_head", 2, 9, 1, 4, 0), ("masked", 6, 4, 3, 2, 3),
    ]:

        def make(d):
            inputs = {
                "qkv": d.normal(bw, tokens, 3 * heads * size),
                "bias": d.normal(heads, tokens, tokens),
            }
            if masks:
                inputs["mask"] = d.integers(masks, tokens, tokens, high=2).double() * -100
                inputs["mask"].diagonal(dim1=1, dim2=2).zero_()
            return inputs

        attend = lambda qkv, bias, mask=None: windows.window_attention(qkv, heads, bias, mask)
        add("window_attention", "window_attention_" + name, make, attend, {"heads": heads},
            ("qkv", "bias"))


if __name__ == "__main__":
    convolutions()
    products()
    normalisations()
    activations()
    images()
    layout()
    arithmetic()
    reductions()
    attention()
    fixtures.write(OUT)
