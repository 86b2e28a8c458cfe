package tangram.web.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.interactions.Interaction;
import org.openqa.selenium.interactions.PointerInput;
import org.openqa.selenium.interactions.Sequence;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A browser without a screen, which does what a user does. */
final class Browser implements AutoCloseable {
  static final int LEFT = 0;
  static final int MIDDLE = 1;
  static final int RIGHT = 2;

  private static final int WAIT_SECONDS = 15;

  /** How long a page may take for what a test waits for. */
  int waitSeconds = WAIT_SECONDS;

  final ChromeDriver driver;

  Browser() {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(program("chromium").orElseThrow().toFile());
    // A container has no sandbox, and no graphics card; the scroll bars differ by system.
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--enable-unsafe-swiftshader",
        "--hide-scrollbars",
        "--window-size=1280,800");
    LoggingPreferences log = new LoggingPreferences();
    log.enable(LogType.BROWSER, Level.ALL);
    options.setCapability(ChromeOptions.LOGGING_PREFS, log);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(program("chromedriver").orElseThrow().toFile())
            .build();
    driver = new ChromeDriver(service, options);
    driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(WAIT_SECONDS));
    // What the content policy forbids is noted from the first moment of a page.
    driver.executeCdpCommand(
        "Page.addScriptToEvaluateOnNewDocument",
        Map.of(
            "source",
            "window.violations = []; document.addEventListener('securitypolicyviolation',"
                + " e => violations.push(e.violatedDirective + ' ' + e.blockedURI));"));
  }

  /** What is missing here, as a sentence. */
  static Optional<String> missing() {
    return program("chromium").isEmpty() || program("chromedriver").isEmpty()
        ? Optional.of("The packages chromium and chromium-driver are not installed here.")
        : Optional.empty();
  }

  private static Optional<Path> program(String name) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Opens a page's address and waits until a slice is in view. */
  void open(String url) {
    driver.get(url);
    untilReady();
  }

  /** Waits until a slice is in view that may not be drawn on. */
  void untilReadOnly() {
    until("window.annotate && annotate.seen()");
  }

  void untilReady() {
    until("window.annotate && annotate.ready()");
  }

  /** The size of the window's inside. */
  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    until("innerWidth === " + width + " && innerHeight === " + height);
    rest();
  }

  /** Waits until two frames have been painted. */
  void rest() {
    driver.executeAsyncScript(
        "const done = arguments[0];"
            + "requestAnimationFrame(() => requestAnimationFrame(() => done()));");
  }

  Object js(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /** Waits until an expression of the page is true. */
  void until(String expression) {
    long end = System.nanoTime() + waitSeconds * 1_000_000_000L;
    while (!Boolean.TRUE.equals(js("return Boolean(" + expression + ")"))) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "never true: " + expression + "; the page says: " + text("main") + complaints());
      }
      pause(20);
    }
  }

  void untilSaved() {
    until("annotate.unsaved() === 0");
  }

  /** Waits until an element's text contains something. */
  void untilText(String id, String part) {
    until("document.getElementById('" + id + "').textContent.includes('" + part + "')");
  }

  static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  WebElement element(String id) {
    return driver.findElement(By.id(id));
  }

  String text(String selector) {
    return (String) js("return document.querySelector(arguments[0]).innerText", selector);
  }

  void click(String id) {
    element(id).click();
  }

  void keys(CharSequence... keys) {
    new Actions(driver).sendKeys(keys).perform();
  }

  /** A key while others are held. */
  void chord(CharSequence key, CharSequence... held) {
    Actions actions = new Actions(driver);
    for (CharSequence h : held) {
      actions.keyDown(h);
    }
    actions.sendKeys(key);
    for (CharSequence h : held) {
      actions.keyUp(h);
    }
    actions.perform();
  }

  /** The place on the screen of a point in voxels, {x, y} in whole pixels. */
  int[] screen(double x, double y) {
    List<?> at = (List<?>) js("return annotate.screenOf(arguments[0], arguments[1])", x, y);
    return new int[] {
      (int) Math.round(((Number) at.get(0)).doubleValue()),
      (int) Math.round(((Number) at.get(1)).doubleValue())
    };
  }

  /** Draws from voxel to voxel, x and y of each in turn. */
  void stroke(int button, int... voxels) {
    stroke(PointerInput.Kind.MOUSE, button, 0.5, voxels);
  }

  /** Draws with a pen or a finger. */
  void stroke(PointerInput.Kind kind, int... voxels) {
    stroke(kind, LEFT, 0.5, voxels);
  }

  /** Puts two fingers on voxels and moves the second away along the row by so many voxels. */
  void pinch(int x0, int y0, int x1, int y1, int away) {
    int[][] ends = {
      screen(x0 + 0.5, y0 + 0.5), screen(x1 + 0.5, y1 + 0.5), screen(x1 + away + 0.5, y1 + 0.5)
    };
    List<Sequence> sequences = new ArrayList<>();
    for (int finger = 0; finger < 2; finger++) {
      PointerInput touch = new PointerInput(PointerInput.Kind.TOUCH, "finger " + finger);
      Sequence sequence = new Sequence(touch, 0);
      sequence.addAction(move(touch, 0, ends[finger]));
      sequence.addAction(touch.createPointerDown(LEFT));
      sequence.addAction(move(touch, 150, ends[2 * finger]));
      sequence.addAction(touch.createPointerUp(LEFT));
      sequences.add(sequence);
    }
    driver.perform(sequences);
    rest();
  }

  private static Interaction move(PointerInput pointer, int millis, int[] at) {
    return pointer.createPointerMove(
        Duration.ofMillis(millis), PointerInput.Origin.viewport(), at[0], at[1]);
  }

  /** Clicks at the corner of a voxel that comes first. */
  void corner(int x, int y) {
    stroke(PointerInput.Kind.MOUSE, LEFT, 0.0, x, y);
  }

  private void stroke(PointerInput.Kind kind, int button, double within, int... voxels) {
    PointerInput pointer = new PointerInput(kind, kind.toString());
    Sequence sequence = new Sequence(pointer, 0);
    add(sequence, pointer, button, within, voxels);
    driver.perform(List.of(sequence));
  }

  /** Draws strokes with the mouse, one after the other; each from voxel to voxel. */
  void strokes(List<int[]> strokes) {
    PointerInput pointer = new PointerInput(PointerInput.Kind.MOUSE, "mouse");
    Sequence sequence = new Sequence(pointer, 0);
    strokes.forEach(voxels -> add(sequence, pointer, LEFT, 0.5, voxels));
    driver.perform(List.of(sequence));
  }

  private void add(
      Sequence sequence, PointerInput pointer, int button, double within, int... voxels) {
    for (int i = 0; i < voxels.length; i += 2) {
      int[] at = screen(voxels[i] + within, voxels[i + 1] + within);
      sequence.addAction(move(pointer, i == 0 ? 0 : 15, at));
      if (i == 0) {
        sequence.addAction(pointer.createPointerDown(button));
      }
    }
    sequence.addAction(pointer.createPointerUp(button));
  }

  /** Turns the wheel over a voxel. */
  void wheel(int x, int y, int delta, String modifier) {
    int[] at = screen(x + 0.5, y + 0.5);
    js(
        "document.getElementById('canvas').dispatchEvent(new WheelEvent('wheel', {deltaY:"
            + " arguments[0], clientX: arguments[1], clientY: arguments[2], [arguments[3]]: true,"
            + " bubbles: true, cancelable: true}))",
        delta,
        at[0],
        at[1],
        modifier);
    rest();
  }

  /** Whether requests reach anything. */
  void network(boolean reaches) {
    driver.executeCdpCommand("Network.enable", Map.of());
    driver.executeCdpCommand(
        "Network.emulateNetworkConditions",
        Map.of(
            "offline", !reaches, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
  }

  byte[] picture() {
    rest();
    return driver.getScreenshotAs(OutputType.BYTES);
  }

  void picture(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, picture());
  }

  /** What the page has complained about to the console. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
