package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** Caches, masks and dropout of attention; values and gradients are compared in LayersContract. */
class AttentionTest {
  private final Device device = Devices.get("reference");
  private final Init init = new Init(device, 2);
  private final Scope scope = Scope.open();
  private final Tensor x = device.randn(new Generator(7), 2, 6, 8);

  @AfterEach
  void close() {
    scope.close();
  }

  /** Place by place, and in pieces, a decoder computes what it computes at once. */
  @Test
  void aCacheContinues() {
    CausalSelfAttention attention =
        new CausalSelfAttention(init, 8, CausalSelfAttention.Options.llama(4, 2, 6, 100));
    try (Autograd.Guard guard = Autograd.noGrad()) {
      double[] expected = attention.forward(x).toDoubles();
      for (int[] pieces : new int[][] {{1, 1, 1, 1, 1, 1}, {3, 2, 1}, {6}}) {
        try (KeyValueCache cache = attention.cache(device, 2, 6)) {
          Tensor[] parts = new Tensor[pieces.length];
          int start = 0;
          for (int i = 0; i < pieces.length; i++) {
            parts[i] = attention.forward(x.narrow(1, start, pieces[i]), cache, null);
            start += pieces[i];
          }
          assertArrayEquals(expected, Tensor.cat(1, parts).toDoubles(), 1e-12);
          assertEquals(6, cache.length());
          assertThrows(
              IllegalStateException.class, () -> attention.forward(x.narrow(1, 0, 1), cache, null));
          // Going back and on again gives the same.
          cache.truncate(4);
          Tensor again = attention.forward(x.narrow(1, 4, 2), cache, null);
          assertArrayEquals(
              Tensor.cat(1, parts).narrow(1, 4, 2).contiguous().toDoubles(),
              again.toDoubles(),
              1e-12);
        }
      }
    }
  }

  @Test
  void aCacheCutsNoDerivatives() {
    CausalSelfAttention attention =
        new CausalSelfAttention(init, 8, CausalSelfAttention.Options.gpt2(2, 4));
    try (KeyValueCache cache = attention.cache(device, 2, 6)) {
      String message =
          assertThrows(IllegalStateException.class, () -> attention.forward(x, cache, null))
              .getMessage();
      assertTrue(message.contains("noGrad()"), message);
    }
  }

  /** With weights asked for, the same by other operations; a query that sees nothing gives 0. */
  @Test
  void weightsChangeNothing() {
    MultiheadAttention attention =
        new MultiheadAttention(init, 8, 2, MultiheadAttention.Options.DEFAULT.batchFirst(true));
    Tensor hidden = device.ones(6, 6).triu(1).to(DType.BOOL);
    Tensor blind = device.ones(6, 6).to(DType.BOOL);
    Tensor added = device.zeros(6, 6).maskedFill(hidden, Double.NEGATIVE_INFINITY);
    for (AttentionMask mask :
        new AttentionMask[] {
          AttentionMask.NONE,
          AttentionMask.CAUSAL,
          AttentionMask.NONE.attention(hidden),
          AttentionMask.NONE.attention(added),
          AttentionMask.NONE.attention(blind)
        }) {
      MultiheadAttention.Weighted y = attention.forwardWithWeights(x, x, x, mask);
      assertArrayEquals(
          attention.forward(x, x, x, mask).toDoubles(), y.output().toDoubles(), 1e-12);
      double sum = mask.attention() == blind ? 0 : 1;
      double[] sums = y.weights().sum(-1).toDoubles();
      for (double s : sums) {
        assertEquals(sum, s, 1e-12);
      }
      y.output().square().sum().backward();
      for (double g : attention.parameters().get("in_proj_weight").grad().toDoubles()) {
        assertTrue(Double.isFinite(g));
      }
    }
  }

  /** Dropout takes part in training only, and the mean over many draws is what there is without. */
  @Test
  void dropoutOfWeights() {
    MultiheadAttention attention =
        new MultiheadAttention(
            init, 8, 2, MultiheadAttention.Options.DEFAULT.batchFirst(true).dropout(0.3));
    attention.train(false);
    try (Autograd.Guard guard = Autograd.noGrad()) {
      Tensor expected = attention.forward(x);
      attention.train(true);
      int draws = 1500;
      Tensor mean = device.zeros(2, 6, 8);
      for (int i = 0; i < draws; i++) {
        try (Scope own = Scope.open()) {
          attention.seek(i);
          mean.copyFrom(mean.add(attention.forward(x).div((double) draws)));
        }
      }
      assertArrayEquals(expected.toDoubles(), mean.toDoubles(), 0.06);
    }
  }

  @Test
  void masksOfAnotherSizeAreRefused() {
    MultiheadAttention attention = new MultiheadAttention(init, 8, 2);
    Tensor wrong = device.zeros(5, 6);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> attention.forward(x, x, x, AttentionMask.NONE.attention(wrong)))
            .getMessage();
    assertTrue(message.contains("the attention mask [5, 6] needs 2 elements"), message);
  }

  /** Angles depend on the distance alone. */
  @Test
  void rotaryProductsDependOnTheDistance() {
    RotaryEmbedding rotary = new RotaryEmbedding(8, 10000, false);
    Tensor q = x.narrow(1, 0, 1);
    Tensor k = x.narrow(1, 1, 1);
    double near = rotary.apply(q, 5).mul(rotary.apply(k, 2)).sum().item();
    double far = rotary.apply(q, 105).mul(rotary.apply(k, 102)).sum().item();
    assertEquals(near, far, 1e-5);
    assertThrows(IllegalArgumentException.class, () -> new RotaryEmbedding(7, 10000, false));
    assertThrows(IllegalArgumentException.class, () -> rotary.apply(x.narrow(-1, 0, 4), 0));
  }
}
