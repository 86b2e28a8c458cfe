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
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.pclmix.data.Labels;

class MontagePartsTest {
  private static final float[] IMAGE = {0, 0.2f, 0.4f, 0.6f, 0.8f, 1};
  private static final byte[] LABEL = {0, 1, 2, 3, 1, -1};

  @TempDir Path folder;

  private Path montage() {
    Path file = folder.resolve("montage.png");
    new Montage(Labels.HEART, 48, "image", "labels")
        .row("first \u00e9\t\n", Panel.grey(IMAGE, 2, 3), Panel.segmentation(IMAGE, LABEL, 2, 3))
        .row("", Panel.heat(IMAGE, 3, 2), Panel.confirmed(IMAGE, LABEL, 3, 2))
        .write(file);
    return file;
  }

  @Test
  void panelsComeBackAtTheirOwnSize() throws IOException {
    List<MontageParts.Part> parts = MontageParts.read(montage());
    assertEquals(
        List.of("first \u00e9  |image", "first \u00e9  |labels", "|image", "|labels"),
        parts.stream().map(p -> p.row() + "|" + p.column()).toList());
    BufferedImage grey = ImageIO.read(new ByteArrayInputStream(parts.get(0).png()));
    assertEquals(3, grey.getWidth());
    assertEquals(2, grey.getHeight());
    for (int i = 0; i < IMAGE.length; i++) {
      int expected = Math.round(255 * IMAGE[i]) * 0x010101;
      assertEquals(expected, grey.getRGB(i % 3, i / 3) & 0xFFFFFF);
    }
  }

  @Test
  void heatIsDarkThenLightAndFogCoversWhatIsNotConfirmed() throws IOException {
    List<MontageParts.Part> parts = MontageParts.read(montage());
    BufferedImage heat = ImageIO.read(new ByteArrayInputStream(parts.get(2).png()));
    assertEquals(0x000010, heat.getRGB(0, 0) & 0xFFFFFF);
    assertEquals(0xFCFFA4, heat.getRGB(1, 2) & 0xFFFFFF);
    BufferedImage labels = ImageIO.read(new ByteArrayInputStream(parts.get(3).png()));
    assertEquals(0x000000, labels.getRGB(0, 0) & 0xFFFFFF, "confirmed background stays clear");
    assertEquals(0xFFFFFF, labels.getRGB(1, 2) & 0xFFFFFF);
    int half = labels.getRGB(1, 0) & 0xFFFFFF;
    assertTrue((half >> 16) > (half & 0xFF), "the right ventricle is orange");
  }

  @Test
  void otherPicturesHaveNoParts() throws IOException {
    Path file = folder.resolve("other.png");
    Files.write(file, PngFile.bytes(new BufferedImage(5, 5, BufferedImage.TYPE_INT_RGB)));
    assertEquals(List.of(), MontageParts.read(file));
  }

  @Test
  void damagedFilesAreRefusedByASentence() throws IOException {
    Path file = montage();
    byte[] good = Files.readAllBytes(file);
    Files.writeString(file, "no picture at all, but some text that is long enough for a header");
    FileFormatException e = assertThrows(FileFormatException.class, () -> MontageParts.read(file));
    assertTrue(e.getMessage().startsWith(file + ": is not a picture"), e.getMessage());
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bad = i % 2 == 0 ? good.clone() : Arrays.copyOf(good, random.nextInt(good.length));
      for (int k = 0; k < 3 && bad.length > 0; k++) {
        bad[random.nextInt(Math.min(bad.length, 300))] = (byte) random.nextInt();
      }
      Files.write(file, bad);
      try {
        assertTrue(MontageParts.read(file).size() <= 4);
      } catch (FileFormatException expected) {
        refused++;
      }
    }
    assertTrue(refused > 500, "only " + refused + " were refused");
  }
}
