package tangram.web.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import tangram.pclmix.active.ActiveData;
import tangram.web.annotate.FullRun;

/** Training, its progress and what follows from it, as the page shows them. */
class LearnTest extends BrowserTest {
  private static final int SIZE = 64;

  @BeforeEach
  void openPage() throws IOException {
    files.add("patient001_frame01", SIZE, 5, 1, EVEN, LEFT_BACK);
    files.add("patient002_frame01", SIZE, 5, 1, EVEN, LEFT_BACK);
  }

  @Test
  void strokesAreOnTheScreenAtOnceDuringTraining() {
    serve(0, 4000, 20);
    browser.open(server.url());
    browser.keys("1");
    browser.stroke(Browser.LEFT, 10, 10, 20, 10);
    browser.untilSaved();
    browser.keys("t");
    browser.untilText("train-text", "step ");
    browser.js("performance.clearMeasures()");
    for (int i = 0; i < 12; i++) {
      browser.keys(Integer.toString(i % 4));
      int[] wave = new int[40];
      for (int j = 0; j < 20; j++) {
        wave[2 * j] = 8 + 2 * j;
        wave[2 * j + 1] = 10 + 3 * i + (j % 2) * 5;
      }
      browser.stroke(Browser.LEFT, wave);
    }
    List<?> measured =
        (List<?>)
            browser.js(
                "return performance.getEntriesByName('stroke to paint').map(m => m.duration)");
    double[] times =
        measured.stream().mapToDouble(t -> ((Number) t).doubleValue()).sorted().toArray();
    double p95 = times[(int) (0.95 * times.length)];
    System.out.printf(
        "stroke to paint during training: %d moves, median %.1f ms, 95th percentile %.1f ms%n",
        times.length, times[times.length / 2], p95);
    assertTrue(times.length > 100, "moves: " + times.length);
    assertTrue(p95 < 50, "95th percentile in ms: " + p95 + " of " + Arrays.toString(times));
    browser.click("stop");
    browser.until("!document.getElementById('update').hidden");
  }

  @Test
  void showsARoundAndWhatFollows() {
    serve();
    browser.open(server.url());
    // Nothing to learn from: the reason is said.
    browser.keys("t");
    browser.untilText("errors", "Nothing is drawn yet");
    browser.js("document.querySelector('#errors button').click()");
    browser.complaints();
    browser.keys("1");
    browser.stroke(Browser.LEFT, 10, 10, 20, 10);
    browser.keys("t");
    browser.untilText("model-text", "model 1, trained on 1 slice");
    browser.untilText("overlay-note", "prediction of model 1");
    browser.untilText("agreement", "71%");
    browser.untilText("next", "patient001_frame01slice 2 · many voxels undecided");
    browser.keys("n");
    browser.until("annotate.place().slice === 1");
    browser.keys("x");
    browser.until("!document.getElementById('next').textContent.includes('patient001')");
    assertEquals("true", browser.element("skip").getDomAttribute("aria-pressed"));
    browser.keys("x");
    browser.untilText("next", "patient001_frame01slice 2 · many voxels undecided");
    // Keep updating, until it is switched off.
    browser.click("keep");
    browser.untilText("model-text", "model 3");
    browser.click("keep");
    browser.until("!document.getElementById('update').hidden");
    browser.element("back").findElement(By.cssSelector("option[value='1']")).click();
    browser.untilText("model-text", "model 1,");
    assertClean(server.url());
  }

  @Test
  void allControlsAreReachedByKeyboard() {
    serve();
    browser.open(server.url());
    browser.keys("1");
    browser.stroke(Browser.LEFT, 10, 10, 20, 10);
    browser.keys("t");
    browser.untilText("next", "patient002");
    Set<Object> reached = new HashSet<>();
    for (int i = 0; i < 70; i++) {
      browser.keys(Keys.TAB);
      Object seen =
          browser.js(
              "const e = document.activeElement; window.focused ??= new Set(); focused.add(e);"
                  + " return e === document.body || getComputedStyle(e).outlineStyle !== 'none'");
      assertEquals(true, seen, "the focus is visible");
      reached.add(browser.js("return document.activeElement.id"));
    }
    Object missed =
        browser.js(
            "return [...document.querySelectorAll('button, input, select, [tabindex]')]"
                + ".filter(e => e.checkVisibility() && !e.disabled && !e.closest('dialog') &&"
                + " !focused.has(e)).map(e => e.id || e.outerHTML)");
    assertEquals(List.of(), missed);
    Object unnamed =
        browser.js(
            "return [...document.querySelectorAll('button, input, select, [tabindex]')]"
                + ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') ||"
                + " e.labels?.length)).map(e => e.outerHTML)");
    assertEquals(List.of(), unnamed, "controls without a name");
    browser.keys("?");
    browser.until("document.getElementById('help').open");
    browser.keys(Keys.ESCAPE);
    browser.until("!document.getElementById('help').open");
    // A letter in a field is a letter.
    browser.click("edit-classes");
    browser.keys("t", "u");
    assertEquals(false, browser.element("show-uncertainty").isSelected());
    browser.keys(Keys.ESCAPE);
  }

  /** A full run that a test moves on. */
  private static final class ScriptedRun implements FullRun {
    private Runnable changed;
    private Path run;
    private boolean running;
    private String url;
    private String note;

    synchronized void tell(boolean running, String url, String note) {
      this.running = running;
      this.url = url;
      this.note = note;
      changed.run();
    }

    @Override
    public synchronized void start(ActiveData data, TruthOf truths, Path runs, Runnable changed) {
      this.changed = changed;
      run = runs.resolve("001/run");
      running = true;
    }

    @Override
    public synchronized boolean isRunning() {
      return running;
    }

    @Override
    public synchronized Optional<Path> run() {
      return Optional.ofNullable(run);
    }

    @Override
    public synchronized Optional<String> url() {
      return Optional.ofNullable(url);
    }

    @Override
    public synchronized Optional<String> note() {
      return Optional.ofNullable(note);
    }

    @Override
    public synchronized void stop() {
      tell(false, null, "Stopped; its folder can be resumed.");
    }

    @Override
    public void close() {}
  }

  @Test
  void showsAFullRunWhileOneGoesOnDrawing() {
    ScriptedRun run = new ScriptedRun();
    serve(0, HeartModel.models(files, 5, 20), run);
    browser.open(server.url());
    browser.keys("1");
    browser.stroke(Browser.LEFT, 10, 10, 20, 10);
    browser.keys("t");
    browser.untilText("model-text", "model 1,");
    browser.until("!document.getElementById('update').hidden");
    browser.click("fully");
    browser.driver.findElement(By.cssSelector("#fully-form button.main")).click();
    browser.untilText("train-text", "training fully: getting ready…");
    browser.untilText("run-text", "annotate/runs/001/run");
    assertEquals(0L, browser.js("return document.querySelectorAll('#run-text a').length"));
    run.tell(true, "http://127.0.0.1:1/", null);
    browser.untilText("run-text", "its page");
    browser.untilText("train-text", "training fully; its page shows how far it is");
    browser.stroke(Browser.LEFT, 10, 20, 20, 20);
    browser.untilSaved();
    browser.click("stop");
    browser.untilText("train-note", "Stopped; its folder can be resumed.");
    assertTrue(browser.element("fully").isEnabled());
    // What is no address of this machine's becomes no link.
    run.tell(true, "http://example.org/", null);
    browser.until("!document.querySelector('#run-text a')");
    run.tell(false, null, "Done.");
    browser.untilText("train-note", "Done.");
    assertClean(server.url());
  }
}
