package tangram.web.browser;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tangram.pclmix.active.ActiveData;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.active.ActiveScan;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.active.SlicePrediction;
import tangram.pclmix.phantom.Phantom;
import tangram.pclmix.training.TrainedModel;
import tangram.web.annotate.Models;

/**
 * A model that learns nothing and knows the truth: from model to model its predictions are less
 * displaced. A round takes as many steps of as many milliseconds as a test wants, each of which
 * keeps a core busy, as a real one does.
 */
final class HeartModel implements ActiveModel {
  private static final int SIZE = 64;

  private final HeartFiles files;
  private final ActiveData data;
  private final Listener listener;
  private final int steps;
  private final int stepMillis;
  private final List<Double> losses = new ArrayList<>();
  private volatile boolean stopping;
  private Thread trainer;
  private Mode mode;
  private int model;
  private int step;
  private int slices;
  private long made;

  private HeartModel(
      HeartFiles files, ActiveData data, Listener listener, int steps, int stepMillis) {
    this.files = files;
    this.data = data;
    this.listener = listener;
    this.steps = steps;
    this.stepMillis = stepMillis;
  }

  static Models models(HeartFiles files, int steps, int stepMillis) {
    return new Models() {
      @Override
      public ActiveModel open(ActiveData data, Path folder, Listener listener) {
        return new HeartModel(files, data, listener, steps, stepMillis);
      }

      @Override
      public TrainedModel load(Path weights) {
        throw new AssertionError("nothing is exported here");
      }
    };
  }

  @Override
  public synchronized void train(Mode wanted) {
    if (data.drawn().isEmpty()) {
      throw new IllegalStateException("Nothing is drawn yet; draw in a slice first.");
    }
    if (trainer != null) {
      throw new IllegalStateException("Training is running; wait for it, or stop it.");
    }
    mode = wanted;
    step = 0;
    stopping = false;
    losses.clear();
    trainer = Thread.ofPlatform().daemon().start(this::rounds);
  }

  private void rounds() {
    do {
      for (int i = 0; i < steps && !stopping; i++) {
        long end = System.nanoTime() + stepMillis * 1_000_000L;
        while (System.nanoTime() < end) {
          Thread.onSpinWait();
        }
        synchronized (this) {
          step = i + 1;
          losses.add(0.25 + 0.6 / (1 + 0.2 * i) + 0.03 * Math.sin(9 * i));
        }
        listener.step();
      }
      synchronized (this) {
        model++;
        slices = data.drawn().size();
        made = System.currentTimeMillis();
      }
      listener.round();
      predictAll();
      listener.next();
    } while (mode == Mode.KEEP && !stopping);
    synchronized (this) {
      trainer = null;
    }
    listener.round();
  }

  private void predictAll() {
    List<ActiveScan> scans = data.scans();
    for (int scan = 0; scan < scans.size(); scan++) {
      for (int frame = 0; frame < scans.get(scan).frames(); frame++) {
        for (int slice = 0; slice < scans.get(scan).depth(); slice++) {
          listener.predicted(new SliceKey(scan, frame, slice));
        }
      }
    }
  }

  @Override
  public void stop() {
    stopping = true;
  }

  @Override
  public void changed(SliceKey key, int[] index, byte[] to) {}

  @Override
  public void view(SliceKey key) {}

  @Override
  public Optional<SlicePrediction> prediction(SliceKey key) {
    Phantom truth = files.truth(data.scans().get(key.scan()).name());
    if (truth == null) {
      return Optional.empty();
    }
    byte[] labels = truth.slice(key.slice()).label();
    byte[] classes = new byte[SIZE * SIZE];
    byte[] entropy = new byte[SIZE * SIZE];
    int off = Math.max(0, 3 - model);
    for (int y = 0; y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        int at = y * SIZE + x;
        classes[at] = label(labels, truth.size(), x + off, y - off);
        int others = 0;
        for (int[] d : new int[][] {{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {2, 1}, {-2, -1}}) {
          others +=
              label(labels, truth.size(), x + off + d[0], y - off + d[1]) == classes[at] ? 0 : 1;
        }
        int far = Math.abs(2 * key.slice() - truth.depth() + 1);
        entropy[at] = (byte) Math.min(230, others * (22 + 6 * far));
      }
    }
    return Optional.of(new SlicePrediction(model, SIZE, SIZE, classes, entropy));
  }

  private static byte label(byte[] labels, int size, int x, int y) {
    int column = Math.clamp(x * size / SIZE, 0, size - 1);
    int row = Math.clamp(y * size / SIZE, 0, size - 1);
    return labels[row * size + column];
  }

  @Override
  public List<Candidate> next(int count) {
    List<Candidate> next = new ArrayList<>();
    if (model == 0) {
      return next;
    }
    String[] whys = {"many voxels undecided", "near the apex", "near the base", "at random"};
    List<ActiveScan> scans = data.scans();
    for (int i = 0; i < scans.size() && next.size() < count; i++) {
      SliceKey key = new SliceKey(i, 0, (2 * i + 1) % Math.max(1, scans.get(i).depth()));
      if (scans.get(i).usable() && !data.drawn().contains(key) && !data.skipped().contains(key)) {
        next.add(new Candidate(key, 1.0 / (1 + i), whys[i % whys.length]));
      }
    }
    return next;
  }

  @Override
  public synchronized void back(int to) {
    if (to < 0 || to >= model) {
      throw new IllegalArgumentException("Model " + to + " is not kept; choose another.");
    }
    model = to;
  }

  @Override
  public synchronized Status status() {
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i <= model; i++) {
      kept.add(i);
    }
    boolean learnt = model > 0;
    return new Status(
        model,
        "phantoms",
        slices,
        made,
        kept,
        trainer != null,
        mode,
        step,
        steps,
        losses.stream().mapToDouble(Double::doubleValue).toArray(),
        0.001 * stepMillis * (steps - step),
        learnt
            ? List.of(
                new ClassAgreement(0, 0.93, 210),
                new ClassAgreement(1, 0.71, 41),
                new ClassAgreement(2, 0.83, 77),
                new ClassAgreement(3, 0.95, 90))
            : List.of(),
        List.of(),
        learnt ? 0.93 : Double.NaN,
        learnt ? 0.021 : Double.NaN,
        false,
        null);
  }

  @Override
  public void close() {
    stopping = true;
  }
}
