package tangram.pclmix.data;

import java.util.Locale;
import tangram.nn.data.DataException;

/**
 * How large slices become for the network: squares of one size, or pixels of one size, of which
 * training sees windows and segmenting the whole slice.
 *
 * @param side of the squares or windows in pixels, a multiple of 32
 * @param millimetres side of a pixel; 0 for squares
 */
public record Framing(int side, double millimetres) {
  /** The strides of the network divide the sides of what it sees. */
  private static final int STRIDE = 32;

  private static final int MOST = 4096;

  /** Every slice becomes a square, whatever its shape. */
  public static Framing square(int side) {
    return new Framing(side, 0);
  }

  /** Whether pixels get one size in millimetres. */
  public boolean isResampled() {
    return millimetres > 0;
  }

  /**
   * A slice as the network sees it whole.
   *
   * @param height rows of the slice after resizing
   * @param width columns of the slice after resizing
   * @param paddedHeight with zeros around it
   * @param paddedWidth with zeros around it
   */
  public record Frame(int height, int width, int paddedHeight, int paddedWidth) {
    /** Rows of zeros before the slice. */
    public int top() {
      return (paddedHeight - height) / 2;
    }

    /** Columns of zeros before it. */
    public int left() {
      return (paddedWidth - width) / 2;
    }
  }

  /**
   * How a slice is framed.
   *
   * @param name for messages
   * @param height rows of the slice
   * @param width columns of the slice
   * @param spacing distance between voxel centres in mm, {z, y, x}; null where unknown
   * @throws DataException if pixels are to get one size but the spacing is unknown, or such that
   *     the slice would become huge
   */
  public Frame frame(String name, int height, int width, double[] spacing) {
    if (!isResampled()) {
      return new Frame(side, side, side, side);
    }
    if (spacing == null) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s: its voxel spacing is unknown, so that it cannot be resampled to %s mm; add the"
                  + " attribute 'spacing' to its image, name a table of spacings with"
                  + " --spacing-file, or train with --resample none.",
              name,
              number(millimetres)));
    }
    int h = resampled(name, height, spacing[1]);
    int w = resampled(name, width, spacing[2]);
    return new Frame(h, w, padded(h), padded(w));
  }

  private int resampled(String name, int pixels, double mm) {
    double size = Math.rint(pixels * mm / millimetres);
    if (!(size <= MOST)) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s: %d pixels of %s mm become more than %d when resampled to %s mm; correct its"
                  + " spacing, or choose a larger --resample.",
              name,
              pixels,
              number(mm),
              MOST,
              number(millimetres)));
    }
    return Math.max(1, (int) size);
  }

  private static String number(double mm) {
    return Double.toString(mm).replaceFirst("\\.0$", "");
  }

  private static int padded(int size) {
    return Math.max(STRIDE, Math.ceilDiv(size, STRIDE) * STRIDE);
  }
}
