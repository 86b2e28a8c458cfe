"""Window attention of the Swin transformer in plain PyTorch.

Source: Z. Liu et al., "Swin Transformer", ICCV 2021, and its published code. Two things go beyond
that code: padding tokens are masked from real ones, so that any input size works; and an axis that
one window covers is not shifted (as in torchvision).
"""

import torch
import torch.nn.functional as F

MASKED = -100.0


def axis_shift(size, window, shift):
    """The cyclic shift along an axis of this many tokens: none where one window covers it."""
    return 0 if size <= window else shift


def window_partition(x, window, shift):
    """[N, H, W, C] -> [N * windows, window * window, C].

    Pads with zeros at the bottom and right to multiples of the window, rolls by -shift along both
    axes, and cuts into windows, row by row; tokens of a window are row by row too.
    """
    n, h, w, c = x.shape
    x = F.pad(x, (0, 0, 0, -w % window, 0, -h % window))
    x = torch.roll(x, (-axis_shift(h, window, shift), -axis_shift(w, window, shift)), (1, 2))
    rows, columns = x.shape[1] // window, x.shape[2] // window
    x = x.reshape(n, rows, window, columns, window, c).permute(0, 1, 3, 2, 4, 5)
    return x.reshape(n * rows * columns, window * window, c)


def window_reverse(windows, n, h, w, window, shift):
    """The inverse of window_partition: [N * windows, window * window, C] -> [N, H, W, C]."""
    rows, columns = -(-h // window), -(-w // window)
    x = windows.reshape(n, rows, columns, window, window, -1).permute(0, 1, 3, 2, 4, 5)
    x = x.reshape(n, rows * window, columns * window, -1)
    x = torch.roll(x, (axis_shift(h, window, shift), axis_shift(w, window, shift)), (1, 2))
    return x[:, :h, :w]


def window_mask(h, w, window, shift):
    """What is added to the attention scores: [windows, T, T], 0 or -100, T = window * window.

    Two tokens of a window see each other when they were neighbours before the roll: the same one
    of the up to nine regions of the shifted image, and both real or both padding.
    """

    def regions(size):
        # Along one axis, in rolled order: the region of every token, -1 for padding.
        padded = size + -size % window
        region = torch.zeros(padded, dtype=torch.int64)
        s = axis_shift(size, window, shift)
        if s:
            region[padded - window : padded - s] = 1
            region[padded - s :] = 2
        origin = (torch.arange(padded) + s) % padded
        return torch.where(origin < size, region, torch.tensor(-1))

    rows, columns = regions(h)[:, None], regions(w)[None, :]
    region = torch.where((rows < 0) | (columns < 0), torch.tensor(-1), rows * 3 + columns)
    windows = window_partition(region[None, :, :, None].double(), window, 0)[:, :, 0]
    differ = windows[:, None, :] != windows[:, :, None]
    return differ.double() * MASKED


def relative_position_index(window):
    """Row of the bias table for each pair of tokens of a window: int [T, T]."""
    y, x = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
    y, x = y.reshape(-1), x.reshape(-1)
    dy = y[:, None] - y[None, :] + window - 1
    dx = x[:, None] - x[None, :] + window - 1
    return dy * (2 * window - 1) + dx


def relative_position_bias(table, window):
    """[(2 window - 1)^2, heads] -> [heads, T, T]."""
    tokens = window * window
    index = relative_position_index(window).reshape(-1)
    return table.index_select(0, index).reshape(tokens, tokens, -1).permute(2, 0, 1)


def window_attention(qkv, heads, bias, mask):
    """Attention within windows: softmax(q k^T / sqrt(d) + bias + mask) v.

    qkv: [Bw, T, 3 C], the last dimension ordered (q, k, v), then head, then feature d = C / heads.
    bias: [heads, T, T]. mask: [windows, T, T] or None; window b uses mask b mod windows.
    Returns [Bw, T, C].
    """
    bw, tokens, width = qkv.shape
    size = width // 3 // heads
    q, k, v = qkv.reshape(bw, tokens, 3, heads, size).permute(2, 0, 3, 1, 4)
    scores = q @ k.transpose(-2, -1) * size**-0.5 + bias
    if mask is not None:
        scores = scores + mask.repeat(bw // mask.shape[0], 1, 1)[:, None].to(scores.dtype)
    return (scores.softmax(-1) @ v).transpose(1, 2).reshape(bw, tokens, heads * size)
