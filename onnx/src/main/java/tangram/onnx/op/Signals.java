package tangram.onnx.op;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Fourier transforms, as products with matrices, and what belongs to them. */
final class Signals {
  private Signals() {}

  static void register(Operators table) {
    table.one("DFT", Signals::dft);
    table.one("STFT", Signals::stft);
    table.one("HannWindow", c -> window(c, t -> 0.5 - 0.5 * Math.cos(t)));
    table.one("HammingWindow", c -> window(c, t -> 25.0 / 46 - (1 - 25.0 / 46) * Math.cos(t)));
    table.one(
        "BlackmanWindow", c -> window(c, t -> 0.42 - 0.5 * Math.cos(t) + 0.08 * Math.cos(2 * t)));
    table.one("MelWeightMatrix", Signals::mel);
  }

  /** Cosines or sines of all pairs, scaled: [from, to]. */
  private static Tensor matrix(
      Tensor like, int from, int to, int length, double scale, DoubleUnaryOperator f) {
    double[] values = new double[from * to];
    for (int n = 0; n < from; n++) {
      for (int k = 0; k < to; k++) {
        // Whole turns cancel exactly.
        long turns = (long) n * k % length;
        values[n * to + k] = scale * f.applyAsDouble(2 * Math.PI * turns / length);
      }
    }
    return like.device().uninitialized(like.type(), Shape.of(from, to)).copyFrom(values, 0);
  }

  /** Along the last dimension of real and imaginary parts; null of no imaginary part. */
  private static Tensor[] transform(Tensor re, Tensor im, int length, int bins, boolean inverse) {
    int n = Math.min(re.dim(-1), length);
    re = re.narrow(-1, 0, n);
    double scale = inverse ? 1.0 / length : 1;
    Tensor cos = matrix(re, n, bins, length, scale, Math::cos);
    Tensor sin = matrix(re, n, bins, length, inverse ? -scale : scale, Math::sin);
    Tensor real = re.matmul(cos);
    Tensor imaginary = re.matmul(sin).neg();
    if (im != null) {
      im = im.narrow(-1, 0, n);
      real = real.add(im.matmul(sin));
      imaginary = imaginary.add(im.matmul(cos));
    }
    return new Tensor[] {real, imaginary};
  }

  private static OnnxTensor dft(Call c) {
    Tensor x = c.real(0);
    int rank = x.shape().rank();
    long given = c.version() < 20 ? c.attr("axis", 1) : c.has(2) ? c.integer(2) : -2;
    int axis = c.axis(given, rank);
    boolean inverse = c.flag("inverse");
    boolean onesided = c.flag("onesided");
    boolean complex = x.dim(-1) == 2;
    int own = x.dim(axis);
    int length = c.has(1) ? (int) c.integer(1) : inverse && onesided ? 2 * (own - 1) : own;
    int[] order =
        IntStream.concat(IntStream.range(0, rank - 1).filter(d -> d != axis), IntStream.of(axis))
            .toArray();
    int[] back = new int[rank - 1];
    for (int i = 0; i < order.length; i++) {
      back[order[i]] = i;
    }
    Tensor re = x.select(rank - 1, 0).permute(order);
    Tensor im = complex ? x.select(rank - 1, 1).permute(order) : null;
    if (onesided && inverse) {
      return c.like(0, real(re, im, length).permute(back).unsqueeze(rank - 1));
    }
    if (onesided && complex) {
      throw c.refuse("one side of a transform of complex numbers is not the whole");
    }
    int bins = onesided ? length / 2 + 1 : length;
    Tensor[] y = transform(re, im, length, bins, inverse);
    return c.like(0, Tensor.stack(rank - 1, y[0].permute(back), y[1].permute(back)));
  }

  /** Real numbers of one side of their transform, which the other mirrors. */
  private static Tensor real(Tensor re, Tensor im, int length) {
    int bins = length / 2 + 1;
    int have = Math.min(bins, re.dim(-1));
    double[] weights = new double[have];
    // Both sides count, but for the first and, of an even number, the middle.
    Arrays.setAll(weights, k -> k == 0 || 2 * k == length ? 1 : 2);
    Tensor w = re.device().uninitialized(re.type(), Shape.of(have)).copyFrom(weights, 0);
    re = re.narrow(-1, 0, have).mul(w);
    im = im == null ? null : im.narrow(-1, 0, have).mul(w);
    return transform(re, im, length, length, true)[0];
  }

  private static OnnxTensor stft(Call c) {
    Tensor signal = c.real(0);
    int step = (int) c.integer(1);
    boolean complex = signal.shape().rank() == 3 && signal.dim(2) == 2;
    boolean onesided = c.attr("onesided", 1) != 0;
    int frame = c.has(3) ? (int) c.integer(3) : c.has(2) ? c.t(2).size() : signal.dim(1);
    Tensor window = c.has(2) ? c.real(2).to(signal.device()).to(signal.type()) : null;
    if (window != null && window.size() != frame) {
      throw new IllegalArgumentException(
          "a window of " + window.size() + " for frames of " + frame);
    }
    if (complex && onesided) {
      throw c.refuse("one side of a transform of complex numbers is not the whole");
    }
    int frames = (signal.dim(1) - frame) / step + 1;
    long[] places = new long[frames * frame];
    Arrays.setAll(places, i -> (long) (i / frame) * step + i % frame);
    Tensor index = Moves.index(signal.device(), places, places.length);
    Tensor[] parts = new Tensor[2];
    for (int i = 0; i < (complex ? 2 : 1); i++) {
      Tensor part = signal.shape().rank() == 3 ? signal.select(2, i) : signal;
      part = part.indexSelect(1, index).reshape(signal.dim(0), frames, frame);
      parts[i] = window == null ? part : part.mul(window);
    }
    Tensor[] y = transform(parts[0], parts[1], frame, onesided ? frame / 2 + 1 : frame, false);
    return c.like(0, Tensor.stack(3, y[0], y[1]));
  }

  private static OnnxTensor window(Call c, DoubleUnaryOperator f) {
    int n = (int) c.integer(0);
    double period = c.attr("periodic", 1) != 0 ? n : Math.max(1, n - 1);
    double[] values = new double[n];
    Arrays.setAll(values, i -> f.applyAsDouble(2 * Math.PI * i / period));
    return Casting.ofDoubles(c, c.attrElement("output_datatype", ElementType.FLOAT), values, n);
  }

  /** Triangles of frequencies, equally far apart in mel: [bins of a transform, mel bins]. */
  private static OnnxTensor mel(Call c) {
    int count = (int) c.integer(0);
    int length = (int) c.integer(1);
    double rate = c.number(2);
    double low = mels(c.number(3));
    double high = mels(c.number(4));
    int bins = length / 2 + 1;
    int[] edges = new int[count + 2];
    for (int i = 0; i < edges.length; i++) {
      double mel = low + i * (high - low) / (count + 2);
      double hertz = 700 * (Math.pow(10, mel / 2595) - 1);
      edges[i] = (int) Math.floor((length + 1) * hertz / rate);
    }
    double[] values = new double[bins * count];
    for (int m = 0; m < count; m++) {
      int left = edges[m];
      int centre = edges[m + 1];
      int right = edges[m + 2];
      for (int k = left; k <= centre; k++) {
        values[k * count + m] = centre == left ? 1 : (double) (k - left) / (centre - left);
      }
      for (int k = centre; k < right; k++) {
        values[k * count + m] = (double) (right - k) / (right - centre);
      }
    }
    return Casting.ofDoubles(
        c, c.attrElement("output_datatype", ElementType.FLOAT), values, bins, count);
  }

  private static double mels(double hertz) {
    return 2595 * Math.log10(1 + hertz / 700);
  }
}
