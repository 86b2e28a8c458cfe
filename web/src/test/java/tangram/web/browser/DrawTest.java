package tangram.web.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.interactions.PointerInput;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiImage;

/** Strokes become the voxels that they were drawn on, whatever the view. */
class DrawTest extends BrowserTest {
  private static final int SIZE = 64;
  private static final int K = 4;

  /** A stroke with the present class along a row or a column. */
  private static void line(Paper paper, int label, int brush, int x0, int y0, int x1, int y1) {
    browser.stroke(Browser.LEFT, x0, y0, x1, y1);
    paper.line(x0, y0, x1, y1, brush, label);
  }

  /** All classes, and three ways to erase. */
  private static void drawAll(Paper paper) {
    browser.keys("0");
    line(paper, 0, 3, 6, 8, 6, 50);
    browser.keys("1");
    line(paper, 1, 3, 14, 20, 40, 20);
    browser.keys("[", "[", "2");
    line(paper, 2, 1, 20, 30, 45, 30);
    browser.keys("]", "3");
    browser.corner(31, 41);
    paper.dab(31, 41, 2, 3);
    browser.keys("]");
    browser.stroke(Browser.RIGHT, 22, 20, 26, 20);
    paper.line(22, 20, 26, 20, 3, NONE);
    browser.keys("e");
    line(paper, NONE, 3, 6, 30, 6, 33);
    browser.keys("e");
    browser.keys("2");
    line(paper, 2, 3, 50, 50, 50, 54);
    browser.untilSaved();
  }

  private void assertFile(String name, int frame, int slice, Paper paper) {
    NiftiImage image = Nifti.readSeries(folder.resolve(name + "_scribble.nii.gz"));
    byte[] all = image.labels(frame);
    int plane = SIZE * SIZE;
    byte[] found = Arrays.copyOfRange(all, slice * plane, (slice + 1) * plane);
    for (int i = 0; i < plane; i++) {
      found[i] = found[i] == K ? (byte) NONE : found[i];
    }
    assertLabels(paper, found);
    int elsewhere = 0;
    for (int f = 0; f < image.frames(); f++) {
      byte[] labels = image.labels(f);
      for (int i = 0; i < labels.length; i++) {
        elsewhere += labels[i] != K && (f != frame || i / plane != slice) ? 1 : 0;
      }
    }
    assertEquals(0, elsewhere, "voxels of other slices and frames");
  }

  @Test
  void drawsEveryClassOnAVolumeAndOnACine() throws IOException {
    files.add("patient001_frame01", SIZE, 5, 1, EVEN, LEFT_BACK);
    files.add("patient002_4d", SIZE, 4, 3, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());
    Paper volume = new Paper(SIZE, SIZE);
    drawAll(volume);
    browser.keys(".");
    browser.untilReady();
    browser.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_UP);
    browser.until("annotate.place().frame === 2 && annotate.place().slice === 1");
    browser.untilReady();
    Paper cine = new Paper(SIZE, SIZE);
    drawAll(cine);
    assertClean(server.url());
    server.close();
    assertFile("patient001_frame01", 0, 2, volume);
    assertFile("patient002_4d", 2, 1, cine);
  }

  @Test
  void drawsTheSameWithOtherViews() throws IOException {
    double[] uneven = {1.2, 2.1, 9};
    files.add("patient001_frame01", SIZE, 5, 1, uneven, new int[] {-1, 1});
    files.add("patient002_frame01", SIZE, 5, 1, uneven, new int[] {1, 1});
    serve();
    browser.open(server.url());
    browser.size(1030, 670);
    // To eight times the size that fits, around the middle of what is drawn, then back a bit.
    browser.wheel(28, 30, -900, "ctrlKey");
    Paper near = new Paper(SIZE, SIZE);
    browser.keys("1");
    line(near, 1, 3, 26, 30, 30, 30);
    browser.keys("2");
    line(near, 2, 3, 28, 29, 28, 31);
    browser.size(1500, 900);
    browser.keys("3", "[", "[");
    line(near, 3, 1, 27, 29, 29, 29);
    browser.keys("f");
    browser.rest();
    line(near, 3, 1, 10, 60, 50, 60);
    browser.untilSaved();
    browser.keys(".", "]", "]");
    browser.until("annotate.place().scan === 1");
    browser.untilReady();
    Paper other = new Paper(SIZE, SIZE);
    drawAll(other);
    server.close();
    assertFile("patient001_frame01", 0, 2, near);
    assertFile("patient002_frame01", 0, 2, other);
  }

  @Test
  void takesStrokesBackAndDoesThemAgain() throws Exception {
    files.add("patient001_4d", SIZE, 3, 2, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());
    browser.keys("3");
    Paper other = new Paper(SIZE, SIZE);
    line(other, 3, 3, 10, 10, 20, 10);
    browser.keys(Keys.ARROW_RIGHT);
    browser.until("annotate.place().frame === 1");
    browser.untilReady();
    Paper paper = new Paper(SIZE, SIZE);
    for (int i = 0; i < 50; i++) {
      int label = i % 4;
      browser.keys(Integer.toString(label));
      int y = 4 + i;
      line(paper, label, 3, 8 + i % 5, y, 20 + i % 7, y);
      // Changes nothing: no step.
      if (i % 10 == 0) {
        browser.stroke(Browser.LEFT, 9 + i % 5, y);
      }
    }
    browser.untilSaved();
    byte[] all = saved(0, 1, 1);
    assertLabels(paper, all);
    assertTrue(browser.element("undo").getDomProperty("title").startsWith("Undo: RV, "));
    for (int i = 0; i < 50; i++) {
      browser.chord("z", Keys.CONTROL);
    }
    browser.untilSaved();
    assertLabels(new Paper(SIZE, SIZE), saved(0, 1, 1));
    assertEquals("true", browser.element("undo").getDomAttribute("aria-disabled"));
    browser.chord("z", Keys.CONTROL);
    assertTrue(browser.text("#note").contains("Nothing to undo"), browser.text("#note"));
    for (int i = 0; i < 50; i++) {
      browser.chord("z", Keys.CONTROL, Keys.SHIFT);
    }
    browser.untilSaved();
    assertArrayEquals(all, saved(0, 1, 1));
    assertLabels(other, saved(0, 0, 1));
  }

  @Test
  void leavesLockedClassesAndPicksThem() throws Exception {
    files.add("patient001_frame01", SIZE, 3, 1, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());
    Paper paper = new Paper(SIZE, SIZE);
    browser.keys("1");
    line(paper, 1, 3, 20, 20, 40, 20);
    browser.keys("l", "2");
    // Across it: the locked class stays.
    browser.stroke(Browser.LEFT, 30, 10, 30, 30);
    paper.line(30, 10, 30, 30, 3, 2);
    paper.line(20, 20, 40, 20, 3, 1);
    browser.stroke(Browser.RIGHT, 22, 20);
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 1));
    // Alt and a click: the class there is taken.
    new Actions(browser.driver).keyDown(Keys.ALT).perform();
    browser.stroke(Browser.LEFT, 24, 20);
    new Actions(browser.driver).keyUp(Keys.ALT).perform();
    assertEquals("Picked RV.", browser.text("#note"));
    // Control and a drag: erases what is not locked.
    new Actions(browser.driver).keyDown(Keys.CONTROL).perform();
    browser.stroke(Browser.LEFT, 30, 12, 30, 14);
    new Actions(browser.driver).keyUp(Keys.CONTROL).perform();
    paper.line(30, 12, 30, 14, 3, NONE);
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 1));
  }

  @Test
  void drawsWithPenAndFingers() throws Exception {
    files.add("patient001_frame01", SIZE, 3, 1, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());
    Paper paper = new Paper(SIZE, SIZE);
    browser.keys("1");
    browser.stroke(PointerInput.Kind.TOUCH, 10, 10, 20, 10);
    paper.line(10, 10, 20, 10, 3, 1);
    double before = browser.screen(40, 20)[0] - browser.screen(30, 20)[0];
    browser.pinch(30, 30, 34, 30, 10);
    double after = browser.screen(40, 20)[0] - browser.screen(30, 20)[0];
    assertTrue(after > 2 * before, before + " and then " + after);
    browser.keys("f", "2");
    browser.rest();
    browser.stroke(PointerInput.Kind.PEN, 10, 40, 20, 40);
    paper.line(10, 40, 20, 40, 3, 2);
    // With a pen in hand, what touches is a palm, or moves the image.
    int[] corner = browser.screen(0, 0);
    browser.stroke(PointerInput.Kind.TOUCH, 30, 30, 36, 30);
    assertTrue(browser.screen(0, 0)[0] > corner[0] + 10);
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 1));
  }

  @Test
  void drawsByKeyboardAlone() throws Exception {
    files.add("patient001_frame01", SIZE, 3, 1, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());
    browser.keys("2");
    browser.chord(Keys.ARROW_UP, Keys.SHIFT);
    browser.keys(Keys.ENTER);
    for (int i = 0; i < 6; i++) {
      browser.chord(Keys.ARROW_RIGHT, Keys.SHIFT);
    }
    browser.keys(Keys.ENTER);
    browser.chord(Keys.ARROW_DOWN, Keys.SHIFT, Keys.CONTROL);
    browser.untilSaved();
    assertLabels(new Paper(SIZE, SIZE).line(32, 31, 38, 31, 3, 2), saved(0, 0, 1));
  }
}
