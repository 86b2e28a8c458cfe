package tangram.nn.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tangram.nn.DropPath;
import tangram.nn.Init;
import tangram.tensor.Devices;
import tangram.tensor.op.WindowShape;

class WindowMaskTest {
  private static final int WINDOW = 2;
  private static final int TOKENS = WINDOW * WINDOW;

  private static boolean sees(float[] mask, int window, int i, int j) {
    return mask[(window * TOKENS + i) * TOKENS + j] == 0;
  }

  @Test
  void sizesMustBePositive() {
    Init init = new Init(Devices.get("reference"), 0);
    for (int[] s : new int[][] {{0, 4}, {-1, 4}, {2, 0}}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> new WindowAttention(init, 8, s[0], s[1], true));
      assertTrue(e.getMessage().contains("heads"), e.getMessage());
    }
    for (double probability : new double[] {-0.1, 1.5, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new DropPath(init, probability));
    }
  }

  /** A 4x4 map rolled by 1: only windows on the last row or column hold tokens of both ends. */
  @Test
  void rolledTokensOfDifferentEndsDoNotSeeEachOther() {
    float[] mask = WindowAttention.maskValues(new WindowShape(1, 4, 4, 1, WINDOW, 1), true);
    for (int i = 0; i < TOKENS; i++) {
      for (int j = 0; j < TOKENS; j++) {
        assertEquals(true, sees(mask, 0, i, j));
        assertEquals(i % 2 == j % 2, sees(mask, 1, i, j), "last column");
        assertEquals(i / 2 == j / 2, sees(mask, 2, i, j), "last row");
        assertEquals(i == j, sees(mask, 3, i, j), "corner");
      }
    }
  }

  /** A 3x3 map in windows of 2: the second row and column of windows are half padding. */
  @Test
  void paddingIsNotSeen() {
    float[] mask = WindowAttention.maskValues(new WindowShape(1, 3, 3, 1, WINDOW, 0), true);
    for (int i = 0; i < TOKENS; i++) {
      for (int j = 0; j < TOKENS; j++) {
        assertEquals(true, sees(mask, 0, i, j));
        assertEquals(i % 2 == j % 2, sees(mask, 1, i, j));
        assertEquals((i == 0) == (j == 0), sees(mask, 3, i, j));
      }
    }
  }

  @Test
  void anAxisThatOneWindowCoversIsNotRolled() {
    float[] mask = WindowAttention.maskValues(new WindowShape(1, 2, 4, 1, WINDOW, 1), true);
    for (int i = 0; i < TOKENS; i++) {
      for (int j = 0; j < TOKENS; j++) {
        assertEquals(true, sees(mask, 0, i, j));
        assertEquals(i % 2 == j % 2, sees(mask, 1, i, j));
      }
    }
  }

  /** Swin's formula for a window of 2: offsets -1..1 in both directions, 9 rows of the table. */
  @Test
  void relativePositionsOfAWindowOfTwo() {
    assertArrayEquals(
        new int[] {4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4},
        WindowAttention.relativePositions(2));
  }
}
