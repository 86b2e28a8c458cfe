package tangram.web.annotate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tangram.nn.FileWriteException;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.data.Labels;
import tangram.web.http.Events;
import tangram.web.http.HttpProblem;
import tangram.web.http.Json;
import tangram.web.http.LocalServer;
import tangram.web.http.Request;

/**
 * Serves the page on which the scans of a folder are annotated, to this machine and to whoever
 * knows the token alone.
 */
public final class AnnotateServer implements AutoCloseable {
  private static final int REST_MILLIS = 2_000;
  private static final int RETRY_MILLIS = 10_000;

  private final Session session;
  private final Models models;
  private final FullRun full;
  private final TruthScores truth;
  private final Events events = new Events();
  private final Tabs tabs = new Tabs(events);
  private final LocalServer server;
  private final String token;
  private final ScheduledExecutorService saver =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  /** For what computes for long, which must not keep virtual threads from their turn. */
  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().priority(Thread.MIN_PRIORITY).factory());

  private volatile ActiveModel model;
  private ScheduledFuture<?> saving;

  /**
   * Opens a folder and begins to serve.
   *
   * @param classes of a new session; null for those of the heart
   * @param port 0 for any that is free
   * @param failed hears of failures that are no sentences for the user
   * @throws tangram.nn.data.DataException if the folder is none
   * @throws FileWriteException if another process annotates it
   * @throws tangram.web.http.PortException if the port cannot be used
   */
  public AnnotateServer(
      Path folder,
      Labels classes,
      int port,
      Models models,
      FullRun full,
      Consumer<Throwable> failed) {
    this.models = models;
    this.full = full;
    token = Token.of(folder);
    // First of all: a port that is in use is told before long preparations.
    server =
        new LocalServer(
            port,
            new LocalServer.Policy("This page", "--port", Page.CONTENT_POLICY, token),
            null,
            failed);
    try {
      session = Session.open(folder, classes);
    } catch (RuntimeException | Error e) {
      server.close();
      saver.shutdownNow();
      worker.shutdownNow();
      throw e;
    }
    truth = new TruthScores(session, models, this::tell);
    try {
      model = openModel();
    } catch (RuntimeException | Error e) {
      server.close();
      saver.shutdownNow();
      worker.shutdownNow();
      session.close();
      throw e;
    }
    if (session.store().isDirty()) {
      saveSoon(REST_MILLIS);
    }
    server.assets(Page.class, Page.ASSETS);
    new ScanRoutes(this).addTo(server);
    new ModelRoutes(this).addTo(server);
    server.start();
    scoreSoon();
  }

  private ActiveModel openModel() {
    return session.readOnly() == null
        ? models.open(session, session.own("model"), new Told())
        : new SeenOnly(session.readOnly());
  }

  /** Hands what the trainer tells on to the pages. */
  private final class Told implements ActiveModel.Listener {
    @Override
    public void step() {
      ActiveModel told = model;
      if (told != null) {
        events.publish("step", SessionJson.training(told.status(), full));
      }
    }

    @Override
    public void round() {
      events.publish("round", Json.object());
      scoreSoon();
    }

    @Override
    public void predicted(SliceKey key) {
      events.publish("predicted", json(key));
    }

    @Override
    public void next() {
      events.publish("next", Json.object());
    }

    @Override
    public void failed(String sentence) {
      tell(sentence);
    }
  }

  static ObjectNode json(SliceKey key) {
    return Json.object()
        .put("scan", key.scan())
        .put("frame", key.frame())
        .put("slice", key.slice());
  }

  /** Scores the model against truths, where there are some, and tells when that is done. */
  private void scoreSoon() {
    if (model == null || !truth.any()) {
      return;
    }
    int request = truth.ask();
    worker.execute(
        () -> {
          try {
            if (truth.score(request, model.status().model())) {
              events.publish("round", Json.object());
            }
          } catch (RuntimeException | OutOfMemoryError e) {
            tell("Scores against the truths cannot be computed (" + e + "); the rest goes on.");
          }
        });
  }

  /** Does what takes long, and waits for it. */
  <T> T work(Callable<T> task) {
    try {
      return worker.submit(task).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HttpProblem(503, "The program is ending.", "Start it again.");
    }
  }

  /** Where the page is, with the token that it needs. */
  public String url() {
    return server.url() + "#t=" + token;
  }

  /** Why nothing can be written; null where it can. */
  public String readOnly() {
    return session.readOnly();
  }

  Session session() {
    return session;
  }

  ActiveModel model() {
    return model;
  }

  Models models() {
    return models;
  }

  FullRun full() {
    return full;
  }

  Events events() {
    return events;
  }

  Tabs tabs() {
    return tabs;
  }

  ObjectNode state() {
    return SessionJson.of(session, model.status(), full, truth);
  }

  /** Which page asks. */
  static String tab(Request request) {
    return request.header("X-Pclmix-Tab").orElse("");
  }

  /**
   * Checks that a page may change the session.
   *
   * @throws HttpProblem 409 if not
   */
  void requireWriter(Request request) {
    if (session.readOnly() != null) {
      throw HttpProblem.of(409, session.readOnly());
    }
    tabs.require(tab(request));
  }

  /** Another network, for other classes. */
  void reopenModel() {
    model.close();
    model = openModel();
    events.publish("round", Json.object());
  }

  private void tell(String sentence) {
    HttpProblem problem = HttpProblem.of(500, sentence);
    events.publish(
        "error", Json.object().put("error", problem.getMessage()).put("mend", problem.mend()));
  }

  /** Writes the scribbles' files after some rest. */
  synchronized void saveSoon() {
    saveSoon(REST_MILLIS);
  }

  private synchronized void saveSoon(int millis) {
    if (saving != null) {
      saving.cancel(false);
    }
    saving = saver.schedule(this::trySave, millis, TimeUnit.MILLISECONDS);
  }

  private void trySave() {
    try {
      save();
    } catch (FileWriteException e) {
      // All is in the journal, which holds until there is room.
      tell(e.getMessage());
      saveSoon(RETRY_MILLIS);
    }
  }

  /**
   * Writes the scribbles' files.
   *
   * @throws FileWriteException if one cannot be written; nothing is lost
   */
  void save() {
    if (session.readOnly() == null && session.store().isDirty()) {
      session.store().flush().forEach(this::tell);
      events.publish("saved", Json.object().put("saved", session.store().saved()));
    }
  }

  /**
   * Ends the session and writes all that is drawn.
   *
   * @throws FileWriteException if a scribble's file cannot be written; it is in the journal then,
   *     and written at the next start
   */
  @Override
  public void close() {
    events.end("bye", Json.object().put("why", "The program has ended."));
    try (session;
        server;
        full;
        ActiveModel closed = model) {
      saver.shutdown();
      worker.shutdownNow();
      save();
    }
  }
}
