package tangram.onnx.op;

import java.util.Arrays;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.onnx.graph.TinyFloats;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/** Real numbers as few bits with a scale, and products of them. */
final class Quantization {
  private Quantization() {}

  static void register(Operators table) {
    table.one("QuantizeLinear", Quantization::quantize);
    table.one("DequantizeLinear", Quantization::dequantize);
    table.put("DynamicQuantizeLinear", Quantization::dynamic);
    table.one("MatMulInteger", c -> matmul(c, shifted(c, 0, 2), shifted(c, 1, 3)));
    table.one("ConvInteger", Quantization::conv);
    table.one("QLinearMatMul", Quantization::scaledMatmul);
    table.one("QLinearConv", Quantization::scaledConv);
  }

  /** A number for each element: one for all, for each along an axis, or for each block of it. */
  private static Tensor spread(Call c, Tensor scale, int[] dims) {
    if (scale.size() == 1) {
      return scale.reshape();
    }
    int axis = c.axis(c.attr("axis", 1), dims.length);
    int block = (int) c.attr("block_size", 0);
    int[] own = scale.shape().dims();
    if (own.length == 1 && block == 0) {
      int[] shape = new int[dims.length];
      Arrays.fill(shape, 1);
      shape[axis] = own[0];
      return scale.reshape(shape);
    }
    if (own.length != dims.length) {
      throw new IllegalArgumentException(
          "a scale of shape %s for %s".formatted(scale.shape(), Arrays.toString(dims)));
    }
    if (block == 0) {
      return scale;
    }
    int[] opened = new int[dims.length + 1];
    System.arraycopy(own, 0, opened, 0, axis + 1);
    opened[axis + 1] = 1;
    System.arraycopy(own, axis + 1, opened, axis + 2, dims.length - axis - 1);
    int[] repeated = opened.clone();
    repeated[axis + 1] = block;
    int[] joined = own.clone();
    joined[axis] *= block;
    return scale.reshape(opened).expand(repeated).reshape(joined).narrow(axis, 0, dims[axis]);
  }

  /** In single precision on every device, so that numbers half-way round alike. */
  private static OnnxTensor quantize(Call c) {
    ElementType type = c.has(2) ? c.type(2) : c.attrElement("output_dtype", ElementType.UINT8);
    if (c.attr("precision", 0) > 1) {
      throw c.refuse("quotients are of single precision, not of type " + c.attr("precision", 0));
    }
    int[] dims = c.in(0).dims();
    float[] x = c.t(0).to(c.host()).to(DType.F32).toFloats();
    float[] scale = spread(c, c.t(1).to(c.host()).to(DType.F32), dims).expand(dims).toFloats();
    double[] values = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      values[i] = x[i] / scale[i];
    }
    if (type.isTiny()) {
      boolean saturate = c.attr("saturate", 1) != 0;
      Arrays.setAll(values, i -> TinyFloats.round(type, values[i], saturate, "up"));
      return c.result(type, values, dims);
    }
    if (!type.isInteger()) {
      throw c.refuse("numbers are not quantised to type " + type);
    }
    long[] zero =
        c.has(2) ? spread(c, c.t(2).to(c.host()), dims).expand(dims).toLongs() : new long[x.length];
    Arrays.setAll(values, i -> Math.rint(values[i]) + zero[i]);
    return saturated(c, type, values, dims);
  }

  /** Whole numbers brought into a type's range. */
  private static OnnxTensor saturated(Call c, ElementType type, double[] values, int... dims) {
    long[] result = new long[values.length];
    double most = type == ElementType.UINT64 ? 0x1p64 : type.most();
    for (int i = 0; i < result.length; i++) {
      // Of the longest types the largest is no double, but what it is converted to is it.
      result[i] = (long) Math.max(type.least(), Math.min(most, values[i]));
    }
    return c.result(type, result, dims);
  }

  private static OnnxTensor dequantize(Call c) {
    ElementType type = c.attrElement("output_dtype", c.type(1));
    if (type.isTiny()) {
      type = ElementType.FLOAT;
    }
    Tensor x = c.t(0).to(c.host());
    int[] dims = x.shape().dims();
    if (c.has(2)) {
      x = x.sub(spread(c, c.t(2).to(c.host()), dims));
    }
    DType precise = type == ElementType.DOUBLE ? DType.F64 : DType.F32;
    Tensor scale = spread(c, c.t(1).to(c.host()).to(precise), dims);
    return c.result(type, x.to(precise).mul(scale));
  }

  private static OnnxData[] dynamic(Call c) {
    float[] x = c.real(0).toFloats();
    float least = 0;
    float most = 0;
    for (float value : x) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    // In single precision, as the operator is defined.
    float scale = (most - least) / 255;
    double zero = scale == 0 ? 0 : Math.max(0, Math.min(255, Math.rint((0 - least) / scale)));
    double[] values = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      values[i] = Math.rint(scale == 0 ? 0 : x[i] / scale) + zero;
    }
    return new OnnxData[] {
      saturated(c, ElementType.UINT8, values, c.in(0).dims()),
      c.result(ElementType.FLOAT, new float[] {scale}),
      c.result(ElementType.UINT8, new long[] {(long) zero})
    };
  }

  /** An input less its zero point: one, or one for each row of the left, column of the right. */
  private static Tensor shifted(Call c, int input, int zeroPoint) {
    Tensor x = c.t(input).to(c.host());
    if (!c.has(zeroPoint)) {
      return x;
    }
    Tensor zero = c.t(zeroPoint).to(c.host());
    boolean rows = input == 0 && zero.shape().rank() == 1 && zero.size() > 1;
    return x.sub(zero.size() == 1 ? zero.reshape() : rows ? zero.unsqueeze(1) : zero);
  }

  private static OnnxTensor matmul(Call c, Tensor a, Tensor b) {
    return Products.product(
        c,
        new OnnxTensor(ElementType.INT32, a),
        new OnnxTensor(ElementType.INT32, b),
        ElementType.INT32);
  }

  /** Exact in double precision: sums of products of 9 bits. */
  private static Tensor conv(Call c, Tensor x, Tensor w) {
    return Convolutions.conv(c, x.to(DType.F64), w.to(DType.F64), null);
  }

  /** One for each output channel, beside weights. */
  private static Tensor channels(Tensor vector, int rank) {
    int[] dims = new int[rank];
    Arrays.fill(dims, 1);
    dims[0] = vector.size();
    return vector.size() == 1 ? vector.reshape() : vector.reshape(dims);
  }

  private static OnnxTensor conv(Call c) {
    Tensor x = shifted(c, 0, 2);
    Tensor w = c.t(1).to(c.host());
    if (c.has(3)) {
      w = w.sub(channels(c.t(3).to(c.host()), w.shape().rank()));
    }
    return c.result(ElementType.INT32, conv(c, x, w).to(DType.I32));
  }

  /** Sums of products by the scales of both, as numbers of the result's scale and zero point. */
  private static OnnxTensor requantized(Call c, Tensor exact, Tensor scale) {
    Tensor y = exact.mul(scale.div(c.number(6))).round().add(c.number(7));
    return saturated(c, c.type(7), y.toDoubles(), y.shape().dims());
  }

  private static OnnxTensor scaledMatmul(Call c) {
    Tensor a = shifted(c, 0, 2);
    Tensor b = shifted(c, 3, 5);
    Tensor exact =
        Products.product(
                c,
                new OnnxTensor(ElementType.INT32, a),
                new OnnxTensor(ElementType.INT32, b),
                ElementType.INT64)
            .tensor()
            .to(DType.F64);
    Tensor left = c.t(1).to(c.host()).to(DType.F64);
    left = left.size() == 1 ? left.reshape() : left.shape().rank() == 1 ? left.unsqueeze(1) : left;
    Tensor right = c.t(4).to(c.host()).to(DType.F64);
    right = right.size() == 1 ? right.reshape() : right;
    return requantized(c, exact, left.mul(right));
  }

  private static OnnxTensor scaledConv(Call c) {
    Tensor x = c.t(0).to(c.host()).sub(c.t(2).to(c.host()).reshape());
    Tensor w = c.t(3).to(c.host());
    w = w.sub(channels(c.t(5).to(c.host()), w.shape().rank()));
    Tensor exact = conv(c, x, w);
    int spatial = exact.shape().rank() - 1;
    if (c.has(8)) {
      exact = exact.add(channels(c.t(8).to(c.host()).to(DType.F64), spatial));
    }
    Tensor scale = channels(c.t(4).to(c.host()).to(DType.F64), spatial).mul(c.number(1));
    return requantized(c, exact, scale);
  }
}
