package tangram.web.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** A whole session by somebody who has no mouse. */
class KeyboardTest extends BrowserTest {
  private static final int SIZE = 64;

  /** Presses Tab until a control has the focus. */
  private static void tabTo(String selector) {
    for (int i = 0; i < 120; i++) {
      if (Boolean.TRUE.equals(
          browser.js("return document.activeElement.matches(arguments[0])", selector))) {
        return;
      }
      browser.keys(Keys.TAB);
    }
    throw new AssertionError("the keyboard does not reach " + selector);
  }

  private static void press(String selector) {
    tabTo(selector);
    browser.keys(Keys.ENTER);
  }

  /** Moves the brush, each arrow by a voxel. */
  private static void move(CharSequence arrow, int times) {
    for (int i = 0; i < times; i++) {
      browser.chord(arrow, Keys.SHIFT);
    }
  }

  private static boolean isOpen(String dialog) {
    return Boolean.TRUE.equals(
        browser.js("return document.getElementById(arguments[0]).open", dialog));
  }

  private static void untilClosed(String dialog) {
    browser.until("!document.getElementById('" + dialog + "').open");
  }

  private static Object place(String what) {
    return browser.js("return annotate.place()[arguments[0]]", what);
  }

  @Test
  void drawsTrainsLooksAndExports() throws Exception {
    for (int patient = 1; patient <= 4; patient++) {
      files.add("patient00" + patient + "_frame01", SIZE, 5, 1, EVEN, LEFT_BACK);
    }
    files.add("patient005_4d", SIZE, 3, 4, EVEN, LEFT_BACK);
    serve();
    browser.open(server.url());

    // Draw, undo, redo, erase; another brush.
    browser.keys("3");
    browser.chord(Keys.ARROW_LEFT, Keys.SHIFT);
    browser.keys(Keys.ENTER);
    move(Keys.ARROW_RIGHT, 9);
    browser.keys(Keys.ENTER);
    Paper paper = new Paper(SIZE, SIZE).line(31, 32, 40, 32, 3, 3);
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 2));
    browser.chord("z", Keys.CONTROL);
    browser.untilSaved();
    assertLabels(new Paper(SIZE, SIZE), saved(0, 0, 2));
    browser.chord("y", Keys.CONTROL);
    browser.keys("[", "[", "e", Keys.ENTER, Keys.ENTER);
    paper.dab(40, 32, 1, NONE);
    browser.untilSaved();
    assertLabels(paper, saved(0, 0, 2));

    // Train, and follow what the page asks for.
    browser.keys("e", "t");
    browser.untilText("model-text", "model 1,");
    browser.until("!document.getElementById('update').hidden");
    browser.until("document.querySelectorAll('#next li').length > 0");
    browser.keys("n");
    browser.until("annotate.place().slice !== 2 || annotate.place().scan !== 0");
    browser.untilReady();
    browser.keys("x");
    assertEquals("true", browser.element("skip").getDomAttribute("aria-pressed"));
    tabTo("#keep");
    browser.keys(" ");
    browser.until("!document.getElementById('model-text').textContent.includes('model 1,')");
    browser.keys(" ");
    browser.until("!document.getElementById('update').hidden");
    tabTo("#back");
    browser.keys(Keys.END);
    browser.untilText("note", "Back to model 0.");

    // Look.
    press("#canvas");
    browser.keys(Keys.ENTER);
    Object zoom = browser.js("return annotate.screenOf(1, 0)[0] - annotate.screenOf(0, 0)[0]");
    browser.keys("+", "+");
    assertNotEquals(
        zoom, browser.js("return annotate.screenOf(1, 0)[0] - annotate.screenOf(0, 0)[0]"));
    browser.keys("f");
    browser.rest();
    assertEquals(
        zoom, browser.js("return annotate.screenOf(1, 0)[0] - annotate.screenOf(0, 0)[0]"));
    browser.keys("s", "d", "u", "a", "l");
    assertEquals(false, browser.element("show-scribbles").isSelected());
    assertEquals(true, browser.element("show-uncertainty").isSelected());
    assertEquals("true", browser.element("lock").getDomAttribute("aria-pressed"));
    browser.keys(".", ".", ".", ".", ".");
    browser.until("annotate.place().scan === 4");
    browser.untilReady();
    browser.keys(Keys.ARROW_RIGHT, Keys.ARROW_DOWN);
    assertEquals(1L, place("frame"));
    assertEquals(2L, place("slice"));
    browser.keys("p");
    browser.until("annotate.place().frame !== 1");
    browser.keys("p");

    // Hold a patient out, rename a class, ask for a full run and for masks, and change one's mind.
    press("#scans li:nth-child(4) button.small");
    assertTrue(isOpen("scan-dialog"));
    tabTo("#scan-dialog input[name=role]");
    browser.keys(Keys.ARROW_DOWN, Keys.ENTER);
    untilClosed("scan-dialog");
    browser.untilText("scans", "held");
    press("#edit-classes");
    tabTo("#class-rows li:nth-child(2) input[type=text]");
    browser.chord("a", Keys.CONTROL);
    browser.keys("ventricle", Keys.ENTER);
    browser.untilText("classes", "ventricle");
    press("#fully");
    press("#fully-form [data-close]");
    untilClosed("fully-dialog");
    press("#export");
    tabTo("#export-form input[name=what]");
    browser.keys(Keys.ARROW_DOWN);
    assertEquals(
        "probabilities", browser.js("return document.querySelector('[name=what]:checked').value"));
    browser.keys(Keys.ESCAPE);
    untilClosed("export-dialog");
    browser.keys("?");
    assertTrue(isOpen("help"));
    browser.keys(Keys.ESCAPE);
    untilClosed("help");
    assertClean(server.url());
  }
}
