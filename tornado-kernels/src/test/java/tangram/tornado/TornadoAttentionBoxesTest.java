package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tangram.tensor.DType;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionOperands;

/** However little room there is for scores, results and gradients are the same. */
class TornadoAttentionBoxesTest {
  private static final int[] BATCH = {2, 3, 2, 2};
  private static final int QUERIES = 5;
  private static final int KEYS = 7;
  private static final int WIDTH = 3;

  private final TornadoDevice device = (TornadoDevice) Devices.get("tornado");

  /** Runs calls at once. */
  private final class Direct implements Launcher {
    @Override
    public void launch(Launch launch) {
      if (launch.global[0] > 0) {
        device.engine().launch(launch);
      }
    }

    @Override
    public int scratch(int elements) {
      return device.engine().reserveReals(elements).base();
    }

    @Override
    public int intScratch(int elements) {
      return device.engine().reserveInts(elements).base();
    }
  }

  @Test
  void partsOfTheBatchAndOfTheQueries() {
    float[][] whole = attend(TornadoAttention.SCORES);
    for (int most : new int[] {4, 2 * KEYS, QUERIES * KEYS, 150, 300, 700}) {
      float[][] parts = attend(most);
      for (int i = 0; i < whole.length; i++) {
        assertArrayEquals(whole[i], parts[i], 2e-5f, most + " scores at a time, result " + i);
      }
    }
  }

  private float[][] attend(int most) {
    try (Scope scope = Scope.open()) {
      Attention attention = new TornadoAttention(new Direct(), most);
      Tensor q = random(1, QUERIES, WIDTH, BATCH);
      Tensor k = random(2, KEYS, WIDTH, BATCH);
      Tensor v = random(3, KEYS, WIDTH, BATCH);
      Tensor gy = random(4, QUERIES, WIDTH, BATCH);
      Tensor bias = random(5, QUERIES, KEYS, 1, 3, 1, 2);
      Tensor y = random(6, QUERIES, WIDTH, BATCH);
      Tensor sums = random(7, QUERIES, 1, BATCH);
      Tensor gq = random(8, QUERIES, WIDTH, BATCH);
      Tensor gk = random(9, KEYS, WIDTH, BATCH);
      Tensor gv = random(10, KEYS, WIDTH, BATCH);
      Tensor gBias = random(11, QUERIES, KEYS, 1, 3, 1, 2);
      View scores = bias.asView().expand(2, 3, 2, 2, QUERIES, KEYS);
      AttentionOperands o =
          new AttentionOperands(q.asView(), k.asView(), v.asView(), scores, null, false, 0.5);
      attention.attention(o, y.asView(), sums.buffer());
      attention.attentionBackward(
          o,
          y.asView(),
          sums.buffer(),
          gy.asView(),
          gq.asView(),
          gk.asView(),
          gv.asView(),
          gBias.asView());
      Tensor[] results = {y, sums, gq, gk, gv, gBias};
      float[][] values = new float[results.length][];
      for (int i = 0; i < values.length; i++) {
        values[i] = results[i].toFloats();
      }
      return values;
    }
  }

  private Tensor random(int seed, int rows, int cols, int... batch) {
    int[] dims = Arrays.copyOf(batch, batch.length + 2);
    dims[batch.length] = rows;
    dims[batch.length + 1] = cols;
    Tensor x = device.uninitialized(DType.F32, Shape.of(dims));
    float[] values = new float[x.size()];
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return x.copyFrom(values, 0);
  }
}
