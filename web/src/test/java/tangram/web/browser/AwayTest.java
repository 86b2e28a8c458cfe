package tangram.web.browser;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.WindowType;
import tangram.web.annotate.ServerProcess;

/** Nothing that is drawn is lost while the program is away or another tab has the session. */
class AwayTest extends BrowserTest {
  private static final int SIZE = 64;
  private final Paper paper = new Paper(SIZE, SIZE);

  @BeforeEach
  void openPage() throws IOException {
    files.add("patient001_frame01", SIZE, 3, 1, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());
    browser.keys("1");
    draw(10);
    browser.untilSaved();
  }

  private void draw(int y) {
    browser.stroke(Browser.LEFT, 10, y, 30, y);
    paper.line(10, y, 30, y, 3, 1);
  }

  @Test
  void savesByItselfWhenTheProgramAnswersAgain() throws Exception {
    browser.network(false);
    draw(20);
    browser.untilText("saved", "Not saved: 1 slice.");
    // Who leaves now is asked.
    assertEquals(
        true,
        browser.js(
            "const e = new Event('beforeunload', {cancelable: true}); dispatchEvent(e);"
                + " return e.defaultPrevented"));
    draw(30);
    browser.network(true);
    browser.untilSaved();
    browser.untilText("saved", "saved ");
    assertLabels(paper, saved(0, 0, 1));
  }

  @Test
  void messagesDoNotMoveTheImage() throws IOException {
    int port = port();
    int[] before = browser.screen(10, 10);
    server.close();
    browser.untilText("link-text", "The program does not answer.");
    browser.rest();
    assertArrayEquals(before, browser.screen(10, 10));
    serve(port, 5, 20);
    browser.until("document.getElementById('link').hidden");
    browser.rest();
    assertArrayEquals(before, browser.screen(10, 10));
  }

  @Test
  void goesOnByItselfAfterAKill() throws Exception {
    server.close();
    String url;
    try (ServerProcess killed = new ServerProcess(folder, 0)) {
      url = killed.url();
      browser.open(url);
      browser.keys("1");
      draw(15);
      browser.untilSaved();
      draw(20);
    }
    browser.untilText("link-text", "The program does not answer.");
    draw(25);
    browser.untilText("saved", "Not saved: 1 slice.");
    int port = URI.create(url).getPort();
    try (ServerProcess again = new ServerProcess(folder, port)) {
      assertEquals(url, again.url());
      browser.untilSaved();
      browser.until("document.getElementById('link').hidden");
    }
    // A page that is loaded again knows the program, too, and all is there.
    serve(port, 5, 20);
    browser.driver.navigate().refresh();
    browser.untilReady();
    assertLabels(paper, saved(0, 0, 1));
    browser.keys("1");
    draw(30);
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 1));
  }

  @Test
  void savesByItselfWhenAFullDiskHasRoomAgain() throws Exception {
    assumeTrue(ServerProcess.canLimitFiles(), "prlimit (util-linux) is not there");
    server.close();
    try (ServerProcess full = new ServerProcess(folder, 0)) {
      browser.open(full.url());
      browser.keys("1");
      full.limitFiles("8");
      draw(20);
      browser.untilText("link-text", "Free some space there, the page tries again by itself.");
      browser.untilText("saved", "Not saved: 1 slice.");
      draw(30);
      full.limitFiles("unlimited");
      browser.untilSaved();
      browser.untilText("saved", "saved ");
      browser.until("document.getElementById('link').hidden");
    }
    serve();
    assertLabels(paper, saved(0, 0, 1));
  }

  @Test
  void goesOnAtAnotherAddressOfTheProgram() throws Exception {
    int port = port();
    server.close();
    Files.delete(folder.resolve("annotate/token"));
    browser.untilText("link-text", "The program does not answer.");
    draw(20);
    browser.untilText("saved", "Not saved: 1 slice.");
    serve(port, 5, 20);
    browser.untilText("link-text", "Open the address that it printed");
    draw(30);
    // In the same tab, as the page asks for.
    browser.driver.get(server.url());
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 1));
    browser.until("document.getElementById('link').hidden");
    assertEquals("/", browser.js("return location.pathname + location.hash"));
    draw(40);
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 1));
  }

  @Test
  void oneTabAtATimeDraws() throws Exception {
    String first = browser.driver.getWindowHandle();
    browser.driver.switchTo().newWindow(WindowType.TAB);
    browser.size(1280, 800);
    browser.driver.get(server.url());
    browser.untilText("link-text", "open in another tab");
    browser.untilReadOnly();
    browser.stroke(Browser.LEFT, 10, 50, 20, 50);
    browser.untilText("note", "take over");
    browser.click("take");
    browser.untilReady();
    browser.keys("1");
    draw(20);
    browser.untilSaved();
    String second = browser.driver.getWindowHandle();
    browser.driver.switchTo().window(first);
    browser.untilText("link-text", "open in another tab");
    browser.click("take");
    browser.untilReady();
    draw(30);
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 1));
    browser.driver.switchTo().window(second).close();
    browser.driver.switchTo().window(first);
  }

  @Test
  void mergesWhatTwoHaveDrawn() throws Exception {
    // Drawn here while nothing reaches the program, and by another tab meanwhile.
    browser.network(false);
    draw(20);
    browser.untilText("saved", "Not saved");
    byte[] theirs = saved(0, 0, 1);
    Paper both = paper;
    both.line(40, 5, 40, 9, 1, 2);
    for (int y = 5; y <= 9; y++) {
      theirs[y * SIZE + 40] = 2;
    }
    drawElsewhere(0, 0, 1, theirs);
    browser.network(true);
    browser.untilText("link-text", "open in another tab");
    browser.click("take");
    browser.untilSaved();
    assertLabels(both, saved(0, 0, 1));
    browser.untilText("note", "both drawings are kept");
    assertTrue(browser.complaints().stream().noneMatch(text -> text.contains("Uncaught")));
  }
}
