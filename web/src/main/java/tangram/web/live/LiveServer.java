package tangram.web.live;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import tangram.nn.FileFormatException;
import tangram.pclmix.report.Report;
import tangram.web.http.HttpProblem;
import tangram.web.http.LocalServer;
import tangram.web.http.Reply;

/**
 * Serves the page of a run in progress, to this machine only. A page is made from the run's files
 * when it is asked for, one at a time and at low priority: a training that nobody watches pays
 * nothing. What goes wrong here is told once and never reaches the training.
 */
public final class LiveServer implements AutoCloseable {
  private static final int SECONDS = 3;

  /** Each is busy with one client, so a slow client blocks nobody else. */
  private static final int THREADS = 32;

  private static final String CONTENT_POLICY =
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /**
   * A page is asked for so much more seldom than it takes to make, that making it stays unnoticed.
   */
  private static final int SPARING = 30;

  private final LocalServer server;
  private final Consumer<String> warn;
  private volatile Report report;
  private final Object making = new Object();
  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * Begins to serve; until {@link #show} the page says that the run is being prepared.
   *
   * @param port 0 for any that is free
   * @param warn hears one sentence, at most, about what goes wrong
   * @throws tangram.web.http.PortException if the port cannot be used
   */
  public LiveServer(int port, Consumer<String> warn) {
    this.warn = warn;
    server =
        new LocalServer(
            port,
            new LocalServer.Policy("The page of the run", "--live-port", CONTENT_POLICY, null),
            threads(),
            failure -> {});
    server.route("GET", "/", request -> page());
    server.start();
  }

  private static ExecutorService threads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "live page");
              thread.setDaemon(true);
              thread.setPriority(Thread.MIN_PRIORITY);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** Where the page is. */
  public String url() {
    return server.url();
  }

  /** From now on the page is that of the run in a folder. */
  public void show(Path folder) {
    report = new Report(folder);
  }

  private Reply page() {
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
      throw HttpProblem.of(500, e.getMessage());
    } catch (RuntimeException | OutOfMemoryError e) {
      warnOnce("the live page cannot be made (" + e + "); the training continues.");
      throw new HttpProblem(500, "The page cannot be made (" + e + ").", "The training continues.");
    }
    long after = Math.max(SECONDS, Math.round(SPARING * took));
    return Reply.of(200, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8))
        .with("Refresh-After", Long.toString(after));
  }

  private void warnOnce(String sentence) {
    if (!warned.getAndSet(true)) {
      warn.accept(sentence);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
