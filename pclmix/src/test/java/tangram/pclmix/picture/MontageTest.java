package tangram.pclmix.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileWriteException;
import tangram.pclmix.data.Labels;

class MontageTest {
  private static final float[] IMAGE = {0, 0.2f, 0.4f, 0.6f, 0.8f, 1};
  private static final byte[] LABEL = {0, 1, 2, 3, 4, -1};

  @TempDir Path folder;

  @Test
  void everyPixelBecomesASquareOfItsGrey() {
    BufferedImage target = canvas();
    Panel.grey(new float[] {0, 0.2f, 0.4f, 0.6f, 2, -1}, 2, 3).draw(target, Labels.HEART, 5, 7, 4);
    int[] grey = {0, 51, 102, 153, 255, 0};
    for (int row = 0; row < 8; row++) {
      for (int column = 0; column < 12; column++) {
        int expected = grey[row / 4 * 3 + column / 4] * 0x010101;
        assertEquals(expected, rgb(target, 5 + column, 7 + row));
      }
    }
    assertEquals(0x123456, rgb(target, 5 + 12, 7));
    assertEquals(0x123456, rgb(target, 5, 7 + 8));
  }

  @Test
  void segmentationTintsTheHeartAndLeavesTheRest() {
    BufferedImage target = canvas();
    Panel.segmentation(IMAGE, LABEL, 2, 3).draw(target, Labels.HEART, 0, 0, 1);
    assertEquals(0x000000, rgb(target, 0, 0));
    for (int kind = 1; kind <= 3; kind++) {
      int grey = Math.round(255 * IMAGE[kind]);
      int x = kind % 3;
      int y = kind / 3;
      for (int shift = 0; shift <= 16; shift += 8) {
        double mean = (grey + (Labels.HEART.colour(kind) >> shift & 0xFF)) / 2.0;
        assertEquals(mean, rgb(target, x, y) >> shift & 0xFF, 0.51);
      }
    }
    assertEquals(204 * 0x010101, rgb(target, 1, 1));
    assertEquals(255 * 0x010101, rgb(target, 2, 1));
  }

  @Test
  void outlinesFollowTheInnerBorder() {
    byte[] label = {3, 3, 1, 3, 3, 0};
    BufferedImage target = canvas();
    Panel.outlines(IMAGE, label, 2, 3).draw(target, Labels.HEART, 0, 0, 8);
    int lv = Labels.HEART.colour(3);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 24; x++) {
        int pixel = y / 8 * 3 + x / 8;
        int plain = Math.round(255 * IMAGE[pixel]) * 0x010101;
        int expected = plain;
        if (pixel == 2) {
          // Its neighbours are on the left and below.
          expected = x < 16 + 4 || y >= 8 - 4 ? Labels.HEART.colour(1) : plain;
        } else if (pixel != 5) {
          expected = x >= 16 - 4 ? lv : plain;
        }
        assertEquals(expected, rgb(target, x, y), x + ", " + y);
      }
    }
    Panel.outlines(IMAGE, label, 2, 3).draw(target, Labels.HEART, 0, 0, 1);
    assertEquals(0x000000, rgb(target, 0, 0));
    assertEquals(lv, rgb(target, 1, 0));
    assertEquals(Labels.HEART.colour(1), rgb(target, 2, 0));
  }

  @Test
  void scribblesHaveFullColoursBackgroundToo() {
    BufferedImage target = canvas();
    Panel.scribble(IMAGE, LABEL, 2, 3).draw(target, Labels.HEART, 0, 0, 1);
    for (int kind = 0; kind <= 3; kind++) {
      assertEquals(Labels.HEART.colour(kind), rgb(target, kind % 3, kind / 3));
    }
    assertEquals(204 * 0x010101, rgb(target, 1, 1));
  }

  @Test
  void layoutHasCaptionsPanelsAndLegend() throws IOException {
    float[] white = new float[8 * 4];
    Arrays.fill(white, 1);
    byte[] left = new byte[8 * 4];
    Arrays.fill(left, (byte) 3);
    Montage montage = new Montage(Labels.HEART, 64, "image", "truth");
    montage.row("first", Panel.grey(new float[8 * 4], 8, 4), Panel.scribble(white, left, 8, 4));
    montage.row("", Panel.grey(white, 8, 4), Panel.grey(white, 8, 4));
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(montage.png()));
    // Enlarged 8 times: 32 x 64 pixels each, cells 64 apart with gaps of 6; one caption, one not.
    int[] black = count(picture, 0x000000);
    int[] lv = count(picture, Labels.HEART.colour(3));
    assertEquals(32 * 64, black[0]);
    assertEquals(6, black[1]);
    assertEquals(6 + 20 + 20, black[2]);
    assertEquals(32 * 64 + 14 * 14, lv[0]);
    assertEquals(6 + 64 + 6, lv[1]);
    assertEquals(6 + 20 + 20 + 64 + 6 + 64 + 6 + 20 + 6, picture.getHeight());
    assertEquals(14 * 14, count(picture, Labels.HEART.colour(0))[0]);
    assertEquals(14 * 14, count(picture, Labels.HEART.colour(1))[0]);
    assertTrue(inked(picture, 6, 6, 58, 20), "column caption");
    assertTrue(inked(picture, 6, 26, 58, 20), "row caption");
  }

  @Test
  void gridHasACaptionAPanel() {
    Panel white = Panel.grey(new float[] {1}, 1, 1);
    Panel black = Panel.grey(new float[] {0}, 1, 1);
    List<Panel> panels = List.of(white, white, black);
    BufferedImage picture =
        new Montage(Labels.HEART, 64, "", "").grid("all", List.of("a", "b", "c"), panels).draw();
    // Without column captions: one line for the title, one for the captions of each of two rows.
    assertEquals(6 + 20 + 2 * (20 + 64 + 6) + 6 + 20, picture.getHeight());
    int[] found = count(picture, 0x000000);
    assertEquals(64 * 64, found[0]);
    assertEquals(6, found[1]);
    assertEquals(6 + 20 + 20 + 64 + 6 + 20, found[2]);
    assertEquals(0, count(picture, Labels.HEART.colour(0))[0], "background is in no scribble");
    assertTrue(inked(picture, 6, 6, 58, 20), "title");
    assertTrue(inked(picture, 6, 26, 58, 20), "caption of a");
    assertTrue(inked(picture, 6 + 64 + 6, 26, 58, 20), "caption of b");
    assertTrue(inked(picture, 6, 26 + 20 + 64 + 6, 58, 20), "caption of c");
    Montage montage = new Montage(Labels.HEART, 64, "");
    assertThrows(IllegalArgumentException.class, () -> montage.grid("", List.of("a"), panels));
    assertThrows(IllegalArgumentException.class, () -> montage.grid("", List.of(), List.of()));
  }

  @Test
  void largeImagesAndLongCaptionsWidenThePicture() {
    Panel large = Panel.grey(new float[700 * 500], 700, 500);
    BufferedImage picture = new Montage(Labels.HEART, 64, "a").row("", large).draw();
    assertEquals(6 + 500 + 6, picture.getWidth());
    assertEquals(500 * 700, count(picture, 0x000000)[0]);
    String caption = "x".repeat(100);
    assertEquals(
        100 * 12 + 12, new Montage(Labels.HEART, 64, "a").row(caption, large).draw().getWidth());
  }

  @Test
  void writesAndReplacesAFileInANewFolder() throws IOException {
    Path file = folder.resolve("pictures/a.png");
    Montage montage = new Montage(Labels.HEART, 32, "a").row("", Panel.grey(IMAGE, 2, 3));
    montage.write(file);
    BufferedImage first = ImageIO.read(file.toFile());
    montage.row("", Panel.grey(IMAGE, 2, 3)).write(file);
    assertTrue(ImageIO.read(file.toFile()).getHeight() > first.getHeight());
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() throws IOException {
    Path file = folder.resolve("occupied/a.png");
    Files.writeString(folder.resolve("occupied"), "a file where the folder should be");
    Montage montage = new Montage(Labels.HEART, 32, "a").row("", Panel.grey(IMAGE, 2, 3));
    FileWriteException e = assertThrows(FileWriteException.class, () -> montage.write(file));
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Panel.grey(IMAGE, 2, 2));
    assertThrows(
        IllegalArgumentException.class, () -> Panel.segmentation(IMAGE, new byte[5], 2, 3));
    assertThrows(IllegalArgumentException.class, () -> new Montage(Labels.HEART, 0, "a"));
    assertThrows(IllegalArgumentException.class, () -> new Montage(Labels.HEART, 32));
    Montage two = new Montage(Labels.HEART, 32, "a", "b");
    Panel panel = Panel.grey(IMAGE, 2, 3);
    assertThrows(IllegalArgumentException.class, () -> two.row("", panel));
    Panel strange = Panel.segmentation(IMAGE, new byte[] {0, 1, 2, 3, 4, 5}, 2, 3);
    Montage one = new Montage(Labels.HEART, 32, "a").row("", strange);
    assertThrows(IllegalArgumentException.class, one::png);
  }

  @Test
  void everyLetterIsDrawnAndDiffersFromTheOthers() {
    Set<String> shapes = new HashSet<>();
    for (char letter = ' '; letter <= '~'; letter++) {
      assertTrue(shapes.add(shape(letter)), "letter " + letter);
    }
    assertEquals(shape('?'), shape('\u00e9'));
  }

  /** Dots outside the picture are dropped. */
  @Test
  void textMayRunOverTheEdge() {
    BufferedImage target = new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB);
    PixelFont.draw(target, "HH", -2, -2, 2, 0xFFFFFF);
    assertEquals(0xFFFFFF, rgb(target, 7, 3));
  }

  /**
   * People without green receptors still tell the classes apart: after the projection of F. Vienot
   * et al. (1999) every pair differs clearly.
   */
  @Test
  void coloursDifferWithoutGreenReceptors() {
    for (int a = 0; a < Labels.HEART.count(); a++) {
      for (int b = 0; b < a; b++) {
        double[] x = deuteranope(Labels.HEART.colour(a));
        double[] y = deuteranope(Labels.HEART.colour(b));
        double distance = Math.hypot(Math.hypot(x[0] - y[0], x[1] - y[1]), x[2] - y[2]);
        assertTrue(
            distance > 0.2,
            Labels.HEART.name(a) + " and " + Labels.HEART.name(b) + ": " + distance);
      }
    }
  }

  private static double[] deuteranope(int rgb) {
    double r = Math.pow((rgb >> 16 & 0xFF) / 255.0, 2.2);
    double g = Math.pow((rgb >> 8 & 0xFF) / 255.0, 2.2);
    double b = Math.pow((rgb & 0xFF) / 255.0, 2.2);
    double yellow = 0.29275 * r + 0.70725 * g;
    double blue = -0.02234 * r + 0.02234 * g + b;
    double y = Math.pow(yellow, 1 / 2.2);
    return new double[] {y, y, Math.pow(Math.max(0, blue), 1 / 2.2)};
  }

  private static String shape(char letter) {
    BufferedImage target = new BufferedImage(6, 8, BufferedImage.TYPE_INT_RGB);
    PixelFont.draw(target, String.valueOf(letter), 0, 0, 1, 0xFFFFFF);
    StringBuilder dots = new StringBuilder();
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 6; x++) {
        dots.append(rgb(target, x, y) == 0 ? '.' : '#');
      }
    }
    return dots.toString();
  }

  private static BufferedImage canvas() {
    BufferedImage target = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 40; x++) {
        target.setRGB(x, y, 0x123456);
      }
    }
    return target;
  }

  private static int rgb(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & 0xFFFFFF;
  }

  /** How many pixels have this colour, and the first one's x and y (topmost, then leftmost). */
  private static int[] count(BufferedImage picture, int colour) {
    int[] result = {0, -1, -1};
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        if (rgb(picture, x, y) == colour) {
          if (result[0] == 0) {
            result[1] = x;
            result[2] = y;
          }
          result[0]++;
        }
      }
    }
    return result;
  }

  private static boolean inked(BufferedImage picture, int left, int top, int width, int height) {
    for (int y = top; y < top + height; y++) {
      for (int x = left; x < left + width; x++) {
        if (rgb(picture, x, y) == 0x202020) {
          return true;
        }
      }
    }
    return false;
  }
}
