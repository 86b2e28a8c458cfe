package tangram.pclmix.active;

import java.util.List;
import java.util.Optional;

/** A model that does nothing. */
final class Deaf implements ActiveModel {
  @Override
  public void train(Mode mode) {}

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
  public void back(int model) {}

  @Override
  public Status status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
