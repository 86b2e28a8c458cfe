package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IntensityTest {
  @Test
  void scalesToTheUnitInterval() {
    float[] values = {99, -2, 0, 2, 99};
    Intensity.scale(values, 1, 3);
    assertArrayEquals(new float[] {99, 0, 0.5f, 1, 99}, values);
    float[] wide = {-Float.MAX_VALUE, 0, Float.MAX_VALUE};
    Intensity.scale(wide, 0, 3);
    assertArrayEquals(new float[] {0, 0.5f, 1}, wide);
  }

  @Test
  void slicesOneByOne() {
    float[] values = {0, 2, 5, 5, 10, 5};
    Intensity.scaleSlices(values, 3, 2);
    assertArrayEquals(new float[] {0, 1, 0, 0, 1, 0}, values);
  }

  /** {@code np.percentile([4, 1, 3, 0, 2], 90)} = 3.6. */
  @Test
  void clipsAtAPercentile() {
    float[] values = {4, 1, 3, 0, 2};
    Intensity.clipAbove(values, 90);
    assertArrayEquals(new float[] {3.6f, 1, 3, 0, 2}, values);
    Intensity.clipAbove(values, 100);
    assertArrayEquals(new float[] {3.6f, 1, 3, 0, 2}, values);
    Intensity.clipAbove(values, 0);
    assertArrayEquals(new float[5], values);
  }

  /** Of 200 whole numbers 198 do not exceed 197: that many are 99%. */
  @Test
  void limitOfWholeNumbersIsOneOfThem() {
    float[] values = new float[200];
    for (int i = 0; i < 200; i++) {
      values[i] = 199 - i;
    }
    assertTrue(Intensity.scaleVolume(values, true));
    assertArrayEquals(new float[] {1, 1, 1, 196f / 197}, Arrays.copyOf(values, 4));
    assertEquals(0, values[199]);
  }

  /**
   * As {@code cumulative_distribution} and {@code clip} give it for 0, 1, ... 198 and 512: bins of
   * 2, of which the 99th (197 and 198 are not in it yet) ends at 198; the middle is 197.
   */
  @Test
  void limitOfOtherNumbersIsTheMiddleOfABin() {
    float[] values = new float[200];
    for (int i = 0; i < 199; i++) {
      values[i] = i;
    }
    values[199] = 512;
    assertTrue(Intensity.scaleVolume(values, false));
    assertEquals(196f / 197, values[196]);
    assertEquals(1, values[197]);
    assertEquals(1, values[198]);
    assertEquals(1, values[199]);
  }

  @Test
  void nothingToScale() {
    float[] values = new float[200];
    values[7] = 3;
    float[] before = values.clone();
    assertFalse(Intensity.scaleVolume(values, true));
    assertArrayEquals(before, values);
    assertFalse(Intensity.scaleVolume(new float[] {5, 5, 5}, false));
  }
}
