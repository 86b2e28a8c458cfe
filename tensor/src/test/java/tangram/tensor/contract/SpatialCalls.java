package tangram.tensor.contract;

import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;

/** Calls of {@code tools/parity/operations/spatial.py}. */
final class SpatialCalls {
  private SpatialCalls() {}

  static Calls.Table table() {
    Calls.Table table = new Calls.Table();
    for (int r = 1; r <= 3; r++) {
      int rank = r;
      String d = rank + "d";
      table
          .add("conv" + d, (x, a) -> ConvOp.conv(rank, x[0], x[1], bias(x), convolution(a)))
          .add(
              "convTranspose" + d,
              (x, a) ->
                  ConvOp.convTranspose(
                      rank,
                      x[0],
                      x[1],
                      bias(x),
                      convolution(a).outputPadding(a.integers("output_padding"))))
          .addAll(
              "maxPool" + d,
              (x, a) ->
                  PoolOp.maxPoolWithIndices(
                      rank, x[0], pooling(a).dilation(a.integers("dilation"))))
          .add(
              "avgPool" + d,
              (x, a) ->
                  PoolOp.avgPool(
                      rank,
                      x[0],
                      pooling(a)
                          .countIncludePad(a.flag("count_include_pad"))
                          .divisorOverride(a.integer("divisor"))))
          .add(
              "lpPool" + d,
              (x, a) ->
                  PoolOp.lpPool(
                      rank,
                      x[0],
                      a.real("p"),
                      PoolOptions.of(a.integers("kernel_size")).stride(a.integers("stride"))))
          .add(
              "adaptiveAvgPool" + d,
              (x, a) -> PoolOp.adaptiveAvgPool(rank, x[0], a.integers("out")))
          .addAll(
              "adaptiveMaxPool" + d,
              (x, a) -> PoolOp.adaptiveMaxPoolWithIndices(rank, x[0], a.integers("out")));
    }
    for (String name :
        new String[] {
          "nearest1d",
          "nearest2d",
          "nearest3d",
          "nearest-exact1d",
          "nearest-exact2d",
          "nearest-exact3d",
          "linear1d",
          "bilinear2d",
          "trilinear3d",
          "bicubic"
        }) {
      table.add("interpolate." + name, (x, a) -> interpolate(x[0], a));
    }
    return table;
  }

  private static Tensor bias(Tensor[] x) {
    return x.length > 2 ? x[2] : null;
  }

  private static ConvOptions convolution(Arguments a) {
    return ConvOptions.DEFAULT
        .stride(a.integers("stride"))
        .padding(a.integers("padding"))
        .dilation(a.integers("dilation"))
        .groups(a.integer("groups"));
  }

  private static PoolOptions pooling(Arguments a) {
    return PoolOptions.of(a.integers("kernel_size"))
        .stride(a.integers("stride"))
        .padding(a.integers("padding"))
        .ceilMode(a.flag("ceil_mode"));
  }

  private static Tensor interpolate(Tensor x, Arguments a) {
    ResizeOptions options = ResizeOptions.NEAREST;
    if (a.flag("linear")) {
      options = ResizeOptions.LINEAR;
    } else if (a.flag("cubic")) {
      options = ResizeOptions.CUBIC;
    } else if (a.flag("half")) {
      options = ResizeOptions.NEAREST_EXACT;
    }
    if (a.flag("corners")) {
      options = options.alignCorners();
    }
    if (a.flag("antialias")) {
      options = options.withAntialias();
    }
    return a.has("size")
        ? x.interpolate(options, a.integers("size"))
        : x.interpolate(options, a.reals("scale"));
  }
}
