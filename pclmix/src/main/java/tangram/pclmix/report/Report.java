package tangram.pclmix.report;

import static tangram.tensor.Xml.escape;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import tangram.nn.AtomicFile;

/**
 * Makes the page of a training run from the files in its folder: one HTML document that needs
 * nothing else. What is missing or damaged is left out and named; only without the run's settings
 * is there no page.
 */
public final class Report {
  /** The name of the page in the folder of a run. */
  public static final String FILE = "report.html";

  /** A run whose last step is older, and more steps old than this, is not going on. */
  private static final Duration SILENCE = Duration.ofSeconds(90);

  private static final int SILENT_STEPS = 20;

  private final Path folder;
  private final RunFiles.Pictures pictures = new RunFiles.Pictures();

  /** Prepares pages of the run in a folder; pictures are read once for several pages. */
  public Report(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes the page.
   *
   * @param running whether the run is in progress
   * @throws tangram.nn.FileFormatException if there is no run in the folder
   * @throws tangram.nn.FileWriteException if the file cannot be written
   */
  public void write(Path file, boolean running) {
    AtomicFile.write(file, page(running).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The page as it is kept.
   *
   * @param running whether the run is in progress
   * @throws tangram.nn.FileFormatException if there is no run in the folder
   */
  public String page(boolean running) {
    return page(running, "");
  }

  /**
   * The page of a run in progress, which asks for itself again and again and shows what has
   * changed.
   *
   * @param seconds between two questions
   * @throws tangram.nn.FileFormatException if there is no run in the folder
   */
  public String livePage(int seconds) {
    return page(true, liveScript(seconds));
  }

  /**
   * A live page for the time before the run has a folder.
   *
   * @param seconds between two questions
   */
  public static String waitingPage(int seconds) {
    String body = "<header id=\"overview\"><h1>The run is being prepared.</h1></header>\n";
    return document("pclmix", body, liveScript(seconds));
  }

  private static String liveScript(int seconds) {
    return "<script>\nvar seconds = " + seconds + ";\n" + Html.resource("live.js") + "</script>\n";
  }

  private String page(boolean running, String script) {
    RunFiles files = new RunFiles(folder, pictures);
    Overview overview = new Overview(files, running);
    String body =
        overview.html()
            + Curves.validations(files)
            + Scores.validation(files)
            + Scores.test(files)
            + Pictures.cases(files)
            + Pictures.snapshots(files)
            + Curves.losses(files)
            + Speed.html(files)
            + Settings.html(files);
    pictures.forgetOthers();
    return document(Overview.name(files) + " – " + overview.state(), body, script);
  }

  /** A whole page. */
  static String document(String title, String body, String script) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        + "<title>"
        + escape(title)
        + "</title>\n<style>\n"
        + Html.resource("report.css")
        + "</style>\n</head>\n<body>\n<main>\n"
        + body
        + "</main>\n"
        + script
        + "</body>\n</html>\n";
  }

  /**
   * Whether the run seems to be in progress: its last step is not long ago.
   *
   * @throws tangram.nn.FileFormatException if there is no run in the folder
   */
  public boolean seemsRunning() {
    RunFiles files = new RunFiles(folder, pictures);
    double step = files.metrics().map(t -> Speed.median(t.column("seconds"))).orElse(0.0);
    try {
      Instant last = Files.getLastModifiedTime(folder.resolve("metrics.csv")).toInstant();
      double silent = Duration.between(last, Instant.now()).toMillis() * 1e-3;
      return files.step() < files.config().iterations()
          && silent < Math.max(SILENCE.toSeconds(), SILENT_STEPS * step);
    } catch (IOException e) {
      // Without the file no step is being done; the page says that there is none.
      return false;
    }
  }
}
