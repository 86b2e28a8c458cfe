package tangram.tensor.kernel;

/**
 * Sizes of max pooling in up to three dimensions; padding never wins.
 *
 * @param planes batch times channels
 * @param depth the first dimension, of size 1 where there are fewer than three
 * @param rows the second
 * @param cols the last, whose elements are neighbours in memory
 */
public record PoolShape(int planes, Axis depth, Axis rows, Axis cols) {
  /**
   * The windows along a dimension.
   *
   * @param size elements of the input
   * @param out elements of the output
   * @param window how the window slides; null for adaptive pooling, where window o reaches from
   *     {@code floor(o * size / out)} to {@code ceil((o + 1) * size / out)}
   */
  public record Axis(int size, int out, Window window) {
    /** A dimension that is not there. */
    public static final Axis NONE = new Axis(Window.NONE);

    /** Windows that slide. */
    public Axis(Window window) {
      this(window.size(), window.out(), window);
    }

    /** Adaptive pooling; windows slide where they are of one size. */
    public static Axis adaptive(int size, int out) {
      return size % out == 0
          ? new Axis(new Window(size, size / out, size / out, 0))
          : new Axis(size, out, null);
    }

    /** The first element of a window. */
    public int first(int o) {
      if (window == null) {
        return (int) ((long) o * size / out);
      }
      int first = window.input(o, 0);
      return first < 0 ? first + (step() - 1 - first) / step() * step() : first;
    }

    /** Past the last element of a window. */
    public int end(int o) {
      return window == null
          ? (int) (((o + 1L) * size + out - 1) / out)
          : Math.min(size, window.input(o, window.kernel() - 1) + 1);
    }

    /** Distance of a window's elements. */
    public int step() {
      return window == null ? 1 : window.dilation();
    }
  }

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a window has no element
   */
  public PoolShape {
    for (Axis axis : new Axis[] {depth, rows, cols}) {
      for (int o = 0; o < axis.out; o++) {
        if (axis.first(o) >= axis.end(o)) {
          throw new IllegalArgumentException(
              "the pooling window of output " + o + " has no element of " + axis.size);
        }
      }
    }
  }

  /** Two dimensions with square windows; h and w are the input's. */
  public PoolShape(int planes, int h, int w, int kernel, int stride, int padding) {
    this(
        planes,
        Axis.NONE,
        new Axis(new Window(h, kernel, stride, padding)),
        new Axis(new Window(w, kernel, stride, padding)));
  }

  /** Positions of an input channel. */
  public int inputVolume() {
    return depth.size * rows.size * cols.size;
  }

  /** Positions of an output channel. */
  public int outputVolume() {
    return depth.out * rows.out * cols.out;
  }
}
