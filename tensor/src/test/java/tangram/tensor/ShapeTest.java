package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void sizes() {
    Shape shape = Shape.of(2, 3, 5);
    assertEquals(30, shape.size());
    assertEquals(3, shape.rank());
    assertEquals(5, shape.dim(-1));
    assertEquals(2, shape.dim(0));
    assertEquals(1, Shape.of().size());
    assertEquals(0, Shape.of(3, 0).size());
    assertEquals("[2, 3, 5]", shape.toString());
  }

  @Test
  void isImmutable() {
    int[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.dims()[1] = 9;
    assertArrayEquals(new int[] {2, 3}, shape.dims());
  }

  @Test
  void equality() {
    assertEquals(Shape.of(2, 3), Shape.of(2, 3));
    assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
    assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
    assertNotEquals(Shape.of(6), Shape.of(6, 1));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -1));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(1 << 16, 1 << 16));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(2, 3).dim(2));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(2, 3).dim(-3));
  }
}
