package tangram.web.annotate;

import java.util.List;
import java.util.Optional;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.active.SlicePrediction;

/** Of a folder that cannot be written to nothing is learnt, since no model could be kept. */
record SeenOnly(String why) implements ActiveModel {
  @Override
  public void train(Mode mode) {
    throw new IllegalStateException(why);
  }

  @Override
  public void stop() {}

  @Override
  public void changed(SliceKey key, int[] index, byte[] to) {}

  @Override
  public void view(SliceKey key) {}

  @Override
  public Optional<SlicePrediction> prediction(SliceKey key) {
    return Optional.empty();
  }

  @Override
  public List<Candidate> next(int count) {
    return List.of();
  }

  @Override
  public void back(int model) {
    throw new IllegalArgumentException(why);
  }

  @Override
  public Status status() {
    return new Status(
        0,
        "random",
        0,
        0,
        List.of(),
        false,
        null,
        0,
        0,
        new double[0],
        0,
        List.of(),
        List.of(),
        Double.NaN,
        Double.NaN,
        false,
        null);
  }

  @Override
  public void close() {}
}
