package tangram.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ConvShapeTest {
  @Test
  void outputExtents() {
    ConvShape stem = new ConvShape(12, 1, 128, 128, 32, 7, 7, 2, 3);
    assertEquals(64, stem.outH());
    assertEquals(64, stem.outW());
    assertEquals(12 * 32 * 64 * 64, stem.outputSize());
    assertEquals(2L * 12 * 32 * 64 * 64 * 49, stem.flops());
    assertEquals(3, new ConvShape(1, 1, 7, 7, 1, 2, 2, 2, 0).outH());
    assertEquals(5, new ConvShape(1, 1, 4, 9, 1, 1, 3, 2, 1).outW());
  }

  @Test
  void impossibleShapesAreRefusedWithAReason() {
    assertThrows(IllegalArgumentException.class, () -> new ConvShape(0, 1, 4, 4, 1, 3, 3, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new ConvShape(1, 1, 4, 4, 1, 3, 3, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new ConvShape(1, 1, 4, 4, 1, 3, 3, 1, -1));
    IllegalArgumentException small =
        assertThrows(
            IllegalArgumentException.class, () -> new ConvShape(1, 1, 4, 4, 1, 7, 7, 1, 1));
    assertTrue(small.getMessage().contains("over 7"), small.getMessage());
    IllegalArgumentException large =
        assertThrows(
            IllegalArgumentException.class,
            () -> new ConvShape(1024, 1024, 1024, 1024, 1, 3, 3, 1, 1));
    assertTrue(large.getMessage().contains("elements"), large.getMessage());
  }
}
