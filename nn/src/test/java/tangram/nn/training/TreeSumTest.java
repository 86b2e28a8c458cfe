package tangram.nn.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tangram.tensor.CounterRandom;

class TreeSumTest {
  private static final int LENGTH = 1000;

  private static float[][] leaves(int count) {
    CounterRandom random = new CounterRandom(3, 0, 0, 0);
    float[][] leaves = new float[count][LENGTH];
    for (float[] leaf : leaves) {
      for (int i = 0; i < LENGTH; i++) {
        leaf[i] = (float) Math.exp(20 * random.nextDouble()) * (random.nextFloat() - 0.5f);
      }
    }
    return leaves;
  }

  private static float[] sum(float[]... leaves) {
    TreeSum sum = new TreeSum();
    for (float[] leaf : leaves) {
      sum.add(leaf.clone());
    }
    return sum.total();
  }

  /** However many workers sum their own leaves first, the bits are the same. */
  @Test
  void partsChangeNoBit() {
    float[][] leaves = leaves(16);
    float[] all = sum(leaves);
    for (int workers = 2; workers <= 16; workers *= 2) {
      float[][] nodes = new float[workers][];
      int own = 16 / workers;
      for (int w = 0; w < workers; w++) {
        nodes[w] = sum(Arrays.copyOfRange(leaves, w * own, (w + 1) * own));
      }
      assertArrayEquals(all, sum(nodes), 0, workers + " workers");
    }
  }

  /** The test above can fail: one after the other they come to other bits. */
  @Test
  void theOrderMatters() {
    float[][] leaves = leaves(16);
    float[] inTurn = new float[LENGTH];
    for (float[] leaf : leaves) {
      for (int i = 0; i < LENGTH; i++) {
        inTurn[i] += leaf[i];
      }
    }
    assertNotEquals(Arrays.toString(inTurn), Arrays.toString(sum(leaves)));
  }

  @Test
  void refusesWhatIsNoTree() {
    TreeSum three = new TreeSum();
    for (float[] leaf : leaves(3)) {
      three.add(leaf);
    }
    assertThrows(IllegalStateException.class, three::total);
    TreeSum uneven = new TreeSum();
    uneven.add(new float[2]);
    assertThrows(IllegalArgumentException.class, () -> uneven.add(new float[3]));
  }
}
