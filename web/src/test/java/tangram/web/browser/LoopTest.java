package tangram.web.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import tangram.pclmix.active.ActiveOptions;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.metrics.Dice;
import tangram.pclmix.phantom.Phantom;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.tensor.Devices;
import tangram.web.annotate.Models;

/** The whole of it with a real network: draw, train, see, correct, and take masks away. */
class LoopTest extends BrowserTest {
  private static final int SIZE = 64;
  private static final int DEPTH = 6;
  private static final int SCANS = 4;
  private static final List<int[]> FIRST =
      List.of(
          new int[] {0, 1},
          new int[] {0, 3},
          new int[] {1, 2},
          new int[] {1, 4},
          new int[] {2, 3},
          new int[] {3, 2});

  private final Set<List<Integer>> drawn = new HashSet<>();

  /** A network from random weights that is small enough for two cores and a minute. */
  private static Models small() {
    Map<Setting, String> settings =
        Map.of(
            Setting.IMAGE_SIZE, "32",
            Setting.BATCH, "8",
            Setting.ENCODER_WIDTH, "8",
            Setting.UNET_CHANNELS, "16,16,8,8,8",
            Setting.SWIN_DIM, "12",
            Setting.EMBEDDING_DIM, "16");
    ActiveOptions options = ActiveOptions.ofRandom(Preset.TINY).with(settings).rounds(120, 60);
    return Models.of(Devices.get(Devices.DEFAULT), options);
  }

  private static String name(int scan) {
    return String.format("patient%03d_frame01", scan + 1);
  }

  /** Draws the generated scribble of the slice in view, row by row, with a brush of one voxel. */
  private void drawSlice(int scan, int slice) throws Exception {
    assertTrue(drawn.add(List.of(scan, slice)), "drawn already: " + scan + ", " + slice);
    Phantom heart = files.truth(name(scan));
    byte[] scribble =
        Arrays.copyOfRange(heart.scribble(), slice * SIZE * SIZE, (slice + 1) * SIZE * SIZE);
    for (int label = 0; label < 4; label++) {
      List<int[]> strokes = new ArrayList<>();
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          int from = x;
          while (x < SIZE && scribble[y * SIZE + x] == label) {
            x++;
          }
          if (x > from) {
            strokes.add(new int[] {from, y, x - 1, y});
          }
        }
      }
      if (!strokes.isEmpty()) {
        browser.keys(Integer.toString(label));
        browser.strokes(strokes);
      }
    }
    browser.untilSaved();
    for (int i = 0; i < scribble.length; i++) {
      scribble[i] = scribble[i] == Phantom.UNLABELLED ? (byte) NONE : scribble[i];
    }
    assertArrayEquals(scribble, saved(scan, 0, slice));
  }

  private void go(int scan, int slice) {
    browser.driver.findElement(By.xpath("//*[@id='scans']//*[.='" + name(scan) + "']")).click();
    browser.until("annotate.place().scan === " + scan);
    int away = slice - place("slice");
    for (int i = 0; i < Math.abs(away); i++) {
      browser.keys(away > 0 ? Keys.ARROW_DOWN : Keys.ARROW_UP);
    }
    assertEquals(slice, place("slice"));
    browser.untilReady();
  }

  private static int place(String what) {
    return ((Number) browser.js("return annotate.place()[arguments[0]]", what)).intValue();
  }

  private static void update(int model) {
    int patience = browser.waitSeconds;
    browser.waitSeconds = 180;
    browser.keys("t");
    browser.untilText("model-text", "model " + model + ",");
    browser.until("!document.getElementById('update').hidden");
    browser.waitSeconds = patience;
  }

  /** Exports by the dialog. @return Dice of the files, the mean of three classes and all scans */
  private double export(boolean replaces) throws IOException {
    browser.click("export");
    browser.click("export-go");
    if (replaces) {
      browser.until("!document.getElementById('export-exists').hidden");
      assertEquals("Nothing was written.", browser.text("#export-result"));
      assertEquals(SCANS, browser.driver.findElements(By.cssSelector("#export-names li")).size());
      // The browser notes that the program said no.
      browser.complaints();
      browser.click("export-replace");
      browser.click("export-go");
    }
    browser.untilText("export-result", "Written: masks/" + name(0) + "_pred.nii.gz");
    browser.driver.findElement(By.cssSelector("#export-dialog [data-close]")).click();
    double sum = 0;
    for (int scan = 0; scan < SCANS; scan++) {
      byte[] mask =
          Nifti.read(folder.resolve("masks").resolve(name(scan) + "_pred.nii.gz")).labels();
      for (int label = 1; label < 4; label++) {
        sum += Dice.of(mask, files.truth(name(scan)).label(), label) / (3 * SCANS);
      }
    }
    return sum;
  }

  @Test
  void drawTrainSeeCorrectExport() throws Exception {
    for (int scan = 0; scan < SCANS; scan++) {
      files.add(name(scan), SIZE, DEPTH, 1, EVEN, LEFT_BACK);
    }
    serve(0, small());
    browser.open(server.url());
    browser.js(
        "document.getElementById('brush').value = 1; document.getElementById('brush').dispatchEvent(new Event('input'))");
    browser.click("export");
    browser.click("export-go");
    browser.untilText("errors", "There is no model yet to export masks of.");
    browser.js("document.querySelector('#errors button').click()");
    browser.complaints();
    for (int[] at : FIRST) {
      go(at[0], at[1]);
      drawSlice(at[0], at[1]);
    }
    update(1);
    double first = export(false);
    for (int i = 0; i < 4; i++) {
      browser.until("document.querySelectorAll('#next li').length > 0");
      browser.keys("n");
      browser.untilReady();
      drawSlice(place("scan"), place("slice"));
    }
    update(2);
    double second = export(true);
    System.out.printf(
        "the loop by the page: Dice %.3f after 6 slices, %.3f after 10%n", first, second);
    assertTrue(first > 0.2, "after 6 slices: " + first);
    assertTrue(second > first, first + ", " + second);
    assertClean(server.url());
  }
}
