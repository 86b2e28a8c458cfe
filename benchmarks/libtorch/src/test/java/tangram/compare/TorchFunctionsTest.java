package tangram.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.engine.PtGradientCollector;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What DJL has no call for; numbers are PyTorch's. */
class TorchFunctionsTest {
  private static final int HEADS = 2;
  private static final int LENGTH = 5;
  private static final int DIM = 4;

  private final Libtorch libtorch = new Libtorch(1);
  private final TorchFunctions functions = new TorchFunctions(libtorch);

  @AfterEach
  void close() {
    libtorch.close();
  }

  private PtNDArray gaussian(int number, int... dims) {
    int size = 1;
    for (int d : dims) {
      size *= d;
    }
    return libtorch.array(Numbers.gaussian(size, number), dims);
  }

  private PtNDArray heads(int number, int length) {
    return gaussian(number, 1, HEADS, length, DIM);
  }

  private interface Attention {
    PtNDArray of(PtNDArray q, PtNDArray k, PtNDArray v);
  }

  /** The gradients of the sum of squares. */
  private float[][] gradients(Attention attention) {
    try (PtGradientCollector collector = new PtGradientCollector()) {
      PtNDArray[] x = new PtNDArray[3];
      for (int i = 0; i < 3; i++) {
        x[i] = Libtorch.leaf(heads(i, LENGTH));
      }
      PtNDArray y = attention.of(x[0], x[1], x[2]);
      collector.backward(y.square().sum());
      float[][] gradients = new float[3][];
      for (int i = 0; i < 3; i++) {
        gradients[i] = JniUtils.getGradient(x[i]).toFloatArray();
      }
      return gradients;
    }
  }

  @Test
  void fusedAttentionHasTheGradientsOfTheComposedOne() {
    float[][] fused = gradients(functions::attention);
    float[][] composed = gradients((q, k, v) -> TorchOps.attention(q, k, v, false));
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(composed[i], fused[i], 1e-5f);
    }
  }

  @Test
  void attentionIsFused() {
    try (PtGradientCollector collector = new PtGradientCollector()) {
      PtNDArray x = Libtorch.leaf(heads(0, LENGTH));
      String name = JniUtils.getGradientFunctionNames(functions.attention(x, x, x));
      assertTrue(name.startsWith("ScaledDotProductFlashAttention"), name);
    }
  }

  @Test
  void theCacheGivesWhatCausalAttentionDoes() {
    PtNDArray q = heads(0, LENGTH);
    PtNDArray k = heads(1, LENGTH);
    PtNDArray v = heads(2, LENGTH);
    PtNDArray keys = libtorch.array(new float[HEADS * 8 * DIM], 1, HEADS, 8, DIM);
    PtNDArray values = libtorch.array(new float[HEADS * 8 * DIM], 1, HEADS, 8, DIM);
    PtNDArray expected = TorchOps.attention(q, k, v, true);
    int first = LENGTH - 1;
    PtNDArray prompt =
        functions.cachedAttention(
            JniUtils.slice(q, 2, 0, first, 1),
            JniUtils.slice(k, 2, 0, first, 1),
            JniUtils.slice(v, 2, 0, first, 1),
            keys,
            values,
            0);
    assertArrayEquals(
        JniUtils.slice(expected, 2, 0, first, 1).toFloatArray(), prompt.toFloatArray(), 1e-5f);
    PtNDArray last =
        functions.cachedAttention(
            JniUtils.slice(q, 2, first, LENGTH, 1),
            JniUtils.slice(k, 2, first, LENGTH, 1),
            JniUtils.slice(v, 2, first, LENGTH, 1),
            keys,
            values,
            first);
    assertArrayEquals(
        JniUtils.slice(expected, 2, first, LENGTH, 1).toFloatArray(), last.toFloatArray(), 1e-5f);
    assertThrows(
        IllegalArgumentException.class, () -> functions.cachedAttention(q, k, v, keys, values, 1));
  }

  @Test
  void geluAndCrossEntropy() {
    PtNDArray x = libtorch.array(new float[] {-2, -0.5f, 0.3f, 1.5f}, 4);
    assertArrayEquals(
        new float[] {-0.0454f, -0.1543f, 0.1854f, 1.3996f},
        functions.geluTanh(x).toFloatArray(),
        1e-4f);
    PtNDArray logits = libtorch.array(new float[] {1, 2, 4, 3, -1, 0.5f}, 2, 3);
    PtNDArray labels = libtorch.array(new int[] {1, 2}, 2);
    assertEquals(2.3828, functions.crossEntropy(logits, labels).getFloat(), 1e-4);
  }

  @Test
  void theRectifierWorksInPlace() {
    PtNDArray x = libtorch.array(new float[] {-2, 3}, 2);
    PtNDArray other = (PtNDArray) x.stopGradient();
    assertArrayEquals(new float[] {0, 3}, functions.reluInPlace(x).toFloatArray());
    assertArrayEquals(new float[] {0, 3}, other.toFloatArray());
  }
}
