package tangram.onnx.op;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.onnx.graph.TensorData;
import tangram.onnx.graph.TinyFloats;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/** Elements in other types. */
final class Casting {
  private Casting() {}

  static void register(Operators table) {
    table.one("Cast", c -> cast(c, c.in(0), c.attrElement("to", null)));
    table.one("CastLike", c -> cast(c, c.in(0), c.type(1)));
    table.one("BitCast", Casting::bitCast);
  }

  private static OnnxTensor cast(Call c, OnnxTensor x, ElementType to) {
    ElementType from = x.type();
    if (to == null) {
      throw new IllegalArgumentException("attribute to is missing");
    }
    if (from == to) {
      return x;
    }
    if (to == ElementType.STRING) {
      return Texts.of(c, texts(x), x.dims());
    }
    if (from == ElementType.STRING) {
      return ofTexts(c, x, to);
    }
    if (to.isTiny()) {
      boolean saturate = c.attr("saturate", 1) != 0;
      String rounding = c.attr("round_mode", "up");
      double[] values = x.doubles();
      Arrays.setAll(values, i -> TinyFloats.round(to, values[i], saturate, rounding));
      return c.result(to, values, x.dims());
    }
    if (to == ElementType.BOOL) {
      return c.result(to, x.tensor().ne(0));
    }
    if (to.isInteger()) {
      return toInteger(c, x, to);
    }
    if (from == ElementType.UINT64) {
      return c.result(to, x.doubles(), x.dims());
    }
    return c.result(to, on(c, x.tensor(), to.storage()));
  }

  /** In a type, on the tensor's device or, where that lacks it, on the CPU. */
  private static Tensor on(Call c, Tensor x, DType type) {
    return (x.device().has(type) ? x : x.to(c.host())).to(type);
  }

  private static OnnxTensor toInteger(Call c, OnnxTensor x, ElementType to) {
    if (to == ElementType.INT32 && x.tensor().type() != DType.I64) {
      return c.result(to, x.tensor().to(DType.I32));
    }
    if (x.tensor().type().isReal()) {
      double[] values = x.doubles();
      long[] result = new long[values.length];
      for (int i = 0; i < result.length; i++) {
        boolean high = to == ElementType.UINT64 && values[i] >= 0x1p63;
        result[i] = to.wrap(high ? (long) (values[i] - 0x1p63) ^ Long.MIN_VALUE : (long) values[i]);
      }
      return c.result(to, result, x.dims());
    }
    if (to.bits() == 64) {
      return c.result(to, on(c, x.tensor(), DType.I64));
    }
    long[] values = x.longs();
    Arrays.setAll(values, i -> to.wrap(values[i]));
    return c.result(to, values, x.dims());
  }

  /** Real numbers rounded or truncated to a type. */
  static OnnxTensor ofDoubles(Call c, ElementType type, double[] values, int... dims) {
    if (type.isReal()) {
      return c.result(type, values, dims);
    }
    if (type.isTiny()) {
      double[] rounded = new double[values.length];
      Arrays.setAll(rounded, i -> TinyFloats.round(type, values[i], true, "up"));
      return c.result(type, rounded, dims);
    }
    long[] whole = new long[values.length];
    Arrays.setAll(
        whole,
        i -> type == ElementType.BOOL ? (values[i] != 0 ? 1 : 0) : type.wrap((long) values[i]));
    return c.result(type, whole, dims);
  }

  private static String[] texts(OnnxTensor x) {
    if (x.type() == ElementType.BOOL) {
      return Arrays.stream(x.longs())
          .mapToObj(v -> v != 0 ? "True" : "False")
          .toArray(String[]::new);
    }
    if (x.type() == ElementType.UINT64) {
      return Arrays.stream(x.longs()).mapToObj(Long::toUnsignedString).toArray(String[]::new);
    }
    if (x.type().isInteger()) {
      return Arrays.stream(x.longs()).mapToObj(Long::toString).toArray(String[]::new);
    }
    double[] values = x.doubles();
    String[] result = new String[values.length];
    Arrays.setAll(
        result,
        i -> text(x.type() == ElementType.DOUBLE ? values[i] : (float) values[i], x.type()));
    return result;
  }

  /** The shortest digits that mean the number, as NumPy writes them. */
  private static String text(double value, ElementType type) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    String shortest =
        type == ElementType.DOUBLE ? Double.toString(value) : Float.toString((float) value);
    double magnitude = Math.abs(value);
    BigDecimal decimal = new BigDecimal(shortest);
    if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
      BigDecimal digits = decimal.stripTrailingZeros();
      int exponent = digits.precision() - digits.scale() - 1;
      String mantissa = digits.movePointLeft(exponent).stripTrailingZeros().toPlainString();
      return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    if (value == 0) {
      return Math.copySign(1, value) < 0 ? "-0.0" : "0.0";
    }
    String plain = decimal.toPlainString();
    plain = plain.contains(".") ? plain.replaceAll("0+$", "") : plain + ".";
    return plain.endsWith(".") ? plain + "0" : plain;
  }

  private static OnnxTensor ofTexts(Call c, OnnxTensor x, ElementType to) {
    String[] texts = x.strings();
    if (to.isInteger()) {
      long[] values = new long[texts.length];
      for (int i = 0; i < values.length; i++) {
        String text = texts[i].strip();
        values[i] =
            to.wrap(
                text.matches("[+-]?\\d+")
                    ? (to == ElementType.UINT64
                        ? new BigInteger(text).longValue()
                        : Long.parseLong(text))
                    : (long) number(text));
      }
      return c.result(to, values, x.dims());
    }
    if (to == ElementType.BOOL) {
      throw c.refuse("texts are neither true nor false");
    }
    double[] values = new double[texts.length];
    Arrays.setAll(values, i -> number(texts[i].strip()));
    return ofDoubles(c, to, values, x.dims());
  }

  private static double number(String text) {
    switch (text.toUpperCase(Locale.ROOT)) {
      case "NAN", "+NAN", "-NAN":
        return Double.NaN;
      case "INF", "+INF", "INFINITY", "+INFINITY":
        return Double.POSITIVE_INFINITY;
      case "-INF", "-INFINITY":
        return Double.NEGATIVE_INFINITY;
      default:
        if (!text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
          throw new IllegalArgumentException("the text '" + text + "' is no number");
        }
        return Double.parseDouble(text);
    }
  }

  private static OnnxTensor bitCast(Call c) {
    OnnxTensor x = c.in(0);
    ElementType to = c.attrElement("to", null);
    if (to == null || to.bits() != x.type().bits() || to == ElementType.STRING) {
      throw new IllegalArgumentException(
          "bits of type " + x.type() + " are none of type " + to + ", which has another length");
    }
    return c.result(to, TensorData.ofBits(to, bits(x)), x.dims());
  }

  private static long[] bits(OnnxTensor x) {
    ElementType type = x.type();
    if (type.isInteger() || type == ElementType.BOOL) {
      return x.longs();
    }
    double[] values = x.doubles();
    long[] bits = new long[values.length];
    for (int i = 0; i < bits.length; i++) {
      float single = (float) values[i];
      bits[i] =
          switch (type) {
            case DOUBLE -> Double.doubleToRawLongBits(values[i]);
            case FLOAT -> Float.floatToRawIntBits(single);
            case FLOAT16 -> Float.floatToFloat16(single);
            case BFLOAT16 -> Float.floatToRawIntBits(single) >>> 16;
            default -> TinyFloats.encode(type, single);
          };
    }
    return bits;
  }
}
