package tangram.web.browser;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;

/** What comes from files and users is text; what goes wrong is a sentence; nothing leaves. */
class SafetyTest extends BrowserTest {
  private static final String HOSTILE = "<img src=x onerror=window.hit=1>";

  private static void assertNoMarkup() {
    assertNull(browser.js("return window.hit"));
    assertEquals(0L, browser.js("return document.querySelectorAll('img').length"));
  }

  @Test
  void namesAreText() throws IOException {
    files.add("patient001_frame01", 64, 3, 1, EVEN, LEFT_BACK);
    files.add(HOSTILE, 64, 3, 1, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());
    assertTrue(browser.text("#scans").contains(HOSTILE), browser.text("#scans"));
    browser.keys(".");
    browser.keys(",");
    // The title of the document and the bar, and the dialog of the scan.
    browser.driver.findElements(By.cssSelector("#scans .item")).stream()
        .filter(item -> item.getText().contains(HOSTILE))
        .findFirst()
        .orElseThrow()
        .click();
    assertEquals(HOSTILE, browser.text("#scan-name"));
    renameFirstClass(HOSTILE);
    browser.untilText("classes-problem", "img");
    assertNoMarkup();
    // What the server's names may hold.
    renameFirstClass("RV (a+b)/2");
    browser.until("!document.querySelector('dialog[open]')");
    browser.untilText("classes", "RV (a+b)/2");
    assertNoMarkup();
    assertEquals(List.of(), browser.js("return window.violations"));
  }

  private static void renameFirstClass(String name) {
    if (browser.driver.findElements(By.cssSelector("dialog[open]")).isEmpty()) {
      browser.click("edit-classes");
    }
    WebElement field =
        browser.driver.findElements(By.cssSelector("#class-rows input[type=text]")).get(1);
    field.clear();
    field.sendKeys(name);
    field.sendKeys(Keys.ENTER);
  }

  @Test
  void addsAClassAndDrawsIt() throws Exception {
    files.add("patient001_frame01", 64, 3, 1, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());
    browser.click("edit-classes");
    browser.click("add-class");
    browser.keys("scar", Keys.ENTER);
    browser.until("!document.querySelector('dialog[open]')");
    browser.untilText("classes", "scar");
    browser.keys("4");
    browser.stroke(Browser.LEFT, 20, 20, 30, 20);
    browser.untilSaved();
    assertEquals(4, saved(0, 0, 1)[20 * 64 + 25]);
    assertClean(server.url());
  }

  @Test
  void saysWhatIsWrongWithAFileAndGoesOn() throws IOException {
    files.add("patient001_frame01", 64, 3, 1, EVEN, LEFT_BACK);
    Files.write(folder.resolve("patient002_frame01.nii.gz"), new byte[] {1, 2, 3});
    serve();
    browser.open(server.url());
    assertTrue(browser.text("#scans").contains("unusable"), browser.text("#scans"));
    browser.keys(".");
    browser.untilText("card-text", "patient002_frame01");
    browser.keys(",");
    browser.untilReady();
    // A scan that comes while the page is open.
    files.add("patient003_frame01", 64, 3, 1, EVEN, LEFT_BACK);
    browser.click("look");
    browser.untilText("scans", "patient003");
    assertTrue(browser.text("#note").contains("1 new scan."), browser.text("#note"));
    assertClean(server.url());
  }

  @Test
  void asksWhatZerosOfAForeignScribbleMean() throws Exception {
    files.add("patient001_frame01", 64, 3, 1, EVEN, LEFT_BACK);
    NiftiHeader header = Nifti.read(folder.resolve("patient001_frame01.nii.gz")).header();
    byte[] scribble = new byte[3 * 64 * 64];
    Arrays.fill(scribble, 64 * 64 + 640, 64 * 64 + 660, (byte) 2);
    Nifti.write(folder.resolve("patient001_frame01_scribble.nii.gz"), header, scribble);
    serve();
    browser.driver.get(server.url());
    browser.untilText("card-text", "Does 0 mean unlabelled there?");
    browser.stroke(Browser.LEFT, 10, 30, 20, 30);
    browser.untilText("note", "Answer the question about this scan first.");
    browser.driver.findElement(By.cssSelector("#card-buttons button")).click();
    browser.untilReady();
    browser.keys("3");
    browser.stroke(Browser.LEFT, 10, 30, 20, 30);
    browser.untilSaved();
    Paper paper = new Paper(64, 64).line(10, 30, 20, 30, 3, 3);
    Arrays.fill(paper.labels, 640, 660, (byte) 2);
    assertLabels(paper, saved(0, 0, 1));
    assertClean(server.url());
  }

  @Test
  void anEmptyFolderSaysWhatToDo() throws IOException {
    serve();
    browser.driver.get(server.url());
    browser.until("!document.getElementById('no-scans').hidden");
    assertTrue(browser.text("#no-scans").contains("Copy NIfTI files"));
    files.add("patient001_frame01", 64, 3, 1, EVEN, LEFT_BACK);
    browser.click("look");
    browser.untilReady();
    assertClean(server.url());
  }

  @Test
  void aFolderThatCannotBeWrittenIsOneSentence() throws IOException {
    files.add("patient001_frame01", 64, 3, 1, EVEN, LEFT_BACK);
    // A file where the program's folder is to be keeps even root from writing.
    Files.writeString(folder.resolve("annotate"), "");
    serve();
    browser.driver.get(server.url());
    browser.untilReadOnly();
    browser.untilText("link-text", "cannot be written to, so nothing can be drawn");
    browser.keys("1");
    browser.stroke(Browser.LEFT, 20, 20, 30, 20);
    browser.untilText("note", "cannot be written to");
    assertEquals(0L, browser.js("return annotate.unsaved()"));
    browser.keys(Keys.ARROW_UP);
    browser.until("annotate.place().slice !== 1");
    assertClean(server.url());
  }

  @Test
  void brokenScansAreOneSentenceEach() throws Exception {
    files.add("patient001_frame01", 64, 3, 1, EVEN, LEFT_BACK);
    byte[] whole = Files.readAllBytes(folder.resolve("patient001_frame01.nii.gz"));
    Files.write(folder.resolve("cut.nii.gz"), Arrays.copyOf(whole, whole.length / 2));
    NiftiHeader header = Nifti.read(folder.resolve("patient001_frame01.nii.gz")).header();
    float[] values = new float[3 * 64 * 64];
    values[1000] = Float.NaN;
    Nifti.write(folder.resolve("nan.nii.gz"), header, values);
    // Half a gigabyte, nearly all of it a hole of the file.
    try (FileChannel huge = FileChannel.open(folder.resolve("huge.nii"), CREATE_NEW, WRITE)) {
      try (var in = new GZIPInputStream(new ByteArrayInputStream(whole))) {
        ByteBuffer head = ByteBuffer.wrap(in.readNBytes(352)).order(ByteOrder.LITTLE_ENDIAN);
        head.putShort(42, (short) 8192).putShort(44, (short) 8192).putShort(46, (short) 4);
        huge.write(head);
      }
      huge.write(ByteBuffer.allocate(1), 352 + 2L * 8192 * 8192 * 4 - 1);
    }
    serve();
    browser.open(server.url());
    Map<String, String> said =
        Map.of(
            "cut", "its gzip stream is damaged or cut short",
            "huge", "has 4x8192x8192 voxels, more than the 67108864 that are read",
            "nan", "holds NaN at [0, 15, 40] (z, y, x)");
    for (WebElement item : browser.driver.findElements(By.cssSelector("#scans .item"))) {
      String name = item.findElement(By.className("name")).getText();
      if (said.containsKey(name)) {
        assertTrue(item.getText().contains("unusable"), item.getText());
        item.click();
        browser.untilText("card-text", said.get(name));
        assertEquals("", browser.text("#errors"));
      }
    }
    browser.driver.findElement(By.xpath("//*[@id='scans']//*[.='patient001_frame01']")).click();
    browser.untilReady();
    browser.keys("1");
    browser.stroke(Browser.LEFT, 20, 20, 30, 20);
    browser.untilSaved();
    assertLabels(new Paper(64, 64).line(20, 20, 30, 20, 3, 1), saved(3, 0, 1));
    assertClean(server.url());
  }
}
