"""Writes nn/src/test/resources/tangram/nn/model/models.txt: what torchvision's classifiers make of an
image when their weights are filled by their names. A line has the model, a colon, the number of
trained numbers and the logits of two images, in evaluation mode.

Needs torchvision beside PyTorch. ModelsTest fills weights in the same way, so equal logits show that
names and shapes are equal, too.
"""

import pathlib

import numpy
import torch
import torchvision.models as models

TABLE = numpy.sin(numpy.arange(9973.0))
CLASSES = 7
SIDE = 64


def table(count, factor, shift):
    return TABLE[(numpy.arange(count, dtype=numpy.int64) * factor + shift) % len(TABLE)]


def fill(model):
    for name, tensor in model.state_dict().items():
        if name.endswith(("num_batches_tracked", "relative_position_index")):
            continue
        values = table(tensor.numel(), 31, sum(name.encode()))
        if name.endswith("running_var"):
            values = 1 + 0.5 * values
        elif tensor.dim() == 1:
            values = 0.1 * values + (1 if name.endswith("weight") else 0)
        else:
            values = values * (3 / (tensor.numel() / tensor.shape[0])) ** 0.5
        tensor.copy_(torch.from_numpy(values.reshape(tensor.shape)))


def line(name, model, side=SIDE):
    model = model.double().eval()
    fill(model)
    images = torch.from_numpy(table(2 * 3 * side * side, 17, 5).reshape(2, 3, side, side))
    with torch.no_grad():
        logits = model(images)
    count = sum(p.numel() for p in model.parameters())
    return f"{name}: {count} " + " ".join(repr(float(v)) for v in logits.flatten())


if __name__ == "__main__":
    lines = [
        line(f"resnet{d}", getattr(models, f"resnet{d}")(num_classes=CLASSES))
        for d in (18, 34, 50, 101, 152)
    ]
    lines.append(line("vgg11", models.vgg11(num_classes=CLASSES)))
    lines.append(line("vgg11_bn", models.vgg11_bn(num_classes=CLASSES)))
    lines.append(line("mobilenet_v2", models.mobilenet_v2(num_classes=CLASSES)))
    lines.append(
        line("mobilenet_v2 0.35", models.mobilenet_v2(num_classes=CLASSES, width_mult=0.35))
    )
    # Maps of 16, 8, 4 and 2, which windows of 7 do not tile, and one of an odd side.
    for side, window in ((SIDE, 7), (36, 3)):
        swin = models.SwinTransformer([4, 4], 12, [2, 2, 2, 2], [1, 2, 3, 4], [window, window], num_classes=CLASSES)
        lines.append(line(f"swin {side}", swin, side))
    lines.append(line("swin_t", models.swin_t(num_classes=CLASSES)))
    vit = models.VisionTransformer(SIDE, 16, 3, 4, 24, 40, num_classes=CLASSES)
    lines.append(line("vit", vit))
    root = pathlib.Path(__file__).resolve().parents[2]
    path = root / "nn/src/test/resources/tangram/nn/model/models.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
