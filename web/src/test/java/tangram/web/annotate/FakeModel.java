package tangram.web.annotate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tangram.pclmix.active.ActiveData;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.active.SlicePrediction;

/**
 * A network that learns nothing: a round is over at once, and the brighter half of a slice is class
 * 1.
 */
final class FakeModel implements ActiveModel {
  private final ActiveData data;
  private final Listener listener;
  final List<String> changes = new ArrayList<>();
  private int model;
  private boolean running;
  boolean closed;

  FakeModel(ActiveData data, Listener listener) {
    this.data = data;
    this.listener = listener;
  }

  @Override
  public synchronized void train(Mode mode) {
    if (running) {
      throw new IllegalStateException("Training is running.");
    }
    if (data.drawn().isEmpty()) {
      throw new IllegalStateException("Nothing is drawn yet; draw in a slice first.");
    }
    listener.step();
    running = mode == Mode.KEEP;
    model++;
    listener.round();
    data.drawn().forEach(listener::predicted);
    listener.next();
  }

  @Override
  public synchronized void stop() {
    running = false;
  }

  @Override
  public synchronized void changed(SliceKey key, int[] index, byte[] to) {
    changes.add(key + " " + Arrays.toString(index) + " " + Arrays.toString(to));
  }

  @Override
  public void view(SliceKey key) {}

  @Override
  public synchronized Optional<SlicePrediction> prediction(SliceKey key) {
    if (model == 0) {
      return Optional.empty();
    }
    float[] image = data.image(key);
    double sum = 0;
    for (float value : image) {
      sum += value;
    }
    byte[] classes = new byte[image.length];
    for (int i = 0; i < image.length; i++) {
      classes[i] = (byte) (image[i] * image.length > sum ? 1 : 0);
    }
    int width = data.scans().get(key.scan()).width();
    return Optional.of(
        new SlicePrediction(model, image.length / width, width, classes, new byte[image.length]));
  }

  @Override
  public List<Candidate> next(int count) {
    List<Candidate> next = new ArrayList<>();
    for (int scan = 0; scan < data.scans().size() && next.size() < count; scan++) {
      SliceKey key = new SliceKey(scan, 0, 0);
      if (data.scans().get(scan).usable()
          && !data.drawn().contains(key)
          && !data.skipped().contains(key)) {
        next.add(new Candidate(key, 0.5, "many voxels undecided"));
      }
    }
    return next;
  }

  @Override
  public synchronized void back(int to) {
    if (to < 1 || to > model) {
      throw new IllegalArgumentException("Model " + to + " is not kept; choose another.");
    }
    model = to;
  }

  @Override
  public synchronized Status status() {
    return new Status(
        model,
        "random",
        data.drawn().size(),
        0,
        List.of(),
        running,
        running ? Mode.KEEP : null,
        0,
        0,
        new double[] {1, Double.NaN},
        0,
        List.of(new ClassAgreement(1, 0.5, 4)),
        List.of(),
        Double.NaN,
        Double.NaN,
        false,
        null);
  }

  @Override
  public void close() {
    closed = true;
  }
}
