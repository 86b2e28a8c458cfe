package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Tensor;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.ResizeOptions;
import tangram.tensor.op.ResizeOptions.Coordinates;
import tangram.tensor.op.ResizeOptions.Mode;
import tangram.tensor.op.ResizeOptions.Rounding;

/** Resizing along any dimensions, three at a time. */
final class Resizing {
  private Resizing() {}

  static void register(Operators table) {
    table.one("Resize", Resizing::resize);
    table.one("Upsample", Resizing::upsample);
  }

  private static <E extends Enum<E>> E named(Call c, Class<E> type, String name) {
    for (E value : type.getEnumConstants()) {
      if (value.name().equals(name.toUpperCase(Locale.ROOT))) {
        return value;
      }
    }
    throw c.refuse("'" + name + "' is none of " + Arrays.toString(type.getEnumConstants()));
  }

  private static Mode mode(Call c) {
    String mode = c.attr("mode", "nearest");
    return named(c, Mode.class, mode.equals("bilinear") ? "linear" : mode);
  }

  private static OnnxTensor upsample(Call c) {
    double[] scales;
    if (c.version() >= 9) {
      scales = c.in(1).doubles();
    } else if (c.version() >= 7) {
      float[] given = c.attrFloats("scales");
      if (given == null) {
        throw new IllegalArgumentException("attribute scales is missing");
      }
      scales = IntStream.range(0, given.length).mapToDouble(i -> given[i]).toArray();
    } else {
      scales = new double[] {1, 1, c.attr("height_scale", 1.0), c.attr("width_scale", 1.0)};
    }
    ResizeOptions options = ResizeOptions.of(mode(c), Coordinates.ASYMMETRIC);
    return apply(c, scales, null, options);
  }

  private static OnnxTensor resize(Call c) {
    if (c.version() < 11) {
      ResizeOptions options = ResizeOptions.of(mode(c), Coordinates.ASYMMETRIC);
      return apply(c, c.in(1).doubles(), null, options);
    }
    int rank = c.rank(0);
    int[] axes = c.axes(c.axesOr("axes", IntStream.range(0, rank).asLongStream().toArray()), rank);
    Coordinates coordinates =
        named(c, Coordinates.class, c.attr("coordinate_transformation_mode", "half_pixel"));
    boolean crop = coordinates == Coordinates.TF_CROP_AND_RESIZE;
    double[] scales = new double[rank];
    Arrays.fill(scales, 1);
    double[] region = new double[2 * rank];
    Arrays.fill(region, rank, 2 * rank, 1);
    if (crop) {
      double[] given = c.in(1).doubles();
      for (int i = 0; i < axes.length; i++) {
        region[axes[i]] = given[i];
        region[rank + axes[i]] = given[axes.length + i];
      }
    }
    int[] sizes = c.in(0).dims();
    boolean byScales = c.has(2) && c.in(2).size() > 0;
    if (byScales) {
      double[] given = c.in(2).doubles();
      if (coordinates == Coordinates.ALIGN_CORNERS) {
        // Corners are those of sizes that are no whole numbers.
        coordinates = Coordinates.ASYMMETRIC;
        for (int i = 0; i < axes.length; i++) {
          int d = axes[i];
          double width = sizes[d] * given[i];
          sizes[d] = (int) Math.floor(width);
          boolean same = given[i] == 1 || sizes[d] <= 1 || x(c, d) == 1;
          scales[d] = same ? 1 : (width - 1) / (x(c, d) - 1);
        }
        given = null;
      }
      for (int i = 0; given != null && i < axes.length; i++) {
        int d = axes[i];
        scales[d] = given[i];
        sizes[d] = (int) Math.floor(sizes[d] * (region[rank + d] - region[d]) * given[i]);
      }
    } else {
      bySizes(c, axes, scales, sizes);
    }
    ResizeOptions options =
        new ResizeOptions(
            mode(c),
            coordinates,
            named(c, Rounding.class, c.attr("nearest_mode", "round_prefer_floor")),
            c.attr("cubic_coeff_a", -0.75),
            c.flag("exclude_outside"),
            c.flag("antialias"),
            c.attr("extrapolation_value", 0.0),
            crop ? Arrays.stream(region).boxed().toList() : null);
    return apply(c, scales, sizes, options);
  }

  private static int x(Call c, int d) {
    return c.t(0).dim(d);
  }

  private static void bySizes(Call c, int[] axes, double[] scales, int[] sizes) {
    int[] given = c.ints(3);
    String policy = c.attr("keep_aspect_ratio_policy", "stretch");
    double common = policy.equals("not_larger") ? Double.POSITIVE_INFINITY : 0;
    for (int i = 0; i < axes.length; i++) {
      double scale = (double) given[i] / sizes[axes[i]];
      common =
          switch (policy) {
            case "stretch" -> 0;
            case "not_larger" -> Math.min(common, scale);
            case "not_smaller" -> Math.max(common, scale);
            default -> throw c.refuse("keep_aspect_ratio_policy '" + policy + "' is not known");
          };
    }
    for (int i = 0; i < axes.length; i++) {
      int d = axes[i];
      if (policy.equals("stretch")) {
        scales[d] = (double) given[i] / sizes[d];
        sizes[d] = given[i];
      } else {
        scales[d] = common;
        sizes[d] = (int) Math.floor(common * sizes[d] + 0.5);
      }
    }
  }

  /**
   * Along the dimensions that change.
   *
   * @param sizes null for the floor of the old ones times the scales
   */
  private static OnnxTensor apply(Call c, double[] scales, int[] sizes, ResizeOptions options) {
    boolean real = c.type(0).isReal();
    if (!real && (options.mode() != Mode.NEAREST || c.type(0).bits() > 32)) {
      throw c.refuse("elements of type " + c.type(0) + " are not resized, or by the nearest only");
    }
    // Double precision holds every whole number of 32 bits.
    Tensor x = real ? c.real(0) : c.t(0).to(c.host()).to(DType.F64);
    int rank = x.shape().rank();
    if (scales.length != rank) {
      throw new IllegalArgumentException(scales.length + " scales for " + x.shape());
    }
    List<Integer> changed = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      boolean whole =
          options.region() == null
              || (options.region().get(d) == 0 && options.region().get(rank + d) == 1);
      if (scales[d] != 1 || (sizes != null && sizes[d] != x.dim(d)) || !whole) {
        changed.add(d);
      }
    }
    if (changed.size() > 3 && options.extrapolation() != 0) {
      throw c.refuse("with an extrapolation_value it resizes up to 3 dimensions");
    }
    for (int from = 0; from < changed.size(); from += 3) {
      x =
          resize(
              x, changed.subList(from, Math.min(from + 3, changed.size())), scales, sizes, options);
    }
    return c.like(0, x);
  }

  private static Tensor resize(
      Tensor x, List<Integer> axes, double[] scales, int[] sizes, ResizeOptions options) {
    int rank = x.shape().rank();
    int[] order =
        IntStream.concat(
                IntStream.range(0, rank).filter(d -> !axes.contains(d)),
                axes.stream().mapToInt(Integer::intValue))
            .toArray();
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      back[order[i]] = i;
    }
    double[] ownScales = axes.stream().mapToDouble(d -> scales[d]).toArray();
    int[] ownSizes = sizes == null ? null : axes.stream().mapToInt(d -> sizes[d]).toArray();
    List<Double> region = null;
    if (options.region() != null) {
      region = new ArrayList<>();
      for (int half = 0; half < 2; half++) {
        for (int d : axes) {
          region.add(options.region().get(half * rank + d));
        }
      }
    }
    ResizeOptions own =
        new ResizeOptions(
            options.mode(),
            options.coordinates(),
            options.rounding(),
            options.cubic(),
            options.excludeOutside(),
            options.antialias(),
            options.extrapolation(),
            region);
    return ResizeOp.resize(x.permute(order).contiguous(), ownSizes, ownScales, own).permute(back);
  }
}
