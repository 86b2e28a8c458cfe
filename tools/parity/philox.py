"""Philox4x32-10 in NumPy: the same numbers as tangram.tensor.CounterRandom, many at a time.

A stream is named by (seed, purpose, step, sample). The counter words are (index, sample, step,
purpose), the key words the low and high half of the seed; every counter gives four words of 32
bits. Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

Run it to check the known answers of Random123 (kat_vectors): python3 philox.py
"""

import math

import numpy as np

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = 0x9E3779B9, 0xBB67AE85
MASK, SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)


def philox4x32(counter, key):
    """The ten rounds on many counters.

    counter: integers [..., 4]; key: two integers. Returns uint32 [..., 4].
    """
    c0, c1, c2, c3 = np.moveaxis(np.asarray(counter, np.uint64), -1, 0)
    k0, k1 = int(key[0]), int(key[1])
    for _ in range(10):
        p0, p1 = M0 * c0, M1 * c2
        c0, c1, c2, c3 = (
            (p1 >> SHIFT) ^ c1 ^ np.uint64(k0),
            p1 & MASK,
            (p0 >> SHIFT) ^ c3 ^ np.uint64(k1),
            p0 & MASK,
        )
        k0, k1 = (k0 + W0) & 0xFFFFFFFF, (k1 + W1) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], -1).astype(np.uint32)


def bits(seed, purpose, step, sample, n):
    """The first n words of a stream, uint32 [n]: what n calls of nextInt() return."""
    blocks = -(-n // 4)
    counter = np.empty((blocks, 4), np.uint64)
    counter[:, 0] = np.arange(blocks)
    counter[:, 1:] = [v & 0xFFFFFFFF for v in (sample, step, purpose)]
    return philox4x32(counter, (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)).reshape(-1)[:n]


def floats(seed, purpose, step, sample, n):
    """The first n results of nextFloat(), float32 [n] in [0, 1)."""
    return (bits(seed, purpose, step, sample, n) >> 8).astype(np.float32) * np.float32(2**-24)


def doubles(seed, purpose, step, sample, n):
    """The first n results of nextDouble(), float64 [n] in [0, 1)."""
    words = bits(seed, purpose, step, sample, 2 * n).astype(np.uint64).reshape(n, 2)
    high, low = words[:, 0] >> np.uint64(5), words[:, 1] >> np.uint64(6)
    return ((high << np.uint64(26)) | low).astype(np.float64) * 2.0**-53


def gaussians(seed, purpose, step, sample, n):
    """The first n results of nextGaussian(), float64 [n].

    Equal but for the last bits: logarithm and cosine come from another library than Java's.
    """
    u = doubles(seed, purpose, step, sample, 2 * n).reshape(n, 2)
    return np.sqrt(-2 * np.log(1 - u[:, 0])) * np.cos(2 * math.pi * u[:, 1])


class CounterRandom:
    """One stream drawn from in turn, for what takes a varying number of words."""

    def __init__(self, seed, purpose, step, sample):
        self.key = (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)
        self.words = [v & 0xFFFFFFFF for v in (sample, step, purpose)]
        self.index = 0
        self.block = []

    def next_bits(self):
        """32 random bits as a number in [0, 2^32): Java's nextInt() without its sign."""
        if not self.block:
            self.block = philox4x32([self.index] + self.words, self.key).tolist()
            self.index += 1
        return self.block.pop(0)

    def next_int(self, bound):
        """Uniform integer in [0, bound): multiply-shift with rejection."""
        if bound <= 0:
            raise ValueError(f"bound must be positive, got {bound}")
        product = self.next_bits() * bound
        if product & 0xFFFFFFFF < bound:
            threshold = (2**32 - bound) % bound
            while product & 0xFFFFFFFF < threshold:
                product = self.next_bits() * bound
        return product >> 32

    def next_float(self):
        return (self.next_bits() >> 8) * 2.0**-24

    def next_double(self):
        high, low = self.next_bits() >> 5, self.next_bits() >> 6
        return ((high << 26) | low) * 2.0**-53

    def next_gaussian(self):
        radius = math.sqrt(-2 * math.log(1 - self.next_double()))
        return radius * math.cos(2 * math.pi * self.next_double())

    def permutation(self, n):
        """Uniform random permutation of 0..n-1 (Fisher-Yates)."""
        p = [0] * n
        for i in range(n):
            j = self.next_int(i + 1)
            p[i], p[j] = p[j], i
        return p


def check():
    """Compares with the known answers and the two ways of drawing with each other."""
    ones = 0xFFFFFFFF
    known = [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((ones,) * 4, (ones,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ]
    for counter, key, answer in known:
        words = " ".join(f"{w:08x}" for w in philox4x32(counter, key).tolist())
        assert words == answer, (counter, key, words)
    name = (0x123456789ABCDEF0, 3, 17, 5)
    stream = CounterRandom(*name)
    assert bits(*name, 11).tolist() == [stream.next_bits() for _ in range(11)]
    stream = CounterRandom(*name)
    assert floats(*name, 9).tolist() == [stream.next_float() for _ in range(9)]
    stream = CounterRandom(*name)
    assert doubles(*name, 9).tolist() == [stream.next_double() for _ in range(9)]
    stream = CounterRandom(*name)
    assert np.allclose(gaussians(*name, 9), [stream.next_gaussian() for _ in range(9)], 0, 1e-12)
    assert sorted(CounterRandom(*name).permutation(37)) == list(range(37))


if __name__ == "__main__":
    check()
    print("philox.py: known answers hold")
