package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.console.StopSignals;
import tangram.web.live.LiveServer;

/** The page of a run: written at its end and on demand, and served during the run. */
class ReportTest {
  @TempDir private static Path shared;
  private static Path run;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    run = shared.resolve("run");
    Cli.run(Cli.trainOnPhantoms(run, "--iterations", 4, "--validate-every", 2)).assertDone();
  }

  private static void assertHolds(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), "'" + part + "' is not in " + text);
    }
  }

  @Test
  void trainingLeavesThePageWithEverything() throws IOException {
    String page = Files.readString(run.resolve("report.html"));
    assertHolds(page, "Finished: 4 steps", "worst: patient", "step 2</th>", "vector: CPU");
    assertFalse(page.contains("class=\"note\""), "something is missing in the page of a whole run");
    assertTrue(Files.exists(run.resolve("snapshots/step-000004.png")));
    assertTrue(Files.readString(run.resolve("environment.properties")).contains("1.java = "));
  }

  @Test
  void theCommandWritesThePageAgain() throws IOException {
    Path file = folder.resolve("page.html");
    Cli.Result result = Cli.run("report", run, "--out", file).assertDone();
    assertEquals(file.toString(), result.out().strip());
    assertEquals(Files.readString(run.resolve("report.html")), Files.readString(file));
    Path copy = folder.resolve("copy");
    Files.createDirectory(copy);
    Files.copy(run.resolve("config.properties"), copy.resolve("config.properties"));
    Cli.run("report", copy).assertDone();
    assertHolds(Files.readString(copy.resolve("report.html")), "Stopped at step 0 of 4");
  }

  @Test
  void wrongUseIsASentence() throws IOException {
    Path none = folder.resolve("none");
    Cli.run("report", none).assertFailed(Program.FAILED, none, "holds no run");
    assertFalse(Files.exists(none), "a folder was left behind");
    Cli.run("report").assertFailed(Program.USAGE, "RUN");
    Path file = Files.writeString(folder.resolve("file"), "");
    Cli.run("report", run, "--out", file.resolve("page.html")).assertFailed(Program.FAILED, file);
    Cli.run(Cli.trainOnPhantoms(none, "--live-port", 5)).assertFailed(Program.USAGE, "--live");
    Cli.run(Cli.trainOnPhantoms(none, "--live", "--live-port", 65536))
        .assertFailed(Program.USAGE, "--live-port", "65535");
  }

  @Test
  void aPortInUseIsToldBeforeAnythingElse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Path out = folder.resolve("out");
      Cli.run(Cli.trainOnPhantoms(out, "--live", "--live-port", taken.getLocalPort()))
          .assertFailed(Program.FAILED, "port " + taken.getLocalPort(), "--live-port");
      assertFalse(Files.exists(out), "a run folder was left behind");
    }
  }

  private static HttpResponse<String> ask(String url, String method) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  @Timeout(60)
  void thePageIsServedToThisMachineOnly() throws Exception {
    List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    String url;
    try (LiveServer server = new LiveServer(0, warnings::add)) {
      url = server.url();
      assertHolds(ask(url, "GET").body(), "being prepared", "<script>");
      server.show(run);
      HttpResponse<String> page = ask(url, "GET");
      assertEquals(200, page.statusCode());
      assertHolds(page.body(), "Finished: 4 steps", "<script>", "data:image/png;base64,");
      assertHolds(page.headers().firstValue("Content-Security-Policy").get(), "default-src 'none'");
      HttpResponse<String> head = ask(url, "HEAD");
      assertEquals(200, head.statusCode());
      assertEquals("", head.body());
      assertEquals(
          Integer.toString(page.body().getBytes(StandardCharsets.UTF_8).length),
          head.headers().firstValue("Content-Length").get());
      assertEquals(404, ask(url + "config.properties", "GET").statusCode());
      assertEquals(404, ask(url + "..%2f..%2fetc/passwd", "GET").statusCode());
      assertEquals(405, ask(url, "POST").statusCode());
      assertEquals(405, ask(url, "DELETE").statusCode());
      int port = URI.create(url).getPort();
      assertHolds(raw(port, "localhost:" + port), "200 OK");
      assertHolds(raw(port, "evil.example:" + port), " 421 ");
      assertHolds(raw(port, "127.0.0.1"), " 421 ");
      assertEquals(List.of(), warnings);
    }
    assertThrows(ConnectException.class, () -> ask(url, "GET"));
  }

  /** The answer to a request with a host of one's own choice. */
  private static String raw(int port, String host) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      String request = "HEAD / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  /** Several of each, but fewer than the server takes in, are there at once. */
  @Test
  @Timeout(60)
  void clientsThatOweOrDoNotReadBlockNobody() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try (LiveServer server = new LiveServer(0, sentence -> {})) {
      server.show(run);
      int port = URI.create(server.url()).getPort();
      String host = "Host: localhost:" + port + "\r\n";
      for (int i = 0; i < 5; i++) {
        sockets.add(open(port, ""));
        sockets.add(open(port, "GET / HT"));
        sockets.add(open(port, "POST / HTTP/1.1\r\n" + host + "Content-Length: 1000\r\n\r\nx"));
        sockets.add(open(port, "GET / HTTP/1.1\r\n" + host + "\r\n"));
      }
      long start = System.nanoTime();
      assertEquals(200, ask(server.url(), "GET").statusCode());
      assertTrue(System.nanoTime() - start < 4_000_000_000L, "the page waited for the others");
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  @Timeout(60)
  void idleConnectionsAreFewAndShort() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try (LiveServer server = new LiveServer(0, sentence -> {})) {
      server.show(run);
      int port = URI.create(server.url()).getPort();
      long before = openFiles();
      for (int i = 0; i < 300; i++) {
        sockets.add(open(port, i % 2 == 0 ? "" : "GET /"));
      }
      // 300 are this side's own.
      long atOnce = openFiles() - before - sockets.size();
      assertTrue(atOnce < 100, atOnce + " connections are held");
      String answer = "";
      while (!answer.contains("200 OK")) {
        Thread.sleep(200);
        try {
          answer = raw(port, "localhost:" + port);
        } catch (IOException e) {
          // Turned away, as long as the others are there.
          answer = "";
        }
      }
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static Socket open(int port, String sent) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    socket.getOutputStream().write(sent.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static long openFiles() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  @Test
  @Timeout(60)
  void whatGoesWrongIsToldOnce() throws Exception {
    List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    try (LiveServer server = new LiveServer(0, warnings::add)) {
      server.show(folder.resolve("gone"));
      assertEquals(500, ask(server.url(), "GET").statusCode());
      assertEquals(500, ask(server.url(), "GET").statusCode());
    }
    assertEquals(1, warnings.size(), warnings.toString());
    assertHolds(warnings.get(0), "holds no run");
  }

  @Test
  @Timeout(180)
  void aRunIsShownWhileItGoesOnAndItsPageStaysWhenItIsStopped() throws Exception {
    Path live = folder.resolve("live");
    Path output = folder.resolve("output");
    Process process =
        Cli.start(
            output,
            Cli.trainOnPhantoms(live, "--iterations", 100_000, "--validate-every", 5, "--live"));
    try {
      Matcher url = Pattern.compile("Live      (http://127\\.0\\.0\\.1:\\d+/)").matcher("");
      while (!url.reset(Files.exists(output) ? Files.readString(output) : "").find()) {
        assertTrue(process.isAlive(), "the run ended early");
        Thread.sleep(20);
      }
      String page = "";
      while (!page.contains("step 5</th>")) {
        assertTrue(process.isAlive(), () -> "the run ended early; see " + output);
        Thread.sleep(100);
        page = ask(url.group(1), "GET").body();
      }
      assertHolds(page, "Running: step ", "of 100,000", "<polyline");
      Cli.signal(process, "INT");
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the signal did not end the run");
      assertEquals(StopSignals.INTERRUPTED, process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
    String kept = Files.readString(live.resolve("report.html"));
    assertHolds(kept, "Stopped at step ", "of 100,000", "at the end of the training");
    assertFalse(kept.contains("<script"), "the page that stays has a script");
    try (Stream<String> lines = Files.lines(output)) {
      assertFalse(lines.anyMatch(line -> line.startsWith("warning")), "there was a warning");
    }
  }
}
