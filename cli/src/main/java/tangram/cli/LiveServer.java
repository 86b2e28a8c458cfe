package tangram.cli;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import tangram.nn.FileFormatException;
import tangram.pclmix.report.Report;

/**
 * Serves the page of a run in progress, to this machine only. A page is made from the run's files
 * when it is asked for, one at a time and at low priority: a training that nobody watches pays
 * nothing. What goes wrong here is told once and never reaches the training: connections are few
 * and last seconds, so that no client takes the training's files or another client's page away.
 */
final class LiveServer implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int SECONDS = 3;

  /** Each has a thread of its own while it is busy, so a slow client blocks nobody else. */
  private static final int CONNECTIONS = 32;

  static {
    // The server takes its limits from properties only. Unless somebody has chosen others:
    limit("jdk.httpserver.maxConnections", CONNECTIONS);
    limit("sun.net.httpserver.maxReqTime", 5);
    limit("sun.net.httpserver.maxRspTime", 30);
    limit("sun.net.httpserver.idleInterval", 5);
    limit("sun.net.httpserver.clockTick", 1000);
    limit("sun.net.httpserver.maxReqHeaderSize", 1 << 14);
  }

  /**
   * A page is asked for so much more seldom than it takes to make, that making it stays unnoticed.
   */
  private static final int SPARING = 30;

  private final HttpServer server;
  private final ThreadPoolExecutor executor;
  private final Consumer<String> warn;
  private volatile Report report;
  private final Object making = new Object();
  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * Begins to serve; until {@link #show} the page says that the run is being prepared.
   *
   * @param port 0 for any that is free
   * @param warn hears one sentence, at most, about what goes wrong
   * @throws LiveServerException if the port cannot be used
   */
  LiveServer(int port, Consumer<String> warn) {
    this.warn = warn;
    try {
      server = listen(port);
    } catch (IOException e) {
      throw new LiveServerException(
          "port "
              + port
              + " of this machine cannot be used ("
              + e.getMessage()
              + "); choose another with --live-port, or leave it out for any that is free.",
          e);
    }
    executor =
        new ThreadPoolExecutor(
            CONNECTIONS,
            CONNECTIONS,
            SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "live page");
              thread.setDaemon(true);
              thread.setPriority(Thread.MIN_PRIORITY);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    server.setExecutor(executor);
    server.createContext("/", this::answer);
    server.start();
  }

  /** A server of this machine. All servers of a process have the limits of the first. */
  static HttpServer listen(int port) throws IOException {
    // The address by number: a name could be resolved to another.
    byte[] loopback = {127, 0, 0, 1};
    return HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(loopback), port), 0);
  }

  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /** Where the page is. */
  String url() {
    return "http://" + HOST + ":" + server.getAddress().getPort() + "/";
  }

  /** From now on the page is that of the run in a folder. */
  void show(Path folder) {
    report = new Report(folder);
  }

  private void answer(HttpExchange exchange) throws IOException {
    // Without its body: nothing that is asked for needs one.
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Type", "text/plain; charset=utf-8");
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set(
          "Content-Security-Policy",
          "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src"
              + " 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'");
      String method = exchange.getRequestMethod();
      if (!isOurs(exchange.getRequestHeaders().getFirst("Host"))) {
        send(exchange, 421, "This page is for " + url() + " only.\n");
      } else if (!exchange.getRequestURI().getPath().equals("/")) {
        send(exchange, 404, "There is only " + url() + " here.\n");
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        headers.set("Allow", "GET, HEAD");
        send(exchange, 405, "This page can only be read.\n");
      } else {
        page(exchange, headers);
      }
    }
  }

  /**
   * Whether a request names this machine as its host. A name that somebody else's page resolves to
   * this address would let that page read ours.
   */
  private boolean isOurs(String host) {
    int port = server.getAddress().getPort();
    return host != null && Set.of(HOST + ":" + port, "localhost:" + port).contains(host);
  }

  private void page(HttpExchange exchange, Headers headers) throws IOException {
    double took;
    String html;
    try {
      synchronized (making) {
        long start = System.nanoTime();
        Report shown = report;
        html = shown == null ? Report.waitingPage(SECONDS) : shown.livePage(SECONDS);
        took = (System.nanoTime() - start) * 1e-9;
      }
    } catch (FileFormatException e) {
      warnOnce(e.getMessage());
      send(exchange, 500, e.getMessage() + "\n");
      return;
    } catch (RuntimeException | OutOfMemoryError e) {
      warnOnce("the live page cannot be made (" + e + "); the training continues.");
      send(exchange, 500, "The page cannot be made (" + e + ").\n");
      return;
    }
    headers.set("Refresh-After", Long.toString(Math.max(SECONDS, Math.round(SPARING * took))));
    headers.set("Content-Type", "text/html; charset=utf-8");
    send(exchange, 200, html);
  }

  private void warnOnce(String sentence) {
    if (!warned.getAndSet(true)) {
      warn.accept(sentence);
    }
  }

  /** A reader that has gone away makes this fail, which concerns nobody: the server drops it. */
  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
