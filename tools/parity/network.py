"""Writes network.json: the PCLMix network and training step as PyTorch computes them.

All arithmetic is in double precision. Weights come from `fill` in pclmix_torch.py and inputs from
`counted_batch` in pclmix_step.py or `signal` below, so Java makes the same ones without reading
them; what a case gives is written as a sketch:

    [number of elements, Euclidean norm, four projections]

A projection is the sum of the elements with random signs: element i has a minus in projection k
where bit k of word i of the stream (0, 9, 0, 0) is set. The square of a projection of a difference
has, over the signs, the square of the difference's norm as its mean, so the root mean square of
four of them measures how far two arrays are apart of which one is known by its sketch alone.

The file holds

    training  steps of training: losses of each; gradients of the first; weights, running
              statistics and memory after the last; before the first, the outputs in training
              and evaluation
    modules   parts of the network with the gradients of sum(output * signal): of parameters and
              of inputs

Seeds are chosen so that single precision decides as double does. The choice of anchors has argmax
and the entropy's threshold: a run prints how near the nearest decision was. And a ReLU that rounding
turns on or off at stride 32, where batch norm sees a dozen values, changes gradients by a hundredth:
with the seeds below, gradients stay within 4e-4 when every weight is disturbed by 2e-7 of itself.

Run: python3 tools/parity/network.py
"""

import json
import pathlib
from dataclasses import asdict, replace

import numpy as np
import torch

import losses
import philox
from pclmix_step import (
    Losses, Queue, counted_batch, drop_path_masks, learning_rate, training_step,
)
from pclmix_torch import Config, DropPath, PclMix, ResNet, SwinDecoder, fill

OUT = "pclmix/src/test/resources/tangram/pclmix/parity/network.json"
SIGNAL, MEMORY, SKETCH, PROJECTIONS = 5, 6, 9, 4


def signal(seed, number, *shape):
    """Numbers in [-1, 1): float32(2 u - 1) for the uniform floats of the stream (seed, 5, number, 0)."""
    u = philox.floats(seed, SIGNAL, number, 0, int(np.prod(shape))).astype(np.float64)
    return torch.tensor(np.float32(2 * u - 1).astype(np.float64).reshape(shape))


WORDS = philox.bits(0, SKETCH, 0, 0, 1 << 20)


def sketch(tensor):
    values = tensor.detach().double().reshape(-1).numpy()
    words = WORDS[: values.size]
    assert len(words) == values.size
    signs = [1.0 - 2.0 * ((words >> np.uint32(k)) & np.uint32(1)) for k in range(PROJECTIONS)]
    numbers = [np.sqrt(values @ values)] + [s @ values for s in signs]
    return [values.size] + [float(f"{v:.13g}") for v in numbers]


def sketches(tensors):
    return {k: None if v is None else sketch(v) for k, v in tensors.items()}


def weights_and_buffers(model):
    buffers = {k: v for k, v in model.named_buffers() if not k.endswith("num_batches_tracked")}
    return {"weights": sketches(dict(model.named_parameters())), "buffers": sketches(buffers)}


def prefilled(slots, dim, filled, seed):
    """A memory of unit vectors: `signal`-like numbers of the stream (seed, 6, 0, 0), normalised."""
    queue = Queue.empty(slots, dim, torch.float64)
    u = philox.floats(seed, MEMORY, 0, 0, 3 * slots * dim).astype(np.float64)
    vectors = (2 * u - 1).reshape(3, slots, dim)
    vectors = np.float32(vectors / np.sqrt((vectors**2).sum(-1, keepdims=True)))
    for c, count in enumerate(filled):
        queue.vectors[c, :count] = torch.tensor(vectors[c, :count].astype(np.float64))
        queue.filled[c] = count
        queue.next[c] = count % slots
    return queue


def margin(result, progress):
    """How far the decisions of a step's contrast are from being others."""
    at = lambda p: p[:, :, ::8, ::8].permute(0, 2, 3, 1).reshape(-1, 4).sort(-1).values
    gap = lambda p: (at(p)[:, 3] - at(p)[:, 2]).min()
    entropy = losses.entropy(result["q"])[:, ::8, ::8]
    return float(min(gap(result["main"]), gap(result["q"]),
                     (entropy - losses.entropy_threshold(progress)).abs().min()))


def training_case(name, network, config, *, seed, batch, first, steps, iterations, filled,
                  rate=(0.03, 0.001, 0.9), momentum=0.9, decay=5e-4,
                  devices=("reference", "vector"), gradients=True):
    model = PclMix(network).double()
    with torch.no_grad():
        fill(model, seed)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    case = {
        "name": name, "network": asdict(network), "losses": asdict(config), "seed": seed,
        "batch": batch, "first": first, "iterations": iterations, "filled": filled,
        "rate": rate, "momentum": momentum, "weight_decay": decay, "devices": devices,
    }
    at = lambda step: counted_batch(batch, network.image_size, seed, step)
    with torch.no_grad():
        x = at(first).x.double()
        model.eval()
        case["predict"] = sketch(model.decoder(model.encoder(x)))
        model.train()
        model.set_drop_path(drop_path_masks(model, batch, seed, first, 0))
        main, auxiliary, embedding = model(x)
        case["forward"] = sketches({
            "main": main.softmax(1), "auxiliary": auxiliary.softmax(1), "embedding": embedding})
    model.load_state_dict(before)
    queue = prefilled(config.slots, network.embedding, filled, seed)
    optimiser = torch.optim.SGD(model.parameters(), 0.0, momentum=momentum, weight_decay=decay)
    case["steps"] = []
    for step in range(first, first + steps):
        given = at(step)
        given.x = given.x.double()
        result = training_step(model, given, queue, config, seed, step, iterations)
        if step == first and gradients:
            case["gradients"] = sketches({k: p.grad for k, p in model.named_parameters()})
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, iterations, *rate)
        optimiser.step()
        terms = {k: float(result[k]) for k in ("total", "sup", "ctr", "het", "mix")}
        case["steps"].append({**terms, "anchors": result["anchors"]})
        note = ""
        if result["labels"] is not None:
            counts = [int((result["labels"] == c).sum()) for c in (-1, 0, 1, 2, 3)]
            note = f" labels -1..3 {counts} margin {margin(result, step / iterations):.1e}"
        print(name, step, {k: round(v, 4) for k, v in terms.items()}, result["anchors"], note)
    case.update(weights_and_buffers(model))
    case["queue"] = {"vectors": sketch(queue.vectors), "filled": queue.filled.tolist(),
                     "next": queue.next}
    return case


def module_case(name, module, attributes, inputs, *, seed):
    """Outputs and gradients of a part in training: of sum over outputs i of (y_i * signal i + 100)."""
    module = module.double()
    with torch.no_grad():
        fill(module, seed)
    module.train()
    layers = [m for m in module.modules() if isinstance(m, DropPath) and m.rate > 0]
    for layer, mask in zip(layers, drop_path_masks(module, len(inputs[0]), seed, 0, 0)):
        layer.mask = mask
    inputs = [x.requires_grad_() for x in inputs]
    outputs = module(inputs if len(inputs) > 1 else inputs[0])
    outputs = outputs if isinstance(outputs, list) else [outputs]
    loss = sum((y * signal(seed, 100 + i, *y.shape)).sum() for i, y in enumerate(outputs))
    loss.backward()
    return {
        "name": name, "module": type(module).__name__, **attributes, "seed": seed,
        "devices": ("reference", "vector"),
        "inputs": [list(x.shape) for x in inputs],
        "outputs": [sketch(y) for y in outputs],
        "gradients": sketches({k: p.grad for k, p in module.named_parameters()}),
        "input_gradients": [None if x.grad is None else sketch(x.grad) for x in inputs],
        "buffers": weights_and_buffers(module)["buffers"],
    }


def swin_case(name, encoder, dim, heads, window, image_size, drop_path, batch, height, width, seed):
    module = SwinDecoder(encoder, dim, heads, window, image_size, drop_path, 4)
    inputs = [signal(seed, i, batch, c, height >> (i + 1), width >> (i + 1))
              for i, c in enumerate(encoder)]
    attributes = {"encoder": encoder, "dim": dim, "heads": heads, "window": window,
                  "image_size": image_size, "drop_path": drop_path, "classes": 4}
    return module_case(name, module, attributes, inputs, seed=seed)


def resnet_case(name, depth, width, batch, height, image_width, seed):
    inputs = [signal(seed, 0, batch, 1, height, image_width)]
    return module_case(name, ResNet(depth, width), {"depth": depth, "width": width}, inputs,
                       seed=seed)


def main():
    torch.set_num_threads(1)
    network = Config(18, 8, (16, 16, 8, 8, 8), 12, (3, 6, 12), 4, 64, 0.0, 16)
    narrow = Config(18, 4, (8, 8, 4, 4, 4), 12, (3, 6, 12), 4, 64, 0.3, 16)
    training = [
        training_case(
            "one step with all losses", network, Losses(slots=8), seed=12, batch=3, first=30,
            steps=1, iterations=60, filled=[5, 8, 3]),
        training_case(
            "three steps with settings of their own", narrow,
            Losses(lt=0.3, contrast=0.25, consistency=0.8, mix=1.4, temperature=0.2, slots=3,
                   max_anchors=6, total_anchors=20, min_pixels=2, warm_up=0.05),
            seed=2, batch=2, first=0, steps=3, iterations=20, filled=[0, 0, 0],
            rate=(0.002, 0.0005, 0.8), momentum=0.8, decay=1e-2),
        training_case(
            "main decoder supervised alone, no contrast, no mixed consistency", narrow,
            Losses(terms=("SUP", "HET"), transformer_supervision=False, slots=1), seed=6, batch=2,
            first=0, steps=1, iterations=1, filled=[0, 0, 0]),
        # At the paper's learning rate PyTorch's single precision leaves its double precision within
        # five steps; at this one, weights disturbed by 1e-6 leave the losses within 1e-5.
        training_case(
            "ten steps", replace(network, drop_path=0.1),
            Losses(slots=8, warm_up=0.1, temperature=0.3), seed=16, batch=6, first=0, steps=10,
            iterations=20, filled=[0, 0, 0], rate=(3e-5, 1e-6, 0.9), devices=("vector",),
            gradients=False),
    ]
    modules = [
        swin_case("Swin decoder, window 7 on maps of 16, 8 and 4", (4, 5, 6, 7, 8), 12, (3, 6, 12),
                  7, 64, 0.2, 2, 64, 64, 4),
        swin_case("Swin decoder, window 4 on maps of 24x8, 12x4 and 6x2, position resized",
                  (4, 5, 6, 7, 8), 8, (1, 2, 4), 4, 64, 0.0, 1, 96, 32, 5),
        resnet_case("ResNet-50 of width 4", 50, 4, 2, 64, 96, 9),
    ]
    text = json.dumps({"generator": "tools/parity/network.py", "training": training,
                       "modules": modules}, separators=(",", ":"), allow_nan=False)
    text = text.replace('],"', '],\n"').replace('},"', '},\n"')
    path = pathlib.Path(__file__).resolve().parents[2] / OUT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")
    print(f"{path.name}: {len(text) / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
