package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class NiftiGeometryTest {
  private static final double[] SPACING = {10, 1.5, 1.25};

  private interface Change {
    void apply(ByteBuffer header);
  }

  private static NiftiHeader header(Change change) {
    ByteBuffer bytes =
        ByteBuffer.wrap(NiftiHeader.of(4, 20, 30, SPACING).encode(NiftiType.UINT8, 0))
            .order(ByteOrder.LITTLE_ENDIAN);
    change.apply(bytes);
    return NiftiHeader.parse("test", bytes.array());
  }

  /** The sform that says what the spacing says, moved along x. */
  private static void sform(ByteBuffer header, float x) {
    float[] rows = {1.25f, 0, 0, x, 0, 1.5f, 0, 0, 0, 0, 10, 0};
    header.putShort(254, (short) 1);
    for (int i = 0; i < 12; i++) {
      header.putFloat(280 + 4 * i, rows[i]);
    }
  }

  @Test
  void alike() {
    NiftiHeader plain = header(h -> {});
    assertNull(plain.differenceFrom(plain));
    assertNull(plain.differenceFrom(header(h -> sform(h, 50))), "one does not say where");
    assertNull(header(h -> h.putFloat(80, 1.2501f)).differenceFrom(plain), "rounded");
    assertNull(header(h -> sform(h, 50)).differenceFrom(header(h -> sform(h, 50.1f))), "rounded");
  }

  @Test
  void different() {
    NiftiHeader plain = header(h -> {});
    String spacing = header(h -> h.putFloat(80, 1)).differenceFrom(plain);
    assertTrue(spacing.contains("10.00x1.500x1.000 mm (z, y, x), not 10.00x1.500x1.250"), spacing);
    String moved = header(h -> sform(h, 50)).differenceFrom(header(h -> sform(h, 53)));
    assertTrue(moved.contains("3.000 mm away"), moved);
    NiftiHeader lost = header(h -> sform(h, Float.NaN));
    assertTrue(lost.differenceFrom(header(h -> sform(h, 0))) != null);
  }

  /** A quarter turn about z takes x to y, and y to -x; the first number turns z round. */
  @Test
  void quaternion() {
    NiftiHeader turned =
        header(
            h -> {
              h.putShort(252, (short) 1).putFloat(76, -1);
              h.putFloat(264, (float) Math.sqrt(0.5)).putFloat(268, 7).putFloat(272, 8);
              h.putFloat(276, 9);
            });
    assertArrayEquals(
        new double[] {0, -1.5, 0, 7, 1.25, 0, 0, 8, 0, 0, -10, 9},
        NiftiGeometry.affine(turned),
        1e-5);
  }
}
