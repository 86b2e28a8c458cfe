#!/usr/bin/env python3
"""Computes what a step costs with several workers; prints the tables of docs/cluster.md.

    python3 tools/cluster/step.py [--host NANOSECONDS]

A model, not a measurement: of W workers each computes 1/W of a step, then sends and receives 2 (W - 1) / W of the
vector that they sum, and spends host time on every number of it. Nothing overlaps. What smaller batches cost in
efficiency, and waiting for the slowest, are left out, so real steps take longer.
"""

import argparse

# Numbers in the vector: parameters (the README's table of presets and the start of a run), statistics of batch norm
# and prototypes, which are below a percent. Seconds a step of one worker, and where they come from.
PRESETS = [
    ("tiny", 1.386e6, 0.21, "measured: two idle cores"),
    ("small", 5.527e6, 1.05, "measured: two idle cores, AVX2"),
    ("best", 3.6e6, 0.163, "measured: two idle cores, AVX-512"),
    ("paper", 42.50e6, 23.8, "computed: 3.22 / 0.142 times the operations of small"),
    ("paper, H200", 42.50e6, 0.19, "estimated: docs/gpu.md"),
]
BANDWIDTHS = [1, 10, 25, 100]  # Gbit/s
WORKERS = [2, 4, 8]


def wire(numbers, workers):
    """Bytes that a worker sends, and as many that it receives at the same time."""
    return 8 * numbers * (workers - 1) / workers


def seconds(numbers, compute, workers, gigabits, host):
    exchange = wire(numbers, workers) * 8 / (gigabits * 1e9) + host * 1e-9 * numbers if workers > 1 else 0
    return compute / workers + exchange


def pays(numbers, compute, workers, host):
    """Gbit/s above which so many workers are faster than one; None if none is enough."""
    gain = compute - compute / workers - host * 1e-9 * numbers
    return wire(numbers, workers) * 8 / gain * 1e-9 if gain > 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", type=float, default=11, help="ns of a worker for each number (SocketExchangeTest)")
    host = parser.parse_args().host
    print("| preset | one worker, s | from | sent and received by each of 2 / 4 / 8, MB | 2 workers pay above | 8 pay above |")
    print("|---|---|---|---|---|---|")
    for name, numbers, compute, source in PRESETS:
        sent = " / ".join(f"{wire(numbers, w) / 1e6:.0f}" for w in WORKERS)
        limits = []
        for workers in (2, 8):
            limit = pays(numbers, compute, workers, host)
            limits.append("never" if limit is None else f"{limit:.2g} Gbit/s")
        print(f"| `{name}` | {compute} | {source} | {sent} | {limits[0]} | {limits[1]} |")
    print()
    print("| `paper` at W workers | " + " | ".join(f"{b} Gbit/s" for b in BANDWIDTHS) + " |")
    print("|---|" + "---|" * len(BANDWIDTHS))
    for name, numbers, compute, _ in PRESETS[3:]:
        for workers in [1] + WORKERS:
            cells = []
            for gigabits in BANDWIDTHS:
                s = seconds(numbers, compute, workers, gigabits, host)
                cells.append(f"{s:.3g} s ({compute / s:.1f}x)")
            print(f"| {name}, {workers} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
