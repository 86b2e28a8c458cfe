package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ResizeTest {
  /**
   * {@code F.interpolate(torch.arange(6.).reshape(1,1,2,3), (3,5), mode="bilinear",
   * align_corners=False)}.
   */
  @Test
  void bilinearAsPyTorch() {
    float[] out = new float[15];
    Resize.bilinear(new float[] {0, 1, 2, 3, 4, 5}, 0, 2, 3, out, 0, 3, 5);
    float[] expected = {
      0.0f, 0.4f, 1.0f, 1.6f, 2.0f, 1.5f, 1.9f, 2.5f, 3.1f, 3.5f, 3.0f, 3.4f, 4.0f, 4.6f, 5.0f
    };
    assertArrayEquals(expected, out, 1e-6f);
  }

  @Test
  void bilinearHalvingAveragesPairs() {
    float[] out = new float[2];
    Resize.bilinear(new float[] {0, 2, 4, 8, 0, 2, 4, 8}, 0, 2, 4, out, 0, 1, 2);
    assertArrayEquals(new float[] {1, 6}, out);
  }

  /** {@code F.interpolate(torch.arange(7.)[None,None], (3,), mode="nearest-exact")} = 1, 3, 5. */
  @Test
  void nearestAsPyTorchNearestExact() {
    byte[] out = new byte[3];
    Resize.nearest(new byte[] {0, 1, 2, 3, 4, 5, 6}, 0, 1, 7, out, 0, 1, 3);
    assertArrayEquals(new byte[] {1, 3, 5}, out);
    byte[] up = new byte[5];
    Resize.nearest(new byte[] {7, 8}, 0, 2, 1, up, 0, 5, 1);
    assertArrayEquals(new byte[] {7, 7, 8, 8, 8}, up);
  }

  @Test
  void offsets() {
    byte[] out = {9, 9, 9, 9};
    Resize.nearest(new byte[] {0, 5, 6}, 1, 1, 2, out, 1, 1, 2);
    assertArrayEquals(new byte[] {9, 5, 6, 9}, out);
    float[] image = {9, 9, 9, 9};
    Resize.bilinear(new float[] {0, 5, 6}, 1, 1, 2, image, 1, 1, 2);
    assertArrayEquals(new float[] {9, 5, 6, 9}, image);
  }

  @Test
  void enlargingByAWholeFactorAndBackIsTheIdentity() {
    byte[] in = {0, 1, 2, 3, 3, 2, 1, 0, 2};
    byte[] big = new byte[9 * 25];
    byte[] back = new byte[9];
    Resize.nearest(in, 0, 3, 3, big, 0, 15, 15);
    Resize.nearest(big, 0, 15, 15, back, 0, 3, 3);
    assertArrayEquals(in, back);
    float sum = 0;
    for (byte b : big) {
      sum += b;
    }
    assertEquals(25 * 14, sum);
  }

  @Test
  void refusesPlanesOutsideTheArrays() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Resize.nearest(new byte[4], 1, 2, 2, new byte[4], 0, 2, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Resize.bilinear(new float[4], 0, 2, 2, new float[4], 0, 0, 2));
  }
}
