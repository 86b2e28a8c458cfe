package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

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
}
