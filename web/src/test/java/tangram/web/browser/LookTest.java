package tangram.web.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.Rectangle;
import tangram.pclmix.active.ActiveOptions;
import tangram.pclmix.phantom.Phantom;
import tangram.tensor.Devices;
import tangram.web.annotate.Models;

/**
 * Pictures of the page for people to look at, in {@code target/pictures}. With {@code
 * -Dpictures.update=true} a network learns in them, and those of the documents are replaced.
 */
class LookTest extends BrowserTest {
  private static final int SIZE = 160;
  private static final Path PICTURES = Path.of("target", "pictures");
  private static final boolean UPDATE = Boolean.getBoolean("pictures.update");
  private static final Path DOCUMENTS = Path.of("..", "docs", "images");

  private static void assertFits(int width, int height) {
    browser.size(width, height);
    assertEquals(
        true,
        browser.js(
            "const d = document.scrollingElement;"
                + " return d.scrollWidth <= innerWidth && d.scrollHeight <= innerHeight"),
        "nothing is outside the window");
    assertEquals(
        "[]",
        browser
            .js(
                "return JSON.stringify([...document.querySelectorAll('aside *, nav *, header *')]"
                    + ".filter(e => e.checkVisibility() && !e.closest('.unseen') &&"
                    + " e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.id ||"
                    + " e.outerHTML))")
            .toString(),
        "nothing is cut off at the right");
  }

  private static void picture(String name) throws IOException {
    Path file = PICTURES.resolve(name + ".png");
    browser.picture(file);
    if (UPDATE && name.startsWith("annotate-")) {
      BufferedImage image = ImageIO.read(file.toFile());
      // Fewer colours of the scan, which nobody misses, make a file half as large.
      Rectangle scan = browser.element("stage").getRect();
      for (int y = scan.y; y < scan.y + scan.height; y++) {
        for (int x = scan.x; x < scan.x + scan.width; x++) {
          image.setRGB(x, y, image.getRGB(x, y) & 0xFFF8F8F8);
        }
      }
      ImageIO.write(image, "png", DOCUMENTS.resolve(name + ".png").toFile());
    }
  }

  /** A model that learns for the documents; for a test one that is quick. */
  private Models models() {
    return !UPDATE
        ? HeartModel.models(files, 30, 15)
        : Models.of(Devices.get(Devices.DEFAULT), ActiveOptions.ofPhantoms());
  }

  /** Draws as the phantom's own scribbles say: a few points of each class, joined. */
  private void scribble(int slice) {
    Phantom truth = files.truth("patient021_frame01").slice(slice);
    for (int label = 0; label < 4; label++) {
      int[] line = new int[60];
      int n = 0;
      for (int y = 0; y < SIZE && n < line.length; y += 2) {
        for (int x = 0; x < SIZE && n < line.length; x++) {
          if (truth.scribble()[y * SIZE + x] == label) {
            line[n++] = x;
            line[n++] = y;
            break;
          }
        }
      }
      browser.keys(Integer.toString(label));
      // Points that lie far apart belong to two strokes.
      int from = 0;
      for (int i = 2; i <= n; i += 2) {
        boolean far = i < n && Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]) > 8;
        if (i == n || far) {
          browser.stroke(Browser.LEFT, Arrays.copyOfRange(line, from, i));
          from = i;
        }
      }
    }
    browser.untilSaved();
  }

  @Test
  void looksAsItShould() throws IOException {
    files.add("patient021_frame01", SIZE, 10, 1, EVEN, LEFT_BACK);
    files.add("patient022_frame01", SIZE, 8, 1, EVEN, LEFT_BACK);
    files.add("patient023_4d", SIZE, 6, 12, EVEN, LEFT_BACK);
    files.add("patient031_frame01", SIZE, 9, 1, EVEN, LEFT_BACK);
    Files.write(folder.resolve("patient040_frame01.nii.gz"), new byte[] {1, 2, 3});
    serve(0, models());
    browser.waitSeconds = UPDATE ? 240 : 15;
    browser.open(server.url());
    browser.size(1200, 720);
    browser.untilText("overlay-note", "prediction of model 0");
    scribble(5);
    holdOut("patient031");
    picture("annotate-drawn");
    browser.keys("t");
    browser.untilText("next", "patient02");
    browser.untilText("overlay-note", "prediction of model 1");
    browser.keys("d", "u");
    Browser.pause(UPDATE ? 3000 : 300);
    picture("annotate-trained");
    assertFits(1024, 640);
    picture("small");
    assertFits(1920, 1080);
    picture("large");
    browser.keys("d", "d", "u");
    picture("large-outline");
    browser.click("edit-classes");
    browser.size(1024, 640);
    picture("small-classes");
    browser.keys(Keys.ESCAPE);
    browser.keys("?");
    picture("small-keys");
    browser.keys(Keys.ESCAPE);
    browser.click("export");
    picture("small-export");
    browser.keys(Keys.ESCAPE);
    browser.keys(".", ".");
    browser.until("annotate.place().scan === 2");
    browser.untilReady();
    Browser.pause(400);
    picture("small-cine");
    browser.keys(".", ".");
    picture("small-refused");
  }

  private static void holdOut(String patient) {
    browser.driver.findElements(By.cssSelector("#scans li")).stream()
        .filter(row -> row.getText().contains(patient))
        .findFirst()
        .orElseThrow()
        .findElement(By.cssSelector("button.small"))
        .click();
    browser.driver.findElement(By.cssSelector("input[name=role][value=heldOut]")).click();
    browser.driver.findElement(By.cssSelector("#scan-form button.main")).click();
    browser.untilText("scans", "held");
  }
}
