package tangram.pclmix.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScribblePriorsTest {
  private static byte[] draw(String text) {
    byte[] pixels = new byte[text.length()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (text.charAt(i) == '.' ? 4 : text.charAt(i) - '0');
    }
    return pixels;
  }

  /** Columns are 10 mm apart: what is exactly 30 mm away is not far. */
  @Test
  void farIsFartherThanTheDistance() {
    assertArrayEquals(
        draw("00.......0"), ScribblePriors.farBackground(draw(".....3...."), 4, 1, 10, 30, 1, 10));
  }

  @Test
  void spacingMayDiffer() {
    // Rows 20 mm apart, columns 5 mm, at most 20 mm from the pixel in the middle.
    String scribble = "....." + "....." + "..2.." + "....." + ".....";
    assertArrayEquals(
        draw("00000" + "00.00" + "....." + "00.00" + "00000"),
        ScribblePriors.farBackground(draw(scribble), 4, 5, 5, 20, 20, 5));
  }

  /** Only foreground counts; scribbles of any foreground class do. */
  @Test
  void backgroundScribblesAreNotMeasuredFrom() {
    assertArrayEquals(
        draw("00....0"), ScribblePriors.farBackground(draw("0..12.."), 4, 1, 7, 1, 1, 1));
  }

  @Test
  void withoutForegroundAllIsFar() {
    assertArrayEquals(draw("0000"), ScribblePriors.farBackground(draw(".0.."), 4, 2, 2, 30, 1, 1));
  }

  @Test
  void withoutScribblesNothingIsKnown() {
    assertArrayEquals(draw("...."), ScribblePriors.farBackground(draw("...."), 4, 2, 2, 30, 1, 1));
  }

  /** At 128 pixels a side one is 2.7 mm: 11 pixels are 29.7 mm, 12 are 32.4 mm. */
  @Test
  void unknownSpacingIsThatOfTheUsualFieldOfView() {
    byte[] scribble = draw(".".repeat(128 * 128));
    scribble[64 * 128 + 64] = 3;
    byte[] labels = ScribblePriors.farBackground(scribble, 4, 128, 128, 30);
    assertEquals(4, labels[64 * 128 + 64 + 11]);
    assertEquals(0, labels[64 * 128 + 64 + 12]);
    assertEquals(4, labels[(64 - 11) * 128 + 64]);
    assertEquals(0, labels[(64 - 12) * 128 + 64]);
  }
}
