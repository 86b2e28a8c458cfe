package tangram.tensor.op;

/**
 * How an array is resized. The modes are ONNX's; {@link #NEAREST}, {@link #NEAREST_EXACT}, {@link
 * #LINEAR} and {@link #CUBIC} are PyTorch's.
 *
 * @param mode which elements make a new one
 * @param coordinates where new elements lie among the old ones
 * @param rounding of coordinates, for {@code Mode.NEAREST}
 * @param cubic the coefficient a of the cubic filter
 * @param excludeOutside whether weights of elements beyond the border are left out, and the others
 *     divided by their sum; else the border's elements are repeated
 * @param antialias whether the filter is stretched where the array becomes smaller
 * @param extrapolation what elements beyond the border are with {@code TF_CROP_AND_RESIZE}
 * @param region with {@code TF_CROP_AND_RESIZE}, where the region begins along each dimension, then
 *     where it ends along each, as parts of the whole; else null
 */
public record ResizeOptions(
    Mode mode,
    Coordinates coordinates,
    Rounding rounding,
    double cubic,
    boolean excludeOutside,
    boolean antialias,
    double extrapolation,
    java.util.List<Double> region) {
  /** PyTorch's {@code nearest}. */
  public static final ResizeOptions NEAREST = of(Mode.NEAREST, Coordinates.ASYMMETRIC);

  /** PyTorch's {@code nearest-exact}. */
  public static final ResizeOptions NEAREST_EXACT =
      of(Mode.NEAREST, Coordinates.TF_HALF_PIXEL_FOR_NN);

  /** PyTorch's {@code linear}, {@code bilinear} and {@code trilinear}. */
  public static final ResizeOptions LINEAR = of(Mode.LINEAR, Coordinates.HALF_PIXEL);

  /** PyTorch's {@code bicubic}. */
  public static final ResizeOptions CUBIC = of(Mode.CUBIC, Coordinates.HALF_PIXEL);

  /** Which elements make a new one. */
  public enum Mode {
    /** The nearest one. */
    NEAREST,
    /** Two along each dimension. */
    LINEAR,
    /** Four along each dimension: R. Keys, "Cubic convolution interpolation", 1981. */
    CUBIC
  }

  /** Where new element i lies; scale is new size / old size. */
  public enum Coordinates {
    /** {@code (i + 1/2) / scale - 1/2}. */
    HALF_PIXEL,
    /** The same, moved so that the centres meet where size * scale is no integer. */
    HALF_PIXEL_SYMMETRIC,
    /** As {@code HALF_PIXEL}, but 0 if there is one new element. */
    PYTORCH_HALF_PIXEL,
    /** {@code i (size - 1) / (new size - 1)}. */
    ALIGN_CORNERS,
    /** {@code i / scale}. */
    ASYMMETRIC,
    /** {@code (i + 1/2) / scale}. */
    TF_HALF_PIXEL_FOR_NN,
    /** As {@code ALIGN_CORNERS} within a region. */
    TF_CROP_AND_RESIZE
  }

  /** How coordinates become places. */
  public enum Rounding {
    /** Down. */
    FLOOR,
    /** Up. */
    CEIL,
    /** To the nearest, halves down. */
    ROUND_PREFER_FLOOR,
    /** To the nearest, halves up. */
    ROUND_PREFER_CEIL
  }

  /** Rounding down, a = -3/4, borders repeated. */
  public static ResizeOptions of(Mode mode, Coordinates coordinates) {
    return new ResizeOptions(mode, coordinates, Rounding.FLOOR, -0.75, false, false, 0, null);
  }

  /** With the outermost elements on each other, PyTorch's {@code align_corners}. */
  public ResizeOptions alignCorners() {
    return new ResizeOptions(
        mode,
        Coordinates.ALIGN_CORNERS,
        rounding,
        cubic,
        excludeOutside,
        antialias,
        extrapolation,
        region);
  }

  /** PyTorch's {@code antialias}, where a is -1/2. */
  public ResizeOptions withAntialias() {
    return new ResizeOptions(mode, coordinates, rounding, -0.5, true, true, extrapolation, region);
  }
}
