package tangram.pclmix.component;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import tangram.pclmix.data.Labels;

/** Volumes are drawn slice below slice, one digit a voxel; a dot is background. */
class ComponentFilterTest {
  @Test
  void noneKeepsAll() {
    byte[] classes = draw("1.1", "232");
    assertSame(classes, ComponentFilter.NONE.apply(classes, Labels.HEART, 1, 2, 3));
  }

  @Test
  void largestKeepsTheLargestOfEveryClass() {
    check(
        ComponentFilter.LARGEST,
        1,
        new String[] {"11.1.22", "....333", "2.1...."},
        new String[] {"11...22", "....333", "......."});
  }

  /** The two pixels of class 1 share a corner only; the first of two of equal size is kept. */
  @Test
  void cornersDoNotConnect() {
    check(
        ComponentFilter.LARGEST,
        1,
        new String[] {"1..", ".1.", "..."},
        new String[] {"1..", "...", "..."});
  }

  @Test
  void facesConnectAcrossSlices() {
    // Slice 1 holds the larger part of class 1 within a slice, the left column the larger in 3-D.
    check(
        ComponentFilter.LARGEST,
        3,
        new String[] {"1..", "1..", /**/ "1..", "1.1", /**/ "...", "..1"},
        new String[] {"1..", "1..", /**/ "1..", "1..", /**/ "...", "..."});
    check(
        ComponentFilter.LARGEST,
        2,
        new String[] {"1..", /**/ ".11"},
        new String[] {"...", /**/ ".11"});
  }

  /** An RV island larger than the RV: 'largest' keeps the wrong one, 'anchored' the right one. */
  @Test
  void anchoredKeepsTheVentricleBesideTheHeart() {
    String[] volume = {
      "1.222........111", "1.232........111", "..222........111",
    };
    check(
        ComponentFilter.LARGEST,
        1,
        volume,
        new String[] {"..222........111", "..232........111", "..222........111"});
    check(
        ComponentFilter.ANCHORED,
        1,
        volume,
        new String[] {"1.222...........", "1.232...........", "..222..........."});
  }

  /**
   * An LV island of 6 pixels without a wall scores 0.6; the LV of one pixel in its wall of 8 scores
   * 1 + 0.9.
   */
  @Test
  void anchoredPrefersAnLvWithItsWall() {
    check(
        ComponentFilter.ANCHORED,
        1,
        new String[] {"222......33", "232......33", "222......33"},
        new String[] {"222........", "232........", "222........"});
  }

  /**
   * Islands of 18 and 20 pixels without a wall score 1.8 and 2, the heart of 1 and 8 pixels 1.9.
   */
  @Test
  void theScoreIsExact() {
    String[] heart = {"222", "232", "222"};
    for (int columns : new int[] {6, 7}) {
      String island = "......" + "3".repeat(columns);
      String gap = ".".repeat(island.length());
      int short1 = columns == 6 ? 0 : 1;
      String last = "......" + "3".repeat(columns - short1) + ".".repeat(short1);
      check(
          ComponentFilter.ANCHORED,
          1,
          new String[] {heart[0] + island, heart[1] + island, heart[2] + last},
          columns == 6
              ? new String[] {heart[0] + gap, heart[1] + gap, heart[2] + gap}
              : new String[] {"..." + island, "..." + island, "..." + last});
    }
  }

  /** The wall is found at 3 pixels from the LV and not at 4; diagonally too. */
  @Test
  void wallsAreNear() {
    check(
        ComponentFilter.ANCHORED,
        1,
        new String[] {"3..2....", "........", "........", "...2...."},
        new String[] {"3..2....", "........", "........", "........"});
    check(
        ComponentFilter.ANCHORED,
        1,
        new String[] {"3....", ".....", ".....", "...2."},
        new String[] {"3....", ".....", ".....", "...2."});
    check(ComponentFilter.ANCHORED, 1, new String[] {"3...2"}, new String[] {"3...."});
  }

  /** The RV is found at 5 pixels from LV or Myo and not at 6. */
  @Test
  void rightVentriclesAreNearEither() {
    check(ComponentFilter.ANCHORED, 1, new String[] {"3.2....1..."}, new String[] {"3.2....1..."});
    check(ComponentFilter.ANCHORED, 1, new String[] {"3.2.....1.."}, new String[] {"3.2........"});
    check(ComponentFilter.ANCHORED, 1, new String[] {"1....3.2..."}, new String[] {"1....3.2..."});
  }

  /** Growing stays within a slice: the wall in the next slice is not met. */
  @Test
  void growsWithinSlices() {
    check(
        ComponentFilter.ANCHORED,
        2,
        new String[] {"33..", /**/ "..22"},
        new String[] {"33..", /**/ "...."});
  }

  @Test
  void onlyFiveAnchorsAreTried() {
    // Five islands of two pixels, each scoring 0.2, hide the sixth component, of one pixel.
    check(
        ComponentFilter.ANCHORED,
        1,
        new String[] {"33.33.33.33.33..........32"},
        new String[] {"33........................"});
    check(
        ComponentFilter.ANCHORED,
        1,
        new String[] {"33.33.33.33.............32"},
        new String[] {"........................32"});
  }

  @Test
  void withoutLvNothingChanges() {
    byte[] classes = draw("1.1", "2.2");
    assertArrayEquals(
        draw("1.1", "2.2"), ComponentFilter.ANCHORED.apply(classes, Labels.HEART, 1, 2, 3));
  }

  @Test
  void emptyVolumesStay() {
    for (ComponentFilter filter : ComponentFilter.values()) {
      assertArrayEquals(new byte[8], filter.apply(new byte[8], Labels.HEART, 2, 2, 2));
    }
  }

  /** A long snake: the queue grows. */
  @Test
  void componentsMayBeLong() {
    int n = 101;
    byte[] classes = new byte[n * n];
    for (int y = 0; y < n; y++) {
      for (int x = 0; x < n; x++) {
        boolean turn = x == (y / 2 % 2 == 0 ? n - 1 : 0);
        classes[y * n + x] = (byte) (y % 2 == 0 || turn ? 2 : 0);
      }
    }
    assertArrayEquals(classes, ComponentFilter.LARGEST.apply(classes, Labels.HEART, 1, n, n));
  }

  @Test
  void refusesOtherShapes() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ComponentFilter.LARGEST.apply(new byte[7], Labels.HEART, 2, 2, 2));
  }

  private static void check(ComponentFilter filter, int depth, String[] volume, String[] expected) {
    byte[] classes = draw(volume);
    byte[] before = classes.clone();
    int width = volume[0].length();
    byte[] kept = filter.apply(classes, Labels.HEART, depth, volume.length / depth, width);
    assertArrayEquals(draw(expected), kept);
    assertArrayEquals(before, classes);
  }

  private static byte[] draw(String... rows) {
    String text = String.join("", rows);
    byte[] classes = new byte[text.length()];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (byte) (text.charAt(i) == '.' ? 0 : text.charAt(i) - '0');
    }
    return classes;
  }
}
