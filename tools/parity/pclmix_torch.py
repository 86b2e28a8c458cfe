"""The network of PCLMix in plain PyTorch, to compare the Java with.

Names of parameters are those of the Java network. How each part is composed:

encoder      ResNet of torchvision (depth 18, 34 basic blocks, 50 bottlenecks with the stride on the
             3x3), conv1 with 1 input channel, no classifier; features f0 after conv1/bn1/ReLU
             (stride 2), then 3x3 max pooling, f1..f4 after layer1..layer4 (strides 4..32). `width`
             is the channels of the stem, 64 in the paper.
decoder      y = f4; blocks.0..4: nearest upsampling by 2, concatenation [y, skip] with f3, f2, f1,
             f0 and nothing, conv1 3x3 without bias, bn1, ReLU, conv2 3x3 without bias, bn2, ReLU;
             head: 3x3 with bias.
transformer  embed.i for f1..f4: proj (1x1 convolution with bias to dim 2^i), norm (LayerNorm over
             channels), plus position [1, side^2, dim 2^i] (resized bilinearly to the map).
             y = embed.3; up.0..2 at strides 16, 8, 4 (C = 4 dim, 2 dim, dim):
               expand   PatchExpand: Linear(2C, 4C, no bias), features (p1, p2, c) of a token become
                        the pixels of a 2x2 block with c = C, LayerNorm(C)
               concat   Linear(2C, C, bias) of [y, embedded skip]
               blocks.0 Swin block, windows not shifted; blocks.1 shifted by half a window along
                        each axis that one window does not cover
             final: expand Linear(dim, 16 dim, no bias) to 4x4 pixels, norm LayerNorm(dim), head
             Linear(dim, classes, no bias).
             Swin block: x + attn(norm1 x), then x + fc2(GELU(fc1(norm2 x))), 4 C hidden features;
             attn: qkv Linear(C, 3C), proj Linear(C, C), relative_position_bias_table
             [(2 window - 1)^2, heads]. Drop-path on both branches, at rates from 0 to the largest in
             equal steps over the six blocks in the order stride 4, 8, 16.
embedding    on f2: conv1 1x1 with bias, bn, ReLU, conv2 1x1 with bias, L2 normalisation.

Parameters, counted below: at the paper's size (ResNet-50, window 7, 224 pixels) encoder 23,501,760,
U-Net decoder 9,013,508, Swin decoder 8,848,122 and its position embeddings 564,480, embedding head
395,008. The published code has one LayerNorm(96) more before the last expansion (192 parameters).

Run it to check the counts: python3 pclmix_torch.py. A training step is in pclmix_step.py.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import philox
import windows


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, cin, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = shortcut(cin, width, stride)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, cin, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = shortcut(cin, 4 * width, stride)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


def shortcut(cin, cout, stride):
    if stride == 1 and cin == cout:
        return nn.Identity()
    return nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))


class ResNet(nn.Module):
    BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}

    def __init__(self, depth, width, cin=1):
        super().__init__()
        block = Bottleneck if depth == 50 else BasicBlock
        self.conv1 = nn.Conv2d(cin, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.channels = [width]
        for i, count in enumerate(self.BLOCKS[depth]):
            stage, stride = [], 1 if i == 0 else 2
            for _ in range(count):
                before = self.channels[-1] if not stage else (width << i) * block.expansion
                stage.append(block(before, width << i, stride))
                stride = 1
            self.channels.append((width << i) * block.expansion)
            setattr(self, f"layer{i + 1}", nn.Sequential(*stage))

    def forward(self, x):
        features = [F.relu(self.bn1(self.conv1(x)))]
        y = F.max_pool2d(features[0], 3, 2, 1)
        for i in range(4):
            y = getattr(self, f"layer{i + 1}")(y)
            features.append(y)
        return features


class UpBlock(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class UnetDecoder(nn.Module):
    def __init__(self, encoder, channels, classes):
        super().__init__()
        skips = list(encoder[3::-1]) + [0]
        inputs = [encoder[4]] + list(channels[:4])
        self.blocks = nn.ModuleList(map(UpBlock, map(sum, zip(inputs, skips)), channels))
        self.head = nn.Conv2d(channels[4], classes, 3, 1, 1)

    def forward(self, features):
        y = features[4]
        for i, block in enumerate(self.blocks):
            y = F.interpolate(y, scale_factor=2, mode="nearest")
            y = block(torch.cat((y, features[3 - i]), 1) if i < 4 else y)
        return self.head(y)


class DropPath(nn.Module):
    """Multiplies every sample by its entry of `mask`, 0 or 1 / (1 - rate), in training."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate
        self.mask = None

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        return x * self.mask.to(x).reshape(-1, *[1] * (x.dim() - 1))


class WindowAttention(nn.Module):
    def __init__(self, dim, heads, window):
        super().__init__()
        self.heads, self.window = heads, window
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x, h, w, shift):
        bias = windows.relative_position_bias(self.relative_position_bias_table, self.window)
        mask = windows.window_mask(h, w, self.window, shift)
        return self.proj(windows.window_attention(self.qkv(x), self.heads, bias, mask))


class SwinBlock(nn.Module):
    def __init__(self, dim, heads, window, shifted, drop_path):
        super().__init__()
        self.window, self.shifted = window, shifted
        self.norm1 = nn.LayerNorm(dim)
        self.attn = WindowAttention(dim, heads, window)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(dim, 4 * dim), "fc2": nn.Linear(4 * dim, dim)})
        self.drop_path1 = DropPath(drop_path)
        self.drop_path2 = DropPath(drop_path)

    def forward(self, x):
        n, h, w, _ = x.shape
        shift = self.window // 2 if self.shifted else 0
        tokens = windows.window_partition(self.norm1(x), self.window, shift)
        tokens = self.attn(tokens, h, w, shift)
        x = x + self.drop_path1(windows.window_reverse(tokens, n, h, w, self.window, shift))
        return x + self.drop_path2(self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x)))))


class PatchEmbedding(nn.Module):
    def __init__(self, cin, dim, side):
        super().__init__()
        self.side = side
        self.proj = nn.Conv2d(cin, dim, 1)
        self.norm = nn.LayerNorm(dim)
        self.position = nn.Parameter(torch.zeros(1, side * side, dim))

    def forward(self, x):
        h, w = x.shape[2:]
        position = self.position.reshape(1, self.side, self.side, -1)
        if (h, w) != (self.side, self.side):
            position = F.interpolate(position.permute(0, 3, 1, 2), (h, w), mode="bilinear",
                                     align_corners=False).permute(0, 2, 3, 1)
        return self.norm(self.proj(x).permute(0, 2, 3, 1)) + position


def to_pixels(x, scale):
    """[N, H, W, (p1, p2, c)] -> [N, scale H, scale W, c]."""
    n, h, w, c = x.shape
    x = x.reshape(n, h, w, scale, scale, -1).permute(0, 1, 3, 2, 4, 5)
    return x.reshape(n, h * scale, w * scale, -1)


class PatchExpand(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.expand = nn.Linear(dim, 2 * dim, bias=False)
        self.norm = nn.LayerNorm(dim // 2)

    def forward(self, x):
        return self.norm(to_pixels(self.expand(x), 2))


class UpLevel(nn.Module):
    def __init__(self, dim, heads, window, rates):
        super().__init__()
        self.expand = PatchExpand(2 * dim)
        self.concat = nn.Linear(2 * dim, dim)
        self.blocks = nn.Sequential(
            SwinBlock(dim, heads, window, False, rates[0]),
            SwinBlock(dim, heads, window, True, rates[1]),
        )

    def forward(self, x, skip):
        return self.blocks(self.concat(torch.cat((self.expand(x), skip), -1)))


class FinalExpand(nn.Module):
    def __init__(self, dim, classes):
        super().__init__()
        self.expand = nn.Linear(dim, 16 * dim, bias=False)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes, bias=False)

    def forward(self, x):
        return self.head(self.norm(to_pixels(self.expand(x), 4))).permute(0, 3, 1, 2)


class SwinDecoder(nn.Module):
    def __init__(self, encoder, dim, heads, window, image_size, drop_path, classes):
        super().__init__()
        self.embed = nn.ModuleList(
            PatchEmbedding(encoder[i + 1], dim << i, image_size // (4 << i)) for i in range(4)
        )
        rates = [drop_path * i / 5 for i in range(6)]
        self.up = nn.ModuleList(
            UpLevel(dim << s, heads[s], window, rates[2 * s : 2 * s + 2]) for s in (2, 1, 0)
        )
        self.final = FinalExpand(dim, classes)

    def forward(self, features):
        y = self.embed[3](features[4])
        for level, stage in zip(self.up, (2, 1, 0)):
            y = level(y, self.embed[stage](features[stage + 1]))
        return self.final(y)


class Embedding(nn.Module):
    def __init__(self, cin, dim):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cin, 1)
        self.bn = nn.BatchNorm2d(cin)
        self.conv2 = nn.Conv2d(cin, dim, 1)

    def forward(self, x):
        return F.normalize(self.conv2(F.relu(self.bn(self.conv1(x)))), dim=1)


@dataclass
class Config:
    """Sizes of the network; heads at strides 4, 8, 16."""

    depth: int
    width: int
    unet: tuple
    dim: int
    heads: tuple
    window: int
    image_size: int
    drop_path: float = 0.1
    embedding: int = 256
    classes: int = 4


PAPER = Config(50, 64, (256, 128, 64, 32, 16), 96, (3, 6, 12), 8, 256)
PUBLISHED = Config(50, 64, (256, 128, 64, 32, 16), 96, (3, 6, 12), 7, 224)
SMALL = Config(18, 32, (128, 64, 32, 16, 16), 48, (3, 6, 12), 4, 128)


class PclMix(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.encoder = ResNet(config.depth, config.width)
        channels = self.encoder.channels
        self.decoder = UnetDecoder(channels, config.unet, config.classes)
        self.transformer = SwinDecoder(channels, config.dim, config.heads, config.window,
                                       config.image_size, config.drop_path, config.classes)
        self.embedding = Embedding(channels[2], config.embedding)
        self.initialise()

    def forward(self, x, with_embedding=True):
        """[N, 1, H, W] -> logits of both decoders [N, K, H, W], embeddings [N, E, H/8, W/8]."""
        features = self.encoder(x)
        embedding = self.embedding(features[2]) if with_embedding else None
        return self.decoder(features), self.transformer(features), embedding

    def initialise(self):
        """Kaiming normal (fan in) for convolutions, truncated normal 0.02 for the rest, bias 0."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02, a=-0.04, b=0.04)
            elif isinstance(module, WindowAttention):
                nn.init.trunc_normal_(module.relative_position_bias_table, std=0.02, a=-0.04, b=0.04)
            elif isinstance(module, PatchEmbedding):
                nn.init.trunc_normal_(module.position, std=0.02, a=-0.04, b=0.04)
            if isinstance(module, (nn.Conv2d, nn.Linear)) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def set_drop_path(self, masks):
        """Hands every drop-path layer with a rate above 0 its mask [N], in the order of creation."""
        layers = [m for m in self.modules() if isinstance(m, DropPath) and m.rate > 0]
        assert len(layers) == len(masks), (len(layers), len(masks))
        for layer, mask in zip(layers, masks):
            layer.mask = mask


def fill(module, seed):
    """Sets all parameters and buffers to numbers that Java can draw again.

    Tensor i in the sorted order of names gets, from the uniform floats u of the random stream (seed,
    0, i, 0), float32(offset + scale (2 u - 1)): offset 1 and scale 0.25 for running_var and the
    weights of normalisations (one-dimensional), 0 and 0.1 for other one-dimensional tensors, 0 and
    sqrt(3 / (size / first dimension)) for the rest, but 0.5 for position embeddings and relative
    position bias, and three times as much for heads, so that some predictions are certain.
    """
    state = {k: v for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}
    for i, name in enumerate(sorted(state)):
        tensor = state[name]
        if name.endswith(("position", "relative_position_bias_table")):
            offset, scale = 0.0, 0.5
        elif tensor.dim() > 1:
            offset, scale = 0.0, math.sqrt(3.0 / (tensor.numel() // tensor.shape[0]))
            if name.endswith("head.weight"):
                scale *= 3.0
        elif name.endswith((".weight", "running_var")):
            offset, scale = 1.0, 0.25
        else:
            offset, scale = 0.0, 0.1
        u = philox.floats(seed, 0, i, 0, tensor.numel()).astype(np.float64)
        values = np.float32(offset + scale * (2 * u - 1))
        tensor.copy_(torch.tensor(values).reshape(tensor.shape))


def count(module, skip=()):
    return sum(p.numel() for n, p in module.named_parameters() if not n.endswith(skip))


def counts(config):
    model = PclMix(config)
    return {
        "encoder": count(model.encoder),
        "decoder": count(model.decoder),
        "transformer": count(model.transformer, ("position",)),
        "position": count(model.transformer) - count(model.transformer, ("position",)),
        "embedding": count(model.embedding),
    }


def check():
    expected = {
        "encoder": 23_501_760, "decoder": 9_013_508, "transformer": 8_848_122,
        "position": 564_480, "embedding": 395_008,
    }
    found = counts(PUBLISHED)
    assert found == expected, found
    assert abs(sum(found.values()) - found["position"] - 41.8e6) < 0.05e6
    for name, config in [("paper, 224", PUBLISHED), ("paper, 256", PAPER), ("small", SMALL)]:
        found = counts(config)
        parts = ", ".join(f"{k} {v:,}" for k, v in found.items())
        print(f"{name}: {parts}; together {sum(found.values()):,}")


if __name__ == "__main__":
    check()
