package tangram.onnx.graph;

import java.util.EnumMap;
import java.util.Map;
import tangram.onnx.ElementType;

/**
 * Real numbers of 8 and 4 bits. Sources: <a href="https://onnx.ai/onnx/technical/float8.html">ONNX,
 * float 8</a> and <a href="https://onnx.ai/onnx/technical/float4.html">float 4</a>.
 */
public final class TinyFloats {
  /** Bits of exponent and digits, bias, and whether there is an infinity and a negative zero. */
  private record Format(
      int exponent, int digits, int bias, boolean infinity, boolean negativeZero) {}

  private static final Map<ElementType, Format> FORMATS = new EnumMap<>(ElementType.class);
  private static final Map<ElementType, float[]> VALUES = new EnumMap<>(ElementType.class);

  static {
    FORMATS.put(ElementType.FLOAT8E4M3FN, new Format(4, 3, 7, false, true));
    FORMATS.put(ElementType.FLOAT8E4M3FNUZ, new Format(4, 3, 8, false, false));
    FORMATS.put(ElementType.FLOAT8E5M2, new Format(5, 2, 15, true, true));
    FORMATS.put(ElementType.FLOAT8E5M2FNUZ, new Format(5, 2, 16, false, false));
    FORMATS.put(ElementType.FLOAT4E2M1, new Format(2, 1, 1, false, true));
    FORMATS.forEach((type, format) -> VALUES.put(type, values(type, format)));
    float[] powers = new float[256];
    for (int i = 0; i < 255; i++) {
      powers[i] = (float) Math.scalb(1.0, i - 127);
    }
    powers[255] = Float.NaN;
    VALUES.put(ElementType.FLOAT8E8M0, powers);
  }

  private TinyFloats() {}

  private static float[] values(ElementType type, Format f) {
    int half = 1 << (type.bits() - 1);
    float[] values = new float[2 * half];
    for (int code = 0; code < half; code++) {
      int exponent = code >> f.digits;
      int digits = code & ((1 << f.digits) - 1);
      double value =
          exponent == 0
              ? Math.scalb((double) digits, 1 - f.bias - f.digits)
              : Math.scalb((double) (digits | 1 << f.digits), exponent - f.bias - f.digits);
      if (f.infinity && exponent == (1 << f.exponent) - 1) {
        value = digits == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      } else if (type == ElementType.FLOAT8E4M3FN && code == half - 1) {
        value = Double.NaN;
      }
      values[code] = (float) value;
      values[code + half] = (float) -value;
    }
    if (!f.negativeZero) {
      values[half] = Float.NaN;
    }
    return values;
  }

  /** The number that some bits are. */
  public static float decode(ElementType type, int bits) {
    return VALUES.get(type)[bits & ((1 << type.bits()) - 1)];
  }

  /** The bits of a number that the type has; NaN becomes one of its NaN. */
  public static int encode(ElementType type, float value) {
    float[] values = VALUES.get(type);
    for (int code = 0; code < values.length; code++) {
      if (Float.compare(values[code], value) == 0) {
        return code;
      }
    }
    throw new IllegalArgumentException(value + " is no number of type " + type);
  }

  /**
   * The nearest number of a type, of two the even one.
   *
   * @param saturate whether numbers beyond the largest become that; else they become infinite, or
   *     NaN where there is no infinity
   * @param rounding of {@code FLOAT8E8M0}: {@code up}, {@code down} or {@code nearest}
   */
  public static float round(ElementType type, double x, boolean saturate, String rounding) {
    if (type == ElementType.FLOAT8E8M0) {
      return roundToPower((float) x, saturate, rounding);
    }
    Format f = FORMATS.get(type);
    if (Double.isNaN(x)) {
      // There is no NaN among the numbers of 4 bits: as in ml_dtypes, the zero with its sign.
      return type == ElementType.FLOAT4E2M1 ? -0f : Float.NaN;
    }
    float[] values = VALUES.get(type);
    int most = (1 << (type.bits() - 1)) - 1;
    while (!(Math.abs(values[most]) < Float.POSITIVE_INFINITY)) {
      most--;
    }
    double magnitude = Math.abs(x);
    // One step beyond the largest, to round to; numbers that reach it are out of range.
    int low = 0;
    int high = most + 1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (values[middle] <= magnitude) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double next = low < most ? values[low + 1] : 2.0 * values[most] - values[most - 1];
    double middle = (values[low] + next) / 2;
    int code = magnitude > middle || (magnitude == middle && (low & 1) == 1) ? low + 1 : low;
    float rounded;
    if (code <= most) {
      rounded = values[code];
    } else if (saturate || type == ElementType.FLOAT4E2M1) {
      rounded = values[most];
    } else {
      rounded = f.infinity ? Float.POSITIVE_INFINITY : Float.NaN;
    }
    boolean negative = Math.copySign(1, x) < 0 && (rounded != 0 || f.negativeZero);
    return negative ? -rounded : rounded;
  }

  private static float roundToPower(float x, boolean saturate, String rounding) {
    if (Float.isNaN(x)) {
      return Float.NaN;
    }
    if (Float.isInfinite(x)) {
      return saturate ? decode(ElementType.FLOAT8E8M0, 254) : Float.NaN;
    }
    int bits = Float.floatToRawIntBits(x);
    int code = bits >> 23 & 0xff;
    int rest = bits & 0x7fffff;
    boolean up =
        switch (rounding) {
          case "up" -> rest != 0;
          case "nearest" -> rest > 0x400000 || (rest == 0x400000 && code > 0);
          case "down" -> false;
          default ->
              throw new IllegalArgumentException(
                  "round_mode is up, down or nearest, not '" + rounding + "'");
        };
    if (!saturate && x == 0) {
      return Float.NaN;
    }
    code = up ? code + 1 : code;
    return code == 255
        ? (saturate ? decode(ElementType.FLOAT8E8M0, 254) : Float.NaN)
        : decode(ElementType.FLOAT8E8M0, code);
  }
}
