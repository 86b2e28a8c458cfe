package tangram.tensor.kernel;

/**
 * Shape of a convolution with up to three spatial dimensions and zero padding; one or two
 * dimensions come as three whose first ones are {@link Window#NONE}.
 *
 * <p>Input [n, c, depth, rows, cols], weights [k, c / groups, kernel depth, kernel rows, kernel
 * cols], output [n, k, {@link #outD()}, {@link #outH()}, {@link #outW()}], all dense and row-major.
 * Group g connects the g-th part of the input channels with the g-th part of the output channels.
 * As in PyTorch, "convolution" means cross-correlation: the kernel is not flipped.
 *
 * @param n images
 * @param c input channels
 * @param k output channels
 * @param groups parts of the channels that do not meet
 * @param depth the first spatial dimension
 * @param rows the second
 * @param cols the last, whose elements are neighbours in memory
 */
public record ConvShape(int n, int c, int k, int groups, Window depth, Window rows, Window cols) {
  /**
   * Checks the shape.
   *
   * @throws IllegalArgumentException if an extent is not positive, the groups do not divide the
   *     channels, or an array would exceed the indexing range of Java
   */
  public ConvShape {
    if (n < 1 || c < 1 || k < 1 || groups < 1) {
      throw new IllegalArgumentException(
          "images, channels and groups must be positive, got n=%d c=%d k=%d groups=%d"
              .formatted(n, c, k, groups));
    }
    if (c % groups != 0 || k % groups != 0) {
      throw new IllegalArgumentException(
          "%d groups do not divide %d input and %d output channels".formatted(groups, c, k));
    }
    checkSize("input", n, c, depth.size(), rows.size(), cols.size());
    checkSize("weight", k, c / groups, depth.kernel(), rows.kernel(), cols.kernel());
    checkSize("output", n, k, depth.out(), rows.out(), cols.out());
  }

  /**
   * Two dimensions with square stride and padding; h and w are the input's, r and s the kernel's.
   */
  public ConvShape(int n, int c, int h, int w, int k, int r, int s, int stride, int padding) {
    this(
        n,
        c,
        k,
        1,
        Window.NONE,
        new Window(h, r, stride, padding),
        new Window(w, s, stride, padding));
  }

  /** Input rows. */
  public int h() {
    return rows.size();
  }

  /** Input columns. */
  public int w() {
    return cols.size();
  }

  /** Kernel rows. */
  public int r() {
    return rows.kernel();
  }

  /** Kernel columns. */
  public int s() {
    return cols.kernel();
  }

  /** Stride along rows; that along columns too if the shape is {@linkplain #isSquare square}. */
  public int stride() {
    return rows.stride();
  }

  /** Padding before the rows; that of columns too if the shape is {@linkplain #isSquare square}. */
  public int padding() {
    return rows.begin();
  }

  /** Output planes. */
  public int outD() {
    return depth.out();
  }

  /** Output rows. */
  public int outH() {
    return rows.out();
  }

  /** Output columns. */
  public int outW() {
    return cols.out();
  }

  /** Input channels that an output channel meets. */
  public int groupC() {
    return c / groups;
  }

  /** Output channels that an input channel meets. */
  public int groupK() {
    return k / groups;
  }

  /** Taps of the kernel. */
  public int taps() {
    return depth.kernel() * r() * s();
  }

  /** Positions of an input channel. */
  public int inputVolume() {
    return depth.size() * h() * w();
  }

  /** Positions of an output channel. */
  public int outputVolume() {
    return outD() * outH() * outW();
  }

  /** Elements of the input. */
  public int inputSize() {
    return n * c * inputVolume();
  }

  /** Elements of the weights. */
  public int weightSize() {
    return k * groupC() * taps();
  }

  /** Elements of the output. */
  public int outputSize() {
    return n * k * outputVolume();
  }

  /**
   * Whether this is a convolution of planes in one group whose taps are neighbours and whose stride
   * and padding before are those of both dimensions.
   */
  public boolean isSquare() {
    return groups == 1
        && depth.size() == 1
        && depth.kernel() == 1
        && depth.out() == 1
        && rows.isDense()
        && cols.isDense()
        && rows.stride() == cols.stride()
        && rows.begin() == cols.begin();
  }

  /** Floating-point operations of the direct algorithm (a multiply-add counts as two). */
  public long flops() {
    return 2L * outputSize() * groupC() * taps();
  }

  private static void checkSize(String what, long... extents) {
    long size = 1;
    for (long extent : extents) {
      // Both factors are below 2^31, so the product cannot overflow before it is compared.
      size *= extent;
      if (size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            what + " " + java.util.Arrays.toString(extents) + " has more than 2^31 - 1 elements");
      }
    }
  }
}
