package tangram.pclmix.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tangram.nn.FileFormatException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.picture.Montage;
import tangram.pclmix.picture.Panel;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** Pages of runs whose files are made by hand, read back as strict XML. */
class ReportTest {
  private static final String EVIL = "<script>alert(1)</script>&\"'";
  private static final float[] IMAGE = {0, 0.2f, 0.4f, 0.6f};
  private static final byte[] LABEL = {0, 1, 2, 3};

  @TempDir Path parent;
  private Path run;

  @BeforeEach
  void newRun() {
    run = parent.resolve("first");
    RunFolder.create(
        run, TrainingConfig.of(Preset.SMALL, Map.of(Setting.ITERATIONS, "40", Setting.SEED, "7")));
  }

  private void fill() throws IOException {
    StringBuilder metrics = new StringBuilder();
    for (int step = 1; step <= 40; step++) {
      metrics.append(
          String.format(
              Locale.ROOT, "%d,0.03,%.3f,1.5,0.7,0.1,-1.9,%d,0.250%n", step, 2.0 / step, step % 2));
    }
    append("metrics.csv", metrics.toString());
    append("validation.csv", "10,0.50,0.4,0.5,0.6,20.5,15,3,1.0\n");
    append("validation.csv", "20,0.70,0.6,0.7,0.8,10.5,8,1,1.0\n");
    append("validation.csv", "40,0.60,0.5,0.6,0.7,12.5,9,1,1.0\n");
    Files.writeString(
        run.resolve("scores.csv"),
        "case,class,dice,hd95_mm,hd95_voxels\n"
            + "\"a, <b>\",1,0.600000,10.000000,7.000000\n"
            + "\"a, <b>\",2,0.700000,12.000000,8.000000\n"
            + "\"a, <b>\",3,0.800000,14.000000,9.000000\n"
            + "c,1,0.000000,50.000000,50.000000\n"
            + "c,2,0.900000,2.000000,1.000000\n"
            + "c,3,0.900000,2.000000,1.000000\n");
    Montage cases = new Montage(Labels.HEART, 8, "image", "scribble", "prediction", "truth");
    for (String rank : new String[] {"worst", "lower", "median", "upper", "best"}) {
      cases.row(
          rank + ": " + EVIL,
          Panel.grey(IMAGE, 2, 2),
          Panel.scribble(IMAGE, LABEL, 2, 2),
          Panel.segmentation(IMAGE, LABEL, 2, 2),
          Panel.segmentation(IMAGE, LABEL, 2, 2));
    }
    cases.write(run.resolve("slices.png"));
    for (int step = 2; step <= 40; step += 2) {
      new Montage(
              Labels.HEART,
              8,
              "image",
              "scribble",
              "prediction",
              "uncertainty",
              "confirmed",
              "truth")
          .row(
              "slice " + EVIL + ", after step " + step,
              Panel.grey(IMAGE, 2, 2),
              Panel.scribble(IMAGE, LABEL, 2, 2),
              Panel.segmentation(IMAGE, LABEL, 2, 2),
              Panel.heat(IMAGE, 2, 2),
              Panel.confirmed(IMAGE, LABEL, 2, 2),
              Panel.segmentation(IMAGE, LABEL, 2, 2))
          .write(run.resolve("snapshots").resolve(String.format("step-%06d.png", step)));
    }
    Files.writeString(
        run.resolve("environment.properties"),
        "1.started = 2026-01-01T10:00:00Z\n1.device = vector\n1.device-description = "
            + EVIL
            + "\n2.started = 2026-01-02T10:00:00Z\n2.after-step = 20\n2.java = 25\n");
  }

  private void append(String name, String text) throws IOException {
    Files.writeString(run.resolve(name), text, StandardOpenOption.APPEND);
  }

  private String page() {
    String page = new Report(run).page(false);
    parse(page);
    return page;
  }

  /** Also checks that the page is well-formed and asks nothing of anybody else. */
  private static Document parse(String page) {
    String outside = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for (String reference : new String[] {"http:", "https:", "//", "url(", "@import", "<link"}) {
      assertFalse(
          outside.replaceAll("base64,[\\w+/=]*", "").contains(reference),
          reference + " in the page");
    }
    Matcher source = Pattern.compile("(src|href)=\"(?!data:image/png;base64,)").matcher(page);
    assertFalse(source.find(), "the page refers to something outside");
    assertFalse(page.contains("<script"), "the page has a script");
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(page.replace("<!DOCTYPE html>", ""))));
    } catch (Exception e) {
      throw new AssertionError("not well-formed: " + page, e);
    }
  }

  private static List<Element> all(Document page, String tag) {
    NodeList nodes = page.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static String section(String page, String id) {
    int start = page.indexOf("<section id=\"" + id + "\"");
    assertTrue(start >= 0, "no section " + id);
    return page.substring(start, page.indexOf("</section>", start));
  }

  private static void assertHolds(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), "'" + part + "' is not in " + text);
    }
  }

  @Test
  void aFinishedRunIsShown() throws IOException {
    fill();
    String page = page();
    assertHolds(page, "<title>first – Finished: 40 steps</title>", "batch 12 · seed 7");
    String head = page.substring(0, page.indexOf("<section"));
    assertHolds(head, "<dd>0.650</dd>", "<dd>0.300</dd>", "<dd>0.850</dd>", "15.0 <small>mm");
    assertHolds(head, "those of step 20, of 3 validations");
    assertHolds(
        section(page, "scores"),
        "<th scope=\"row\">RV</th><td>0.300 ± 0.300</td><td>30.0 ± 20.0</td><td>1</td>",
        "<th scope=\"row\">LV</th><td>0.850 ± 0.050</td><td>8.0 ± 6.0</td><td>0</td>",
        "a, &lt;b&gt;",
        "over 2 volumes");
    assertHolds(section(page, "validation"), ">best</text>", "RV at 20: 0.6000");
    assertHolds(
        section(page, "losses"), "Total loss", "Pixel contrast (ctr)", "Mixed", "Learning rate");
    assertHolds(
        section(page, "speed"),
        "<td>0.25 s</td>",
        "<td>48.0</td>",
        "<td>10 s</td>",
        "Continued once");
    assertHolds(
        section(page, "settings"),
        "preset nearest to these settings is &#39;small&#39;; 2 that differ",
        "<tr class=\"changed\"><th scope=\"row\">iterations</th><td>40 <small>instead of 4000");
  }

  @Test
  void picturesAreTakenApartAndAtMostEightMomentsShown() throws IOException {
    fill();
    Document page = parse(page());
    List<String> headings = all(page, "h3").stream().map(Element::getTextContent).toList();
    assertEquals(
        List.of("worst: " + EVIL, "median: " + EVIL, "best: " + EVIL, "slice " + EVIL), headings);
    List<String> moments =
        all(page, "th").stream()
            .map(Element::getTextContent)
            .filter(t -> t.startsWith("step "))
            .toList();
    assertEquals(8, moments.size());
    assertEquals("step 2", moments.get(0));
    assertEquals("step 40", moments.get(7));
    // Three cases of four panels; three panels that stay, and three that change at eight moments.
    assertEquals(3 * 4 + 3 + 3 * 8, all(page, "img").size());
    assertEquals(
        List.of("prediction", "uncertainty", "confirmed"),
        all(page, "th").stream()
            .map(Element::getTextContent)
            .filter(List.of("prediction", "uncertainty", "confirmed", "truth")::contains)
            .toList());
  }

  @Test
  void testScoresAreShownWhereThereAreAny() throws IOException {
    fill();
    assertFalse(page().contains("id=\"test\""));
    Files.copy(run.resolve("scores.csv"), run.resolve("test_scores.csv"));
    assertHolds(section(page(), "test"), "0.300 ± 0.300");
  }

  @Test
  void aRunThatHasJustBegunSaysWhatIsNotThereYet() {
    String page = page();
    assertHolds(page, "Stopped at step 0 of 40");
    assertHolds(new Report(run).page(true), "Running: step 0 of 40");
    assertHolds(section(page, "validation"), "There is no validation yet.");
    assertHolds(section(page, "losses"), "No step has been done yet.");
    assertHolds(section(page, "snapshots"), "no snapshot yet");
    assertHolds(section(page, "cases"), "no pictures yet");
    assertHolds(section(page, "speed"), "does not tell");
  }

  @Test
  void baselinesAreNamedAndSettingsWithoutEffectAreFaint() {
    run = parent.resolve("baseline");
    RunFolder.create(run, TrainingConfig.of(Preset.TINY, Map.of(Setting.METHOD, "pce")));
    String page = page();
    assertHolds(page, "pce: U-Net on scribbles alone");
    assertHolds(
        section(page, "settings"),
        "Faint ones have no effect",
        "<tr class=\"unused\"><th scope=\"row\">lambda-t</th>",
        "<tr class=\"changed\"><th scope=\"row\">method</th>");
  }

  @Test
  void aHalfWrittenLineIsLeftOut() throws IOException {
    append("metrics.csv", "1,0.03,2,1,0,0,0,0,0.5\n2,0.03,2,1,0,0,0,0,0.5\n3,0.03,2,1,0,0,0,0,0.");
    String page = page();
    assertHolds(page, "Stopped at step 2 of 40");
    assertFalse(page.contains("cannot be read"), "what is being written is no damage");
  }

  @Test
  void foreignLinesAreCountedAndTheRestIsShown() throws IOException {
    append("metrics.csv", "1,0.03,2,1,0,0,0,0,0.5\n" + EVIL + "\n2,x\n3,0.03,2,1,0,0,0,0,0.5\n");
    String page = page();
    assertHolds(page, "Stopped at step 3 of 40");
    assertHolds(section(page, "losses"), "metrics.csv has 2 rows that cannot be read", "<polyline");
  }

  @Test
  void damagedFilesAreNamedAndOnlyTheirPartIsLeftOut() throws IOException {
    fill();
    Files.writeString(run.resolve("metrics.csv"), "a,b\n1,2\n");
    Files.write(run.resolve("scores.csv"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});
    Files.writeString(run.resolve("slices.png"), "not a picture");
    Files.writeString(run.resolve("snapshots/step-000040.png"), "not a picture either");
    String page = page();
    assertHolds(section(page, "losses"), "metrics.csv: has no column");
    assertHolds(section(page, "scores"), "scores.csv: has no column");
    assertHolds(section(page, "cases"), "slices.png: is not a picture of this program");
    assertHolds(section(page, "snapshots"), "step-000040.png: is not a picture", "step 34");
    assertHolds(section(page, "validation"), ">best</text>");
    assertHolds(page, "<dd>0.700</dd>");
  }

  @Test
  void whateverIsInTheFilesThePageIsWellFormed() throws IOException {
    Random random = new Random(5);
    String[] names = {
      "metrics.csv", "validation.csv", "scores.csv", "slices.png", "environment.properties"
    };
    fill();
    for (int i = 0; i < 100; i++) {
      Path file = run.resolve(names[i % names.length]);
      byte[] good = Files.readAllBytes(file);
      byte[] bytes = good.clone();
      for (int k = 0; k < 1 + random.nextInt(40); k++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Files.write(file, bytes);
      page();
      Files.write(file, good);
    }
  }

  /** A folder from somebody else: nothing in it may hang the page or bring other files into it. */
  @Test
  @Timeout(60)
  void pipesDevicesAndLinksOutOfTheFolderAreNotRead() throws Exception {
    fill();
    Path secret = parent.resolve("secret");
    Files.createDirectory(secret);
    for (String name : new String[] {"scores.csv", "slices.png", "snapshots/step-000040.png"}) {
      Path moved = secret.resolve(Path.of(name).getFileName());
      Files.move(run.resolve(name), moved);
      Files.createSymbolicLink(run.resolve(name), moved);
    }
    Files.delete(run.resolve("metrics.csv"));
    Process pipe = new ProcessBuilder("mkfifo", run.resolve("metrics.csv").toString()).start();
    assertTrue(pipe.waitFor(10, TimeUnit.SECONDS) && pipe.exitValue() == 0);
    Files.delete(run.resolve("environment.properties"));
    Files.createSymbolicLink(run.resolve("environment.properties"), Path.of("/dev/zero"));
    Files.delete(run.resolve("validation.csv"));
    try (RandomAccessFile huge =
        new RandomAccessFile(run.resolve("validation.csv").toFile(), "rw")) {
      huge.setLength(1L << 40);
    }
    String page = page();
    assertHolds(section(page, "losses"), "metrics.csv: is not a regular file");
    assertHolds(section(page, "validation"), "validation.csv: is too long");
    assertHolds(section(page, "scores"), "scores.csv: is a link that leads out of the folder");
    assertHolds(section(page, "cases"), "slices.png: is a link that leads out of the folder");
    assertHolds(section(page, "snapshots"), "step-000040.png: is a link that leads out");
    assertHolds(section(page, "speed"), "environment.properties: is a link that leads out");
    Path config = run.resolve("config.properties");
    Files.move(config, secret.resolve("config"));
    Files.createSymbolicLink(config, secret.resolve("config"));
    assertThrows(FileFormatException.class, () -> page());
  }

  @Test
  void aNameWithALineBreakIsShown() throws IOException {
    Path odd = parent.resolve("two\nlines");
    RunFolder.create(odd, TrainingConfig.of(Preset.TINY, Map.of())).close();
    assertHolds(new Report(odd).page(false), "<h1>two\\u000alines</h1>");
  }

  @Test
  void withoutSettingsThereIsNoRun() throws IOException {
    Path none = parent.resolve("none");
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> new Report(none).page(false));
    assertEquals(
        none + ": holds no run (no config.properties); name the folder of a training run.",
        e.getMessage());
    Files.writeString(run.resolve("config.properties"), "seed = 1\n");
    assertThrows(FileFormatException.class, () -> new Report(run).page(false));
  }

  @Test
  void aRunSeemsToGoOnWhileItsStepsAreYoung() throws IOException {
    append("metrics.csv", "1,0.03,2,1,0,0,0,0,0.5\n");
    Report report = new Report(run);
    assertTrue(report.seemsRunning());
    Instant old = Instant.now().minus(Duration.ofHours(1));
    Files.setLastModifiedTime(run.resolve("metrics.csv"), FileTime.from(old));
    assertFalse(report.seemsRunning());
    append("metrics.csv", "40,0.03,2,1,0,0,0,0,0.5\n");
    assertFalse(report.seemsRunning(), "a run that is finished is not in progress");
  }

  @Test
  void thePageIsWritten() throws IOException {
    fill();
    Path file = parent.resolve("pages/first.html");
    Report report = new Report(run);
    report.write(file, false);
    assertEquals(report.page(false), Files.readString(file, StandardCharsets.UTF_8));
  }

  @Test
  void livePagesAskForThemselves() {
    String page = new Report(run).livePage(3);
    assertHolds(page, "<script>\nvar seconds = 3;", "fetch(location.pathname", "Running: step 0");
    assertHolds(Report.waitingPage(3), "being prepared", "<script>");
  }
}
