package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tangram.onnx.Onnx.AttributeProto;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;

/** Convolution, pooling and resizing as ONNX nodes. */
final class OnnxSpatial {
  private static final String SCALES = "upsample.scales";

  private OnnxSpatial() {}

  static String conv(
      OnnxGraph graph,
      Tensor x,
      Tensor weight,
      Tensor bias,
      ConvOptions options,
      boolean transposed) {
    int rank = weight.shape().rank() - 2;
    List<String> inputs = new ArrayList<>(List.of(graph.value(x), graph.value(weight)));
    if (bias != null) {
      inputs.add(graph.value(bias));
    }
    List<AttributeProto> attributes =
        new ArrayList<>(
            List.of(
                Messages.attribute(
                    "kernel_shape", Arrays.copyOfRange(weight.shape().dims(), 2, rank + 2)),
                Messages.attribute("strides", each(options.stride(), rank)),
                Messages.attribute("pads", pads(options.begin(), options.end(), rank))));
    addDilations(options.dilation(), rank, attributes);
    if (options.groups() != 1) {
      attributes.add(Messages.attribute("group", options.groups()));
    }
    int[] more = each(options.outputPadding(), rank);
    if (transposed && Arrays.stream(more).anyMatch(d -> d != 0)) {
      attributes.add(Messages.attribute("output_padding", more));
    }
    String operator = transposed ? "ConvTranspose" : "Conv";
    return graph.node(operator, graph.layer(weight, operator), inputs, attributes, 1);
  }

  private static int[] pads(int[] begin, int[] end, int rank) {
    int[] pads = Arrays.copyOf(each(begin, rank), 2 * rank);
    System.arraycopy(each(end, rank), 0, pads, rank, rank);
    return pads;
  }

  private static void addDilations(int[] dilation, int rank, List<AttributeProto> attributes) {
    if (Arrays.stream(dilation).anyMatch(d -> d != 1)) {
      attributes.add(Messages.attribute("dilations", each(dilation, rank)));
    }
  }

  /** A number for each dimension, of an option that has one for all or one for each. */
  private static int[] each(int[] values, int rank) {
    int[] each = new int[rank];
    Arrays.setAll(each, d -> values[values.length == 1 ? 0 : d]);
    return each;
  }

  private static List<AttributeProto> pool(int rank, PoolOptions options) {
    int[] stride = options.stride() == null ? options.kernel() : options.stride();
    return new ArrayList<>(
        List.of(
            Messages.attribute("kernel_shape", each(options.kernel(), rank)),
            Messages.attribute("strides", each(stride, rank)),
            Messages.attribute("pads", pads(options.begin(), options.end(), rank))));
  }

  /** Largest elements and, if two outputs are wanted, their places in their channels. */
  static String[] maxPool(
      OnnxGraph graph, int rank, Tensor x, PoolOptions options, Tensor y, int outputs) {
    boolean single = x.shape().rank() != rank + 2;
    List<AttributeProto> attributes = pool(rank, options);
    addDilations(options.dilation(), rank, attributes);
    if (options.ceilMode()) {
      attributes.add(Messages.attribute("ceil_mode", 1));
    }
    String input = single ? graph.add("Unsqueeze", graph.value(x), graph.sizes(0)) : graph.value(x);
    String node = graph.node("MaxPool", "MaxPool", List.of(input), attributes, outputs);
    String[] results = {node, node + ".1"};
    if (outputs == 2) {
      long plane = 1;
      for (int d = 1; d <= rank; d++) {
        plane *= x.dim(-d);
      }
      // ONNX counts through all channels.
      results[1] = graph.add("Mod", results[1], graph.size(plane));
    }
    for (int i = 0; single && i < outputs; i++) {
      results[i] = graph.add("Squeeze", results[i], graph.sizes(0));
    }
    return results;
  }

  /** Whether ONNX averages as these options want it. */
  static boolean isAverage(int rank, Tensor x, PoolOptions options) {
    return x.shape().rank() == rank + 2
        && !options.ceilMode()
        && options.divisorOverride() == 0
        && Arrays.stream(options.dilation()).allMatch(d -> d == 1);
  }

  static String averagePool(OnnxGraph graph, int rank, Tensor x, PoolOptions options) {
    List<AttributeProto> attributes = pool(rank, options);
    attributes.add(Messages.attribute("count_include_pad", options.countIncludePad() ? 1 : 0));
    return graph.node("AveragePool", "AveragePool", List.of(graph.value(x)), attributes, 1);
  }

  /** Whether opset 17 resizes as these options want it. */
  static boolean isResize(ResizeOptions options) {
    return !options.antialias()
        && options.coordinates() != ResizeOptions.Coordinates.HALF_PIXEL_SYMMETRIC
        && options.coordinates() != ResizeOptions.Coordinates.TF_CROP_AND_RESIZE;
  }

  static String resize(
      OnnxGraph graph, Tensor x, double[] scales, ResizeOptions options, Tensor y) {
    // The second input, a region of interest, is left out.
    List<String> inputs;
    if (scales == null) {
      inputs = List.of(graph.value(x), "", "", graph.sizes(y.shape().dims()));
    } else {
      float[] all = new float[x.shape().rank()];
      Arrays.fill(all, 1);
      for (int d = 0; d < scales.length; d++) {
        all[all.length - scales.length + d] = (float) scales[d];
      }
      inputs = List.of(graph.value(x), "", graph.scales(SCALES, all));
    }
    return graph.add(
        "Resize",
        inputs,
        Messages.attribute("mode", lowerCase(options.mode())),
        Messages.attribute("coordinate_transformation_mode", lowerCase(options.coordinates())),
        Messages.attribute("nearest_mode", lowerCase(options.rounding())),
        Messages.attribute("cubic_coeff_a", (float) options.cubic()),
        Messages.attribute("exclude_outside", options.excludeOutside() ? 1 : 0));
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
