package tangram.nn;

import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import tangram.tensor.Device;
import tangram.tensor.Fused;
import tangram.tensor.Tensor;

/**
 * Rotary positions (Su et al. 2021): pairs of features are turned by angles that grow with the
 * place, so that products of queries and keys depend on their distance alone.
 */
public final class RotaryEmbedding {
  private static final Fused FIRST = Fused.of(4, x -> x[0].mul(x[2]).sub(x[1].mul(x[3])));
  private static final Fused SECOND = Fused.of(4, x -> x[1].mul(x[2]).add(x[0].mul(x[3])));

  /** Rows of the smallest table. */
  private static final int LEAST = 64;

  private final double[] frequencies;
  private final boolean interleaved;

  /** Tables of sines and cosines for places from 0 on. */
  private record Table(Tensor cosines, Tensor sines) {}

  /** What a table depends on. */
  private record Key(List<Double> frequencies, int places) {}

  /**
   * Rotates pairs by {@code place * base^(-2 i / features)}.
   *
   * @param features to turn of each head, an even number; further ones stay
   * @param base 10000 in the paper
   * @param interleaved whether pairs are neighbours, as in GPT-J, instead of one from each half, as
   *     in Llama and GPT-NeoX
   */
  public RotaryEmbedding(int features, double base, boolean interleaved) {
    this(frequencies(features, base), interleaved);
  }

  /**
   * Rotates the i-th pair by {@code place * frequencies[i]}: for scaled variants.
   *
   * @param interleaved see the other
   */
  public RotaryEmbedding(double[] frequencies, boolean interleaved) {
    this.frequencies = frequencies.clone();
    this.interleaved = interleaved;
  }

  private static double[] frequencies(int features, double base) {
    if (features < 2 || features % 2 != 0 || !(base > 0)) {
      throw new IllegalArgumentException(
          "rotary positions of " + features + " features, an even number, and base " + base);
    }
    double[] frequencies = new double[features / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = Math.pow(base, -2.0 * i / features);
    }
    return frequencies;
  }

  /**
   * Turns.
   *
   * @param x queries or keys [..., L, E]
   * @param start place of the first of the L elements
   */
  public Tensor apply(Tensor x, int start) {
    int length = x.dim(-2);
    int pairs = frequencies.length;
    int features = 2 * pairs;
    if (start < 0 || x.dim(-1) < features) {
      throw new IllegalArgumentException(
          "rotary positions of %d features from place %d on for %s"
              .formatted(features, start, x.shape()));
    }
    Table table = table(x.device(), start + length);
    Tensor c = table.cosines().narrow(0, start, length).to(x.type());
    Tensor s = table.sines().narrow(0, start, length).to(x.type());
    Tensor turned = x.dim(-1) == features ? x : x.narrow(-1, 0, features);
    Tensor y = interleaved ? neighbours(turned, c, s) : halves(turned, c, s);
    int rest = x.dim(-1) - features;
    return rest == 0 ? y : y.then(t -> Tensor.cat(-1, t, x.narrow(-1, features, rest)));
  }

  private static Tensor halves(Tensor x, Tensor c, Tensor s) {
    int pairs = x.dim(-1) / 2;
    Tensor a = x.narrow(-1, 0, pairs);
    Tensor b = x.narrow(-1, pairs, pairs);
    return joined(a, b, c, s, (first, second) -> Tensor.cat(-1, first, second));
  }

  private static Tensor neighbours(Tensor x, Tensor c, Tensor s) {
    int[] dims = Arrays.copyOf(x.shape().dims(), x.shape().rank() + 1);
    dims[dims.length - 2] /= 2;
    dims[dims.length - 1] = 2;
    Tensor split = x.reshape(dims);
    Tensor a = split.select(-1, 0);
    Tensor b = split.select(-1, 1);
    split.release();
    return joined(
        a,
        b,
        c,
        s,
        (first, second) ->
            Tensor.stack(dims.length - 1, first, second).then(t -> t.reshape(x.shape().dims())));
  }

  private static Tensor joined(
      Tensor a, Tensor b, Tensor c, Tensor s, BinaryOperator<Tensor> join) {
    Tensor first = FIRST.apply(a, b, c, s);
    Tensor second = SECOND.apply(a, b, c, s);
    Tensor y = join.apply(first, second);
    for (Tensor t : new Tensor[] {a, b, first, second}) {
      t.release();
    }
    return y;
  }

  private Table table(Device device, int places) {
    int rows = Math.max(LEAST, Integer.highestOneBit(Math.max(1, places - 1)) * 2);
    Key key = new Key(Arrays.stream(frequencies).boxed().toList(), rows);
    return device.constant(Table.class, key, () -> make(device, rows));
  }

  private Table make(Device device, int rows) {
    int pairs = frequencies.length;
    double[] cosines = new double[rows * pairs];
    double[] sines = new double[rows * pairs];
    for (int place = 0; place < rows; place++) {
      for (int i = 0; i < pairs; i++) {
        cosines[place * pairs + i] = Math.cos(place * frequencies[i]);
        sines[place * pairs + i] = Math.sin(place * frequencies[i]);
      }
    }
    return new Table(device.tensor(cosines, rows, pairs), device.tensor(sines, rows, pairs));
  }
}
