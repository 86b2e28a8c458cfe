package tangram.pclmix.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class DiceTest {
  @Test
  void ofMasks() {
    boolean[] a = {true, true, true, false, false};
    boolean[] b = {false, true, true, true, true};
    assertEquals(2.0 * 2 / (3 + 4), Dice.of(a, b));
    assertEquals(1, Dice.of(a, a));
    assertEquals(0, Dice.of(new boolean[] {true, false}, new boolean[] {false, true}));
  }

  @Test
  void ofOneClassOfLabelMaps() {
    byte[] prediction = {1, 1, 2, 0, 3, 2};
    byte[] truth = {1, 2, 2, 0, 0, 2};
    assertEquals(2.0 * 1 / (2 + 1), Dice.of(prediction, truth, 1));
    assertEquals(2.0 * 2 / (2 + 3), Dice.of(prediction, truth, 2));
    assertEquals(0, Dice.of(prediction, truth, 3));
  }

  @Test
  void emptyMasks() {
    boolean[] empty = new boolean[3];
    boolean[] one = {true, false, false};
    assertEquals(1, Dice.of(empty, empty));
    assertEquals(0, Dice.of(empty, one));
    assertEquals(0, Dice.of(one, empty));
    assertEquals(1, Dice.of(new byte[3], new byte[3], 2));
  }

  @Test
  void masksMustMatch() {
    assertThrows(IllegalArgumentException.class, () -> Dice.of(new boolean[2], new boolean[3]));
    assertThrows(IllegalArgumentException.class, () -> Dice.of(new byte[2], new byte[3], 1));
  }
}
