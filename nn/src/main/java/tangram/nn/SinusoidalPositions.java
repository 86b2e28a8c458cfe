package tangram.nn;

import tangram.tensor.Device;
import tangram.tensor.Tensor;

/**
 * Adds sines and cosines of the place (Vaswani et al. 2017, section 3.5): feature 2 i is {@code
 * sin(place / 10000^(2 i / E))}, feature 2 i + 1 the cosine.
 */
public final class SinusoidalPositions extends Layer {
  private static final double BASE = 10000;

  private final int features;
  private final boolean batchFirst;

  /** What a table depends on. */
  private record Key(Class<?> of, int length, int features) {}

  /**
   * Creates the layer.
   *
   * @param features E
   * @param batchFirst whether inputs are [N, L, E] instead of [L, N, E]
   */
  public SinusoidalPositions(int features, boolean batchFirst) {
    this.features = features;
    this.batchFirst = batchFirst;
  }

  /** Adds the positions to [L, N, E], with {@code batchFirst} [N, L, E], or [L, E]. */
  @Override
  public Tensor forward(Tensor x) {
    int rank = x.shape().rank();
    if (rank < 2 || rank > 3 || x.dim(-1) != features) {
      throw new IllegalArgumentException(
          "positions of " + features + " features for an array of shape " + x.shape());
    }
    boolean middle = rank == 3 && !batchFirst;
    Tensor table = table(x.device(), x.dim(middle ? 0 : rank - 2), features).to(x.type());
    return x.add(middle ? table.unsqueeze(1) : table);
  }

  /** The positions of the first places, [length, features]; it stays as long as the device. */
  public static Tensor table(Device device, int length, int features) {
    return device.constant(
        Tensor.class,
        new Key(SinusoidalPositions.class, length, features),
        () -> {
          double[] table = new double[length * features];
          for (int place = 0; place < length; place++) {
            for (int i = 0; i < features; i++) {
              double angle = place / Math.pow(BASE, 2.0 * (i / 2) / features);
              table[place * features + i] = i % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
            }
          }
          return device.tensor(table, length, features);
        });
  }
}
