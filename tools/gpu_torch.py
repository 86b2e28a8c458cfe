"""PyTorch's times for the products of DeviceBenchmark, on the first CUDA device: python3 tools/gpu_torch.py"""

import sys

import torch
import torch.nn.functional as F

RUNS = 5
REPEATS = 20


def measure(name, flops, product):
    """Prints the best of some runs, as DeviceBenchmark does."""
    best = float("inf")
    for run in range(RUNS + 1):
        begin = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        begin.record()
        for _ in range(REPEATS):
            product()
        end.record()
        torch.cuda.synchronize()
        if run > 0:
            best = min(best, begin.elapsed_time(end) / REPEATS)
    print(f"{name:<56} {best:9.3f} ms {flops / best * 1e-9:9.4f} TFLOP/s")


def convolution(n, c, side, k, kernel, stride):
    x = torch.rand(n, c, side, side, device="cuda") - 0.5
    w = torch.rand(k, c, kernel, kernel, device="cuda") - 0.5
    settings = dict(stride=stride, padding=kernel // 2)
    y = F.conv2d(x, w, **settings)
    flops = 2 * y.numel() * c * kernel * kernel
    name = f"conv {kernel}x{kernel}/{stride} {c}->{k}, {n} x {side}x{side}"
    measure(name, flops, lambda: F.conv2d(x, w, **settings))
    measure(name + ", gradient of x", flops, lambda: torch.nn.grad.conv2d_input(x.shape, w, y, **settings))
    measure(name + ", gradient of w", flops, lambda: torch.nn.grad.conv2d_weight(x, w.shape, y, **settings))


if not torch.cuda.is_available():
    sys.exit("PyTorch sees no CUDA device")
print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}")
torch.backends.cudnn.benchmark = True
for tf32 in (False, True):
    # Our kernels multiply in single precision; TF32 has ten bits of mantissa.
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    print("TF32:" if tf32 else "Single precision:")
    for n in (512, 1024, 2048, 4096):
        a = torch.rand(n, n, device="cuda") - 0.5
        measure(f"gemm {n}", 2 * n**3, lambda: a @ a)
    convolution(12, 1, 256, 64, 7, 2)
    convolution(12, 64, 64, 64, 3, 1)
    convolution(12, 256, 64, 64, 1, 1)
    convolution(12, 128, 32, 128, 3, 1)
    convolution(12, 256, 16, 256, 3, 1)
    convolution(12, 512, 8, 512, 3, 1)
