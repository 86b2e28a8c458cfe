"""PyTorch's numbers beside those of tools/gpu-check, on the first CUDA device:

  python3 tools/gpu_torch.py products   the products of DeviceBenchmark
  python3 tools/gpu_torch.py memory     what it does to measure GB/s
  python3 tools/gpu_torch.py networks   plain U-Nets of the sizes of the presets' encoders, eager
"""

import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

RUNS = 5
REPEATS = 20
STEPS = 10


def measure(name, amount, unit, call):
    """Prints the best of some runs, as DeviceBenchmark does."""
    best = float("inf")
    for run in range(RUNS + 1):
        begin = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(REPEATS):
            call()
        end.record()
        torch.cuda.synchronize()
        if run > 0:
            best = min(best, begin.elapsed_time(end) / REPEATS)
    speed = amount / best * (1e-9 if unit == "TFLOP/s" else 1e-6)
    print(f"{name:<56} {best:9.4f} ms {speed:9.4f} {unit}", flush=True)


def random(*shape):
    return torch.rand(*shape, device="cuda") - 0.5


def convolution(n, c, side, k, kernel, stride):
    x = random(n, c, side, side)
    w = random(k, c, kernel, kernel)
    settings = dict(stride=stride, padding=kernel // 2)
    y = F.conv2d(x, w, **settings)
    flops = 2 * y.numel() * c * kernel * kernel
    name = f"conv {kernel}x{kernel}/{stride} {c}->{k}, {n} x {side}x{side}"
    measure(name, flops, "TFLOP/s", lambda: F.conv2d(x, w, **settings))
    measure(name + ", gradient of x", flops, "TFLOP/s", lambda: torch.nn.grad.conv2d_input(x.shape, w, y, **settings))
    measure(name + ", gradient of w", flops, "TFLOP/s", lambda: torch.nn.grad.conv2d_weight(x, w.shape, y, **settings))


def products():
    for n in (512, 1024, 2048, 4096):
        a = random(n, n)
        measure(f"gemm {n}", 2 * n**3, "TFLOP/s", lambda: a @ a)
    convolution(12, 1, 256, 64, 7, 2)
    convolution(12, 64, 64, 64, 3, 1)
    convolution(12, 256, 64, 64, 1, 1)
    convolution(12, 128, 32, 128, 3, 1)
    convolution(12, 256, 16, 256, 3, 1)
    convolution(12, 512, 8, 512, 3, 1)


def memory():
    n = 1 << 26
    a, b = random(n), random(n)
    measure(f"add {n}", 12 * n, "GB/s", lambda: a + b)
    rows = a.view(-1, 256)
    measure(f"softmax {len(rows)} x 256", 8 * n, "GB/s", lambda: rows.softmax(1))
    x, gamma, beta = random(48, 64, 128, 128), random(64), random(64)
    measure("batch norm 48 x 64 x 128x128", 8 * x.numel(), "GB/s",
            lambda: F.batch_norm(x, None, None, gamma, beta, training=True))


def block(inputs, outputs, stride=1):
    """Two convolutions with batch norm and ReLU."""
    layers = []
    for c, s in ((inputs, stride), (outputs, 1)):
        layers += [nn.Conv2d(c, outputs, 3, s, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Blocks down to stride 32 and up again, with skip connections."""

    def __init__(self, down, up):
        super().__init__()
        self.down = nn.ModuleList(block(c, k, 2) for c, k in zip([1] + down[:-1], down))
        skips = down[-2::-1] + [0]
        self.up = nn.ModuleList(block(c + s, k) for c, s, k in zip(down[-1:] + up[:-1], skips, up))
        self.last = nn.Conv2d(up[-1], 4, 1)

    def forward(self, x):
        features = []
        for part in self.down:
            x = part(x)
            features.append(x)
        features.pop()
        for part in self.up:
            x = F.interpolate(x, scale_factor=2)
            x = part(torch.cat([x, features.pop()], 1) if features else x)
        return self.last(x)


def network(name, side, down, up):
    net = UNet(down, up).cuda()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    x = random(12, 1, side, side)
    target = torch.randint(4, (12, side, side), device="cuda")
    times = []
    for _ in range(3 + STEPS):
        torch.cuda.synchronize()
        start = time.perf_counter()
        optimizer.zero_grad()
        F.cross_entropy(net(x), target).backward()
        optimizer.step()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    parameters = sum(p.numel() for p in net.parameters())
    median = sorted(times[3:])[STEPS // 2] * 1e3
    print(f"U-Net of {parameters:,} parameters, sizes of '{name}', 12 x {side}x{side}: {median:.1f} ms a step", flush=True)


def networks():
    """One forward and backward pass of one U-Net; a step of PCLMix has several, and a Swin decoder."""
    network("small", 128, [32, 32, 64, 128, 256], [128, 64, 32, 16, 16])
    # The channels within the bottlenecks of its ResNet-50.
    network("paper", 256, [64, 64, 128, 256, 512], [256, 128, 64, 32, 16])


PARTS = dict(products=products, memory=memory, networks=networks)
if not sys.argv[1:] or not set(sys.argv[1:]) <= set(PARTS):
    sys.exit(f"gpu_torch.py measures {', '.join(PARTS)}: name one or more.")
if not torch.cuda.is_available():
    sys.exit("PyTorch sees no CUDA device.")
print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}")
torch.backends.cudnn.benchmark = True
for tf32 in (False, True):
    # Our kernels multiply in single precision; TF32 has ten bits of mantissa.
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    print("TF32:" if tf32 else "Single precision:")
    for part in sys.argv[1:]:
        PARTS[part]()
