package tangram.pclmix.active;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;
import tangram.tensor.Device;

/**
 * Learns from a session while somebody draws (docs/annotate.md, How it learns). One thread owns the
 * network: it trains round by round, predicts what is asked for, and looks for orders between
 * steps. What is seen are always predictions of the model of a whole round. The same settings and
 * seed and the same scribbles at the same rounds give the same bits.
 */
public final class ActiveTrainer implements ActiveModel {
  private static final String BUSY = "A round is under way; stop it first or wait for its end.";

  private final ActiveOptions options;
  private final ActiveData data;
  private final ModelFiles files;
  private final Listener listener;
  private final Predictions predictions = new Predictions();
  private final Strokes strokes;
  private final ActiveWork work;
  private final Thread thread = new Thread(this::obey, "annotate-trainer");

  /** Guards what follows; nobody else's code is called while it is held. */
  private final Object lock = new Object();

  // Orders.
  private long orders;
  private boolean closed;
  private boolean stopped;

  /** A round is to begin at once. */
  private boolean wanted;

  /** A round is to begin when all that is in sight is predicted. */
  private boolean due;

  private boolean strokesUntested;
  private boolean heldOutUntested = true;
  private boolean nextUntold = true;
  private int backTo;
  private CompletableFuture<Void> back;
  private SliceKey view;

  private final Standing standing;

  /**
   * Opens a session's models, or starts with the weights that the options name.
   *
   * @param folder for models and the table of rounds; made if it is not there
   * @param listener hears what happens, from the trainer's thread
   * @throws FileFormatException if weights cannot be read or do not fit
   * @throws tangram.pclmix.training.SettingException if a setting is impossible, or the method
   *     cannot learn so
   */
  public ActiveTrainer(
      Device device, ActiveOptions options, ActiveData data, Path folder, Listener listener) {
    this.options = options;
    this.data = data;
    this.listener = listener;
    this.files = new ModelFiles(folder);
    this.strokes = new Strokes(data);
    this.work = new ActiveWork(device, options, data, files, strokes, predictions, listener);
    this.standing = new Standing(work, files, options);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void train(Mode how) {
    List<ActiveScan> scans = data.scans();
    boolean drawn =
        data.drawn().stream()
            .map(key -> scans.get(key.scan()))
            .anyMatch(scan -> scan.usable() && !scan.heldOut());
    synchronized (lock) {
      requireIdle();
      if (!drawn) {
        throw new IllegalStateException(
            "Nothing is drawn in a scan that trains; draw a line in each class and in the"
                + " background first.");
      }
      standing.mode = how;
      wanted = true;
      stopped = false;
      order();
    }
  }

  private void requireIdle() {
    if (standing.running || wanted || back != null) {
      throw new IllegalStateException(BUSY);
    }
    if (closed) {
      throw new IllegalStateException("The session is closed; open it again.");
    }
  }

  @Override
  public void stop() {
    synchronized (lock) {
      stopped = true;
      wanted = false;
      due = false;
      standing.mode = null;
      order();
    }
  }

  @Override
  public void changed(SliceKey key, int[] index, byte[] to) {
    boolean trains = !data.scans().get(key.scan()).heldOut();
    if (trains) {
      strokes.add(key, index, to);
    }
    synchronized (lock) {
      strokesUntested |= trains;
      heldOutUntested |= !trains;
      nextUntold = true;
      order();
    }
  }

  @Override
  public void view(SliceKey key) {
    synchronized (lock) {
      view = key;
      order();
    }
  }

  @Override
  public Optional<SlicePrediction> prediction(SliceKey key) {
    return predictions.of(key);
  }

  @Override
  public List<Candidate> next(int count) {
    return work.next().next(count, predictions::score);
  }

  @Override
  public void back(int number) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    synchronized (lock) {
      requireIdle();
      standing.requireKept(number);
      back = done;
      backTo = number;
      order();
    }
    try {
      done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException known ? known : e;
    }
  }

  @Override
  public Status status() {
    synchronized (lock) {
      return standing.status(wanted);
    }
  }

  /** Ends the thread after the step under way, which ends its round. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      order();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void order() {
    orders++;
    lock.notifyAll();
  }

  // What follows is done by the trainer's thread.

  private void obey() {
    try {
      for (Runnable order = take(); order != null; order = take()) {
        order.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | OutOfMemoryError e) {
      listener.failed(sentence(e));
      throw e;
    } finally {
      synchronized (lock) {
        closed = true;
        standing.running = false;
        wanted = false;
        if (back != null) {
          back.completeExceptionally(new IllegalStateException("The session is closed."));
        }
      }
    }
  }

  /** Waits for something to do; null at the end. */
  private Runnable take() throws InterruptedException {
    while (true) {
      long seen;
      boolean tellNext;
      boolean rounds;
      SliceKey first;
      synchronized (lock) {
        if (closed) {
          return null;
        }
        if (back != null) {
          return this::goBack;
        }
        if (wanted) {
          return this::train;
        }
        if (strokesUntested || heldOutUntested) {
          return this::test;
        }
        seen = orders;
        tellNext = nextUntold;
        rounds = due;
        first = view;
      }
      List<SliceKey> stale = predictions.stale(work.model(), inSight(first));
      if (!stale.isEmpty()) {
        return () -> work.predict(stale);
      }
      if (tellNext) {
        synchronized (lock) {
          nextUntold = false;
        }
        return listener::next;
      }
      if (rounds) {
        return this::train;
      }
      List<SliceKey> others = predictions.stale(work.model(), allFrames(first));
      if (!others.isEmpty()) {
        return () -> work.predict(others);
      }
      synchronized (lock) {
        while (seen == orders) {
          lock.wait();
        }
      }
    }
  }

  /** The slice in view, its volume, and those among which the next is chosen. */
  private List<SliceKey> inSight(SliceKey first) {
    List<SliceKey> keys = new ArrayList<>();
    if (first != null) {
      keys.addAll(work.readable(List.of(first)));
      keys.addAll(work.volume(first.scan(), first.frame()));
    }
    keys.addAll(work.pool());
    return keys;
  }

  private List<SliceKey> allFrames(SliceKey first) {
    List<SliceKey> keys = new ArrayList<>();
    for (int f = 0; first != null && f < data.scans().get(first.scan()).frames(); f++) {
      keys.addAll(work.volume(first.scan(), f));
    }
    return keys;
  }

  /** Compares what is drawn with predictions that were not trained on it. */
  private void test() {
    synchronized (lock) {
      strokesUntested = false;
      heldOutUntested = false;
    }
    try {
      Map<SliceKey, byte[]> fresh = strokes.fresh();
      List<ClassAgreement> ofFresh = work.test(fresh);
      List<ClassAgreement> ofHeldOut = work.heldOut();
      synchronized (lock) {
        standing.agreed(ofFresh);
        standing.heldOut = ofHeldOut;
        due = standing.mode == Mode.KEEP && !fresh.isEmpty();
      }
    } catch (RuntimeException e) {
      listener.failed(sentence(e));
    }
  }

  private void goBack() {
    RuntimeException problem = null;
    try {
      // Orders do not change it before it is obeyed.
      work.open(backTo);
      files.use(backTo);
    } catch (RuntimeException e) {
      problem = e;
    }
    CompletableFuture<Void> done;
    synchronized (lock) {
      done = back;
      back = null;
      standing.back();
      nextUntold = true;
      heldOutUntested = true;
    }
    if (problem == null) {
      done.complete(null);
      listener.round();
    } else {
      done.completeExceptionally(problem);
    }
  }

  private void train() {
    SliceKey first;
    int steps;
    synchronized (lock) {
      wanted = false;
      due = false;
      stopped = standing.mode == null;
      steps = work.model() == 0 ? options.firstSteps() : options.steps();
      standing.begin(steps);
      first = view;
    }
    strokes.begin();
    try {
      ActiveWork.Outcome outcome = work.round(steps, first, new Steps());
      if (outcome.steps() == 0) {
        strokes.cancel();
      }
      synchronized (lock) {
        standing.tell(outcome);
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      strokes.cancel();
      work.open(work.model());
      synchronized (lock) {
        standing.mode = null;
        standing.note = sentence(e);
      }
      listener.failed(sentence(e));
    }
    synchronized (lock) {
      standing.end();
      strokesUntested = true;
      heldOutUntested = true;
      nextUntold = true;
    }
    listener.round();
  }

  /** What happens between the steps of a round. */
  private final class Steps implements ActiveWork.Steps {
    private final long began = System.nanoTime();

    @Override
    public boolean goOn() {
      SliceKey seen;
      synchronized (lock) {
        if (closed || stopped) {
          return false;
        }
        seen = view;
      }
      if (seen != null && !predictions.isBy(work.model(), seen)) {
        work.predict(work.readable(List.of(seen)));
      }
      return true;
    }

    @Override
    public void done(double loss) {
      synchronized (lock) {
        standing.step(loss, (System.nanoTime() - began) * 1e-9);
      }
      listener.step();
    }
  }

  /** What is said of a failure. */
  static String sentence(Throwable e) {
    if (e instanceof OutOfMemoryError) {
      return "There is not enough memory to train; close other programs, or allow more, as by"
          + " PCLMIX_JAVA_OPTIONS=-Xmx8g.";
    }
    return e instanceof DataException
            || e instanceof FileFormatException
            || e instanceof FileWriteException
        ? e.getMessage()
        : "Training failed: " + e;
  }
}
