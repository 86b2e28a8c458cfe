"""Writes encoder.json: what torchvision's ResNets compute for a grey image.

Weights come from `fill` in pclmix_torch.py under torchvision's own names, so Java makes the same
ones without reading them, and the image from `signal` in network.py. A grey image enters torchvision
as three equal channels. The file holds, for each depth,

    depth     18, 34 or 50
    names     every name of the state dictionary with its shape
    features  sketches (see network.py) of the maps at strides 2, 4, 8, 16 and 32, evaluation mode

Needs torchvision beside PyTorch. Run: python3 tools/parity/encoder.py
"""

import json
import pathlib

import torch
import torchvision

from network import signal, sketch
from pclmix_torch import fill

OUT = "pclmix/src/test/resources/tangram/pclmix/parity/encoder.json"


def features(net, x):
    stem = net.relu(net.bn1(net.conv1(x)))
    maps = [stem]
    y = net.maxpool(stem)
    for layer in (net.layer1, net.layer2, net.layer3, net.layer4):
        y = layer(y)
        maps.append(y)
    return maps


def case(depth):
    net = getattr(torchvision.models, f"resnet{depth}")().double()
    fill(net, seed=depth)
    net.eval()
    grey = signal(depth, 1, 1, 1, 64, 64)
    with torch.no_grad():
        maps = features(net, grey.repeat(1, 3, 1, 1))
    return {
        "depth": depth,
        "names": {name: list(t.shape) for name, t in net.state_dict().items()},
        "features": [sketch(m) for m in maps],
    }


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parents[2]
    path = root / OUT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([case(d) for d in (18, 34, 50)], separators=(",", ":")) + "\n")
    print(path.relative_to(root), path.stat().st_size, "bytes")
