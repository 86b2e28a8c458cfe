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
    return NiftiParser.parse("test", bytes.array());
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

  /** ACDC's sform has directions alone; tools that save its files again scale it by pixdim. */
  @Test
  void acdcSavedAgainIsAlike() {
    NiftiHeader acdc = header(h -> diagonal(h, 0, -1, -1, 1).put(123, (byte) 0));
    NiftiHeader again = header(h -> diagonal(h, 0, -1.25f, -1.5f, 10));
    assertNull(again.differenceFrom(acdc));
    assertNull(acdc.differenceFrom(again));
    assertNull(acdc.doubt());
    assertNull(again.doubt());
  }

  @Test
  void flippedGridsDiffer() {
    NiftiHeader truth = header(h -> diagonal(h, 0, -1.25f, -1.5f, 10));
    NiftiHeader flipped = header(h -> diagonal(h, -1.25f * 29, 1.25f, -1.5f, 10));
    String difference = flipped.differenceFrom(truth);
    assertTrue(difference.contains("36.25 mm away"), difference);
  }

  /** Across a single slice there is no distance, and tools write anything. */
  @Test
  void aSingleSliceHasNoSpacingAcross() {
    NiftiHeader one = NiftiHeader.of(1, 20, 30, new double[] {1, 1.5, 1.25});
    NiftiHeader ten = NiftiHeader.of(1, 20, 30, new double[] {10, 1.5, 1.25});
    assertNull(one.differenceFrom(ten));
    assertTrue(one.differenceFrom(NiftiHeader.of(1, 20, 30, new double[] {1, 1.5, 1})) != null);
  }

  @Test
  void metresAreMillimetres() {
    NiftiHeader metres =
        header(
            h -> {
              diagonal(h, 0.05f, 0.00125f, 0.0015f, 0.01f).put(123, (byte) 1);
              h.putFloat(80, 0.00125f).putFloat(84, 0.0015f).putFloat(88, 0.01f);
            });
    assertNull(metres.doubt());
    assertNull(metres.differenceFrom(header(h -> diagonal(h, 50, 1.25f, 1.5f, 10))));
  }

  @Test
  void doubts() {
    String sizes = header(h -> diagonal(h, 0, 2.5f, 1.5f, 10)).doubt();
    assertTrue(
        sizes.startsWith(
            "pixdim tells of voxels of 10.00x1.500x1.250 mm (z, y, x), its sform of"
                + " 10.00x1.500x2.500"),
        sizes);
    assertTrue(header(h -> diagonal(h, 0, Float.NaN, 1.5f, 10)).doubt() != null);
    assertTrue(header(h -> h.putFloat(88, 1e6f)).doubt().contains("no scanner makes"));
    assertTrue(header(h -> h.put(123, (byte) 3)).doubt().contains("no scanner makes"));
    assertNull(header(h -> {}).doubt());
  }

  /** Without a unit, a place and sizes there is nothing to compare. */
  @Test
  void headersThatSayNothing() {
    NiftiHeader blank = NiftiHeader.of(4, 20, 30, null);
    assertNull(blank.differenceFrom(header(h -> sform(h, 50))));
    NiftiHeader identity =
        header(
            h -> {
              diagonal(h, 0, 1, 1, 1).put(123, (byte) 0);
              h.putFloat(80, 1).putFloat(84, 1).putFloat(88, 1);
            });
    assertTrue(identity.differenceFrom(header(h -> {})) != null);
  }

  private static ByteBuffer diagonal(ByteBuffer header, float place, float x, float y, float z) {
    float[] rows = {x, 0, 0, place, 0, y, 0, 0, 0, 0, z, 0};
    header.putShort(254, (short) 2);
    for (int i = 0; i < 12; i++) {
      header.putFloat(280 + 4 * i, rows[i]);
    }
    return header;
  }
}
