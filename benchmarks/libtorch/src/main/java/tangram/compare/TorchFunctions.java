package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;

/** Kernels of libtorch that DJL has no call for, as PyTorch programs use them. */
final class TorchFunctions {
  private final TorchScript attention;
  private final TorchScript cachedAttention;
  private final TorchScript geluTanh;
  private final TorchScript crossEntropy;
  private final TorchScript relu;

  TorchFunctions(Libtorch libtorch) {
    attention =
        libtorch.script(
            "q: Tensor, k: Tensor, v: Tensor",
            "return torch.scaled_dot_product_attention(q, k, v, None, 0., False)");
    cachedAttention =
        libtorch.script(
            "q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor, start: int,"
                + " causal: bool",
            "n = torch.size(k, 2)",
            "_0 = torch.copy_(torch.narrow(keys, 2, start, n), k)",
            "_1 = torch.copy_(torch.narrow(values, 2, start, n), v)",
            "end = torch.add(start, n)",
            "allKeys = torch.narrow(keys, 2, 0, end)",
            "allValues = torch.narrow(values, 2, 0, end)",
            "return torch.scaled_dot_product_attention(q, allKeys, allValues, None, 0., causal)");
    geluTanh = libtorch.script("x: Tensor", "return torch.gelu(x, approximate=\"tanh\")");
    crossEntropy =
        libtorch.script("x: Tensor, label: Tensor", "return torch.cross_entropy_loss(x, label)");
    relu = libtorch.script("x: Tensor", "return torch.relu_(x)");
  }

  /** softmax(q k^T / sqrt(d)) v over [N, heads, L, d]. */
  PtNDArray attention(PtNDArray q, PtNDArray k, PtNDArray v) {
    return attention.call(q, k, v);
  }

  /**
   * Writes keys and values into a cache and attends to all in it, without gradients.
   *
   * @param q of new places [N, heads, L, d], as k and v
   * @param keys [N, heads, capacity, d], as values
   * @param start places that the cache holds; several new ones are hidden from earlier ones, which
   *     this computes right only if it holds none
   */
  PtNDArray cachedAttention(
      PtNDArray q, PtNDArray k, PtNDArray v, PtNDArray keys, PtNDArray values, int start) {
    boolean several = q.getShape().get(2) > 1;
    if (several && start > 0) {
      throw new IllegalArgumentException("several new places need an empty cache");
    }
    return cachedAttention.run(
        IValue.from(q),
        IValue.from(k),
        IValue.from(v),
        IValue.from(keys),
        IValue.from(values),
        IValue.from(start),
        IValue.from(several));
  }

  /** GELU by its approximation with tanh. */
  PtNDArray geluTanh(PtNDArray x) {
    return geluTanh.call(x);
  }

  /** The mean cross-entropy of logits [N, C] and labels [N]. */
  PtNDArray crossEntropy(PtNDArray logits, PtNDArray labels) {
    return crossEntropy.call(logits, labels);
  }

  /** The rectifier, in place; closes the handle it is given. */
  PtNDArray reluInPlace(PtNDArray temporary) {
    try (temporary) {
      return relu.call(temporary);
    }
  }
}
