"""Writes onnx/src/test/resources/tangram/onnx/operators.json: calls of ONNX's newer operators, with what they give.

Expected numbers come from PyTorch where it has the operation, else from NumPy by the formula of the operator's
documentation. A case is

    operator, opset
    attributes  by name: a number, a text or a list
    inputs      each {type, dims, values}, or null
    outputs     the same

Run: python3 tools/parity/onnx_operators.py
"""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.ops import deform_conv2d

OUT = pathlib.Path("onnx/src/test/resources/tangram/onnx/operators.json")
TYPES = {"float32": "float", "float64": "double", "int64": "int64", "int32": "int32", "bool": "bool", "uint8": "uint8",
         "int8": "int8", "uint16": "uint16", "int16": "int16", "uint32": "uint32", "uint64": "uint64"}
CASES = []
RANDOM = np.random.default_rng(0)


def value(x):
    if x is None:
        return None
    if isinstance(x, tuple):
        kind, array = x
        return dict(value(np.asarray(array)), type=kind)
    if isinstance(x, torch.Tensor):
        x = x.detach().numpy()
    x = np.asarray(x)
    if x.dtype.kind == "U":
        return {"type": "string", "dims": list(x.shape), "values": x.flatten().tolist()}
    values = [str(v) if isinstance(v, float) and not math.isfinite(v) else float("%.9g" % v) if isinstance(v, float) else v
              for v in x.flatten().tolist()]
    return {"type": TYPES[str(x.dtype)], "dims": list(x.shape), "values": values}


def case(operator, opset, inputs, outputs, **attributes):
    CASES.append({"operator": operator, "opset": opset, "attributes": attributes,
                  "inputs": [value(x) for x in inputs], "outputs": [value(x) for x in outputs]})


def normal(*dims):
    return RANDOM.standard_normal(dims).astype(np.float32)


def activations():
    x = torch.tensor(normal(2, 5) * 2)
    case("Gelu", 20, [x], [F.gelu(x)])
    case("Mish", 18, [x], [F.mish(x)])
    case("Swish", 24, [x], [x * torch.sigmoid(1.5 * x)], alpha=1.5)
    case("HardSwish", 22, [x], [F.hardswish(x)])
    tanh = 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    case("Gelu", 20, [x], [tanh], approximate="tanh")


def norms():
    x = torch.tensor(normal(2, 6, 3))
    w, b = torch.tensor(normal(6)), torch.tensor(normal(6))
    case("GroupNormalization", 21, [x, w, b], [F.group_norm(x, 3, w, b, 1e-3)], num_groups=3, epsilon=1e-3)
    # Before opset 21 scales belong to groups.
    gw, gb = w[:2], b[:2]
    case("GroupNormalization", 18, [x, gw, gb],
         [F.group_norm(x, 2, gw.repeat_interleave(3), gb.repeat_interleave(3), 1e-5)], num_groups=2)
    y = torch.tensor(normal(2, 3, 4))
    scale = torch.tensor(normal(4))
    case("RMSNormalization", 23, [y, scale], [y / torch.sqrt((y * y).mean(-1, keepdim=True) + 1e-4) * scale], epsilon=1e-4)
    p = torch.tensor(normal(1, 2, 7, 6))
    case("LpPool", 18, [p], [F.lp_pool2d(p.abs(), 3, (2, 3), 2)], kernel_shape=[2, 3], strides=[2, 2], p=3)
    dilated = torch.stack([p.abs()[..., i:i + 4] ** 2 for i in (0, 2)]).sum(0).sqrt()
    case("LpPool", 18, [p], [dilated], kernel_shape=[1, 2], dilations=[1, 2], p=2)
    case("AveragePool", 19, [p], [(p[..., 0:4] + p[..., 2:6]) / 2], kernel_shape=[1, 2], dilations=[1, 2])


def attention(q, k, v, bias, scale):
    rep = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(rep, 1), v.repeat_interleave(rep, 1)
    s = q @ k.transpose(-2, -1) * scale
    s = s if bias is None else s + bias
    p = torch.nan_to_num(s.softmax(-1))
    return p @ v, s


def attentions():
    q, k, v = (torch.tensor(normal(*d)) for d in ((2, 4, 3, 8), (2, 2, 5, 8), (2, 2, 5, 6)))
    case("Attention", 23, [q, k, v], [attention(q, k, v, None, 8**-0.5)[0]])
    inf = -math.inf
    mask = torch.rand(3, 5, generator=torch.Generator().manual_seed(1)) > 0.4
    mask[1] = False
    bias = torch.where(mask, 0.0, inf)
    case("Attention", 23, [q, k, v, mask], [attention(q, k, v, bias, 0.3)[0]], scale=0.3)
    past_k, past_v = torch.tensor(normal(2, 2, 2, 8)), torch.tensor(normal(2, 2, 2, 6))
    all_k, all_v = torch.cat([past_k, k], 2), torch.cat([past_v, v], 2)
    causal = torch.where(torch.arange(7)[None] <= torch.arange(3)[:, None] + 2, 0.0, inf)
    y, s = attention(q, all_k, all_v, causal, 8**-0.5)
    case("Attention", 24, [q, k, v, None, past_k, past_v], [y, all_k, all_v, s], is_causal=1, qk_matmul_output_mode=2)
    lengths = np.array([5, 2], np.int64)
    seen = torch.arange(5)[None, None] <= torch.arange(3)[None, :, None] + torch.tensor(lengths - 3)[:, None, None]
    seen &= torch.arange(5)[None, None] < torch.tensor(lengths)[:, None, None]
    case("Attention", 24, [q, k, v, None, None, None, lengths],
         [attention(q, k, v, torch.where(seen, 0.0, inf)[:, None], 8**-0.5)[0]], is_causal=1)
    flat = [t.transpose(1, 2).flatten(2) for t in (q, k, v)]
    y = attention(q, k, v, None, 8**-0.5)[0].transpose(1, 2).flatten(2)
    case("Attention", 23, flat, [y], q_num_heads=4, kv_num_heads=2)
    soft = q @ k.repeat_interleave(2, 1).transpose(-2, -1) * 8**-0.5
    soft = (2 * torch.tanh(soft / 2)).softmax(-1) @ v.repeat_interleave(2, 1)
    case("Attention", 23, [q, k, v], [soft], softcap=2.0)
    # Turning pairs of features is a product of complex numbers.
    x = torch.tensor(normal(2, 3, 4, 6))
    angles = torch.tensor(normal(9, 3))
    places = np.array([[0, 1, 2, 3], [8, 5, 4, 1]], np.int64)
    turn = torch.polar(torch.ones(()), angles[torch.tensor(places)])[:, None]
    halves = torch.complex(x[..., :3], x[..., 3:]) * turn
    case("RotaryEmbedding", 23, [x, angles.cos(), angles.sin(), places], [torch.cat([halves.real, halves.imag], -1)])
    pairs = torch.view_as_real(torch.view_as_complex(x.reshape(2, 3, 4, 3, 2)) * turn).flatten(-2)
    case("RotaryEmbedding", 23, [x, angles.cos(), angles.sin(), places], [pairs], interleaved=1)


def images():
    x = torch.tensor(normal(1, 2, 8, 9))
    small = np.array([1, 2, 3, 5], np.int64)
    for mode, name in (("linear", "bilinear"), ("cubic", "bicubic")):
        y = F.interpolate(x, size=(3, 5), mode=name, antialias=True, align_corners=False)
        more = {"exclude_outside": 1} if mode == "linear" else {"exclude_outside": 1, "cubic_coeff_a": -0.5}
        case("Resize", 19, [x, None, None, small], [y], mode=mode, antialias=1, **more)
    y = F.interpolate(x, size=(16, 18), mode="bilinear", align_corners=True)
    case("Resize", 18, [x, None, None, np.array([16, 18], np.int64)], [y], mode="linear", axes=[2, 3],
         coordinate_transformation_mode="align_corners")
    # 8 x 9 within 4 x 100 is halved: 4 x 4.5, rounded up.
    half = x[:, :, ::2, ::2]
    case("Resize", 19, [x, None, None, np.array([4, 100], np.int64)], [half], axes=[2, 3], nearest_mode="floor",
         coordinate_transformation_mode="asymmetric", keep_aspect_ratio_policy="not_larger")
    theta = torch.tensor(normal(2, 2, 3))
    for corners in (False, True):
        grid = F.affine_grid(theta, (2, 1, 3, 4), align_corners=corners)
        case("AffineGrid", 20, [theta, np.array([2, 1, 3, 4], np.int64)], [grid], align_corners=int(corners))
    volume = torch.tensor(normal(1, 2, 3, 4, 5))
    grid = torch.tensor(RANDOM.uniform(-1.3, 1.3, (1, 2, 3, 4, 3)).astype(np.float32))
    for padding in ("zeros", "border", "reflection"):
        y = F.grid_sample(volume, grid, "bilinear", padding, align_corners=False)
        case("GridSample", 20, [volume, grid], [y], mode="linear", padding_mode=padding)
    flat = torch.tensor(RANDOM.uniform(-1.3, 1.3, (1, 3, 4, 2)).astype(np.float32))
    for padding in ("zeros", "border", "reflection"):
        y = F.grid_sample(x, flat, "bicubic", padding, align_corners=True)
        case("GridSample", 20, [x, flat], [y], mode="cubic", padding_mode=padding, align_corners=1)
    columns = torch.tensor(normal(1, 2 * 6, 3 * 3))
    y = F.fold(columns, (5, 5), (2, 3), padding=(1, 1), stride=(2, 2))
    case("Col2Im", 18, [columns, np.array([5, 5], np.int64), np.array([2, 3], np.int64)], [y],
         pads=[1, 1, 1, 1], strides=[2, 2])
    w, b = torch.tensor(normal(2, 2, 3, 3)), torch.tensor(normal(2))
    offset, mask = torch.tensor(normal(1, 18, 4, 5)), torch.tensor(RANDOM.uniform(0, 1, (1, 9, 4, 5)).astype(np.float32))
    y = deform_conv2d(x, offset, w, b, stride=2, padding=1, mask=mask)
    case("DeformConv", 22, [x, w, offset, b, mask], [y], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])


def places():
    x = normal(3, 4)
    axis = np.array(1, np.int64)
    case("CumProd", 26, [x, axis], [np.cumprod(x, 1)])
    case("CumProd", 26, [x, axis], [np.concatenate([np.cumprod(x[:, ::-1], 1)[:, -2::-1], np.ones((3, 1), np.float32)], 1)],
         exclusive=1, reverse=1)
    cache, new = normal(2, 3, 5, 2), normal(2, 3, 2, 2)
    start = np.array([1, 4], np.int64)
    y = cache.copy()
    y[0, :, 1:3], y[1, :, 4], y[1, :, 0] = new[0], new[1, :, 0], new[1, :, 1]
    case("TensorScatter", 24, [cache, new, start], [y], mode="circular")
    z = normal(5, 4)
    case("CenterCropPad", 18, [z, np.array([2, 7], np.int64)], [np.pad(z[1:3], ((0, 0), (1, 2)))])
    case("Pad", 19, [z, np.array([1, 0, 0, 3], np.int64)], [np.pad(z, ((1, 0), (0, 3)), mode="wrap")], mode="wrap")
    case("Split", 18, [z], [z[:2], z[2:4], z[4:]], num_outputs=3)
    a, b = np.array([200, 15, 7], np.uint8), np.array([0x55, 0x0f, 0xff], np.uint8)
    case("BitwiseAnd", 18, [a, b], [a & b])
    case("BitwiseXor", 18, [a, b], [a ^ b])
    case("BitwiseNot", 18, [a.astype(np.int16)], [~a.astype(np.int16)])
    case("BitCast", 26, [np.array([1.0, -2.5], np.float32)], [np.array([1.0, -2.5], np.float32).view(np.int32)], to=6)
    big = np.array([2**64 - 1, 5, 2**63], np.uint64)
    case("TopK", 11, [big, np.array([2], np.int64)], [np.array([2**64 - 1, 2**63], np.uint64), np.array([0, 2], np.int64)])
    case("Div", 14, [big, np.array([2, 3, 7], np.uint64)], [big // np.array([2, 3, 7], np.uint64)])
    case("ReduceMin", 20, [np.array([[True, False], [True, True]]), np.array([1], np.int64)], [np.array([False, True])],
         keepdims=0)
    empty = np.zeros((2, 0, 3), np.float32)
    case("ReduceMax", 20, [empty, np.array([1], np.int64)], [np.full((2, 1, 3), -np.inf, np.float32)])


def signals():
    x = normal(2, 10, 3, 1)
    y = np.fft.fft(x[..., 0], axis=1)
    case("DFT", 20, [x, None, np.array(1, np.int64)], [np.stack([y.real, y.imag], -1).astype(np.float32)])
    one = np.fft.rfft(x[..., 0], axis=2)
    case("DFT", 20, [x, None, np.array(-2, np.int64)], [np.stack([one.real, one.imag], -1).astype(np.float32)], onesided=1)
    z = normal(1, 6, 2)
    back = np.fft.ifft(z[..., 0] + 1j * z[..., 1], n=8, axis=1)
    case("DFT", 20, [z, np.array(8, np.int64)], [np.stack([back.real, back.imag], -1).astype(np.float32)], inverse=1)


def texts():
    a, b = np.array([["a", "bc"], ["", "d"]]), np.array(["x", "yz"])
    case("StringConcat", 20, [a, b], [np.array([["ax", "bcyz"], ["x", "dyz"]])])
    s = np.array(["one two  three", " x ", ""])
    case("StringSplit", 20, [s], [np.array([["one", "two", "three"], ["x", "", ""], ["", "", ""]]), np.array([3, 1, 0], np.int64)])
    case("StringSplit", 20, [np.array(["a-b-c", "--"])], [np.array([["a", "b-c"], ["", "-"]]), np.array([2, 2], np.int64)],
         delimiter="-", maxsplit=1)
    case("RegexFullMatch", 20, [np.array(["ab1", "ab"])], [np.array([True, False])], pattern="[a-z]+[0-9]")


def short_types():
    x = np.array([0.1, -1.3, 500, 1e9, 0.0009765625, -0.0], np.float32)
    # Neighbours of e4m3fn, whose steps are 1/8 of the power of two below, and 2^-9 near 0; 448 is the largest.
    case("Cast", 19, [x], [("float8e4m3fn", np.array([0.1015625, -1.25, 448, 448, 0.0, -0.0], np.float32))], to=17)
    case("Cast", 19, [x], [("float8e5m2", np.array([0.09375, -1.25, 512, np.inf, 0.0009765625, -0.0], np.float32))],
         to=19, saturate=0)
    case("Cast", 23, [np.array([0.4, 2.5, -7, 5.1], np.float32)], [("float4e2m1", np.array([0.5, 2, -6, 6], np.float32))], to=23)
    case("Cast", 21, [np.array([17, -3, 9], np.int32)], [("int4", np.array([1, -3, -7], np.int64))], to=22)
    v = np.array([[1.0, 2.5, -3.0, 40.0], [0.2, -0.6, 100.0, 3.5]], np.float32)
    scale = np.array([[0.5, 4.0], [0.1, 8.0]], np.float32)
    zero = ("uint4", np.array([[8, 8], [8, 1]], np.int64))
    q = np.clip(np.rint(v / scale.repeat(2, 1)) + np.array([[8, 8], [8, 1]]).repeat(2, 1), 0, 15).astype(np.int64)
    case("QuantizeLinear", 21, [v, scale, zero], [("uint4", q)], axis=1, block_size=2)
    back = ((q - np.array([[8, 8], [8, 1]]).repeat(2, 1)) * scale.repeat(2, 1)).astype(np.float32)
    case("DequantizeLinear", 21, [("uint4", q), scale, zero], [back], axis=1, block_size=2)


for part in (activations, norms, attentions, images, places, signals, texts, short_types):
    part()
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text("[" + ",\n".join(json.dumps(c) for c in CASES) + "]\n")
