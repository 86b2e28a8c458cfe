package tangram.web.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tangram.web.annotate.AnnotateServer;
import tangram.web.annotate.FullRun;
import tangram.web.annotate.Models;
import tangram.web.annotate.TestServer;

/** A test of the page in a browser: one browser for a class, a folder and a server for a test. */
abstract class BrowserTest {
  static final double[] EVEN = {1.5, 1.5, 8};
  static final int[] LEFT_BACK = {1, -1};
  static final int NONE = 255;

  static Browser browser;

  @TempDir Path folder;
  HeartFiles files;
  AnnotateServer server;

  @BeforeAll
  static void startBrowser() {
    Optional<String> missing = Browser.missing();
    missing.ifPresent(sentence -> System.out.println("Skipped: " + sentence));
    Assumptions.assumeTrue(missing.isEmpty(), missing.orElse(""));
    browser = new Browser();
  }

  @AfterAll
  static void stopBrowser() {
    if (browser != null) {
      browser.close();
      browser = null;
    }
  }

  @BeforeEach
  void prepare() {
    files = new HeartFiles(folder);
    browser.size(1280, 800);
    browser.complaints();
  }

  @AfterEach
  void stop() {
    browser.network(true);
    // Leaves the page, so that nothing asks a server that is gone.
    browser.driver.get("about:blank");
    if (server != null) {
      server.close();
    }
  }

  void serve() {
    serve(0, 5, 20);
  }

  /** Serves the folder, with a model whose rounds take so many steps of so many milliseconds. */
  void serve(int port, int steps, int stepMillis) {
    serve(port, HeartModel.models(files, steps, stepMillis));
  }

  void serve(int port, Models models) {
    serve(port, models, new TestServer.NoFullRun());
  }

  void serve(int port, Models models, FullRun full) {
    server = new AnnotateServer(folder, null, port, models, full, Throwable::printStackTrace);
  }

  int port() {
    return URI.create(server.url()).getPort();
  }

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** A request for the labels of a slice. */
  private HttpRequest.Builder labels(int scan, int frame, int slice) {
    String url = server.url();
    String path = "api/scans/" + scan + "/scribbles/" + frame + "/" + slice;
    return HttpRequest.newBuilder(URI.create(url.substring(0, url.indexOf('#')) + path))
        .header("X-Pclmix-Token", url.substring(url.indexOf('=') + 1));
  }

  private static HttpResponse<byte[]> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(200, answer.statusCode());
    return answer;
  }

  /** The labels of a slice as the server has them. */
  byte[] saved(int scan, int frame, int slice) throws IOException, InterruptedException {
    return send(labels(scan, frame, slice)).body();
  }

  /** Takes the session over and draws, as another tab does. */
  void drawElsewhere(int scan, int frame, int slice, byte[] drawn)
      throws IOException, InterruptedException {
    String url = server.url();
    URI take = URI.create(url.substring(0, url.indexOf('#')) + "api/session/take");
    send(
        labels(scan, frame, slice)
            .uri(take)
            .header("X-Pclmix-Tab", "another")
            .POST(HttpRequest.BodyPublishers.ofString("{}")));
    String revision = send(labels(scan, frame, slice)).headers().firstValue("ETag").orElseThrow();
    send(
        labels(scan, frame, slice)
            .header("X-Pclmix-Tab", "another")
            .header("If-Match", revision)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(drawn)));
  }

  /** A slice is as the paper says. */
  static void assertLabels(Paper paper, byte[] labels) {
    StringBuilder differences = new StringBuilder();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != paper.labels[i]) {
        int[] at = {i % paper.width, i / paper.width, paper.labels[i] & 255, labels[i] & 255};
        differences.append(Arrays.toString(at));
      }
    }
    assertEquals("", differences.toString(), "x, y, expected and found");
  }

  /** The page has asked this program alone, and nothing was forbidden or failed in it. */
  static void assertClean(String url) {
    String origin = url.substring(0, url.indexOf('#'));
    Object others =
        browser.js(
            "return performance.getEntriesByType('resource').map(e => e.name)"
                + ".filter(name => !name.startsWith(arguments[0]))",
            origin);
    assertEquals(List.of(), others);
    assertEquals(List.of(), browser.js("return window.violations"));
    assertEquals(List.of(), browser.complaints());
    assertEquals("", browser.js("return document.getElementById('errors').innerText"));
  }
}
