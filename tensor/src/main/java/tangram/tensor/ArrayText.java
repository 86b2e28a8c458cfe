package tangram.tensor;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Arrays as text, as NumPy's {@code str} writes them: the fewest digits that tell a number from its
 * neighbours, eight after the point at most, columns aligned, lines of 75 characters, and of more
 * than 1,000 elements the first and last three along each dimension.
 */
final class ArrayText {
  private static final int DIGITS = 8;
  private static final int LINE = 75;
  private static final int THRESHOLD = 1000;
  private static final int EDGE = 3;

  private final int[] dims;
  private final boolean summary;
  private final Iterator<String> words;

  private ArrayText(int[] dims, boolean summary, Iterator<String> words) {
    this.dims = dims;
    this.summary = summary;
    this.words = words;
  }

  /** The elements of a tensor. */
  static String of(Tensor x) {
    int[] dims = x.shape().dims();
    if (x.size() == 0) {
      return "[]";
    }
    boolean summary = x.size() > THRESHOLD;
    IntStream.Builder places = IntStream.builder();
    places(dims, summary, 0, 0, places);
    int[] shown = places.build().toArray();
    String[] words = words(x, shown);
    return dims.length == 0
        ? words[0]
        : new ArrayText(dims, summary, Arrays.asList(words).iterator()).text(0, " ", LINE);
  }

  /** The places of the elements that are shown, in order. */
  private static void places(
      int[] dims, boolean summary, int axis, int at, IntStream.Builder places) {
    if (axis == dims.length) {
      places.add(at);
      return;
    }
    int n = dims[axis];
    for (int i = 0; i < n; i++) {
      if (summary && n > 2 * EDGE && i == EDGE) {
        i = n - EDGE;
      }
      places(dims, summary, axis + 1, at * n + i, places);
    }
  }

  private static String[] words(Tensor x, int[] shown) {
    boolean scalar = x.shape().rank() == 0;
    return switch (x.type()) {
      case F32, F64, F16, BF16 -> {
        double[] values = x.toDoubles();
        double[] chosen = IntStream.of(shown).mapToDouble(i -> values[i]).toArray();
        boolean single = x.type() != DType.F64;
        yield scalar ? new String[] {scalar(chosen[0], single)} : reals(chosen, single);
      }
      case I32 -> {
        int[] values = x.toInts();
        yield aligned(shown, i -> Integer.toString(values[i]));
      }
      case I64 -> {
        long[] values = x.toLongs();
        yield aligned(shown, i -> Long.toString(values[i]));
      }
      case BOOL -> {
        boolean[] values = x.toBooleans();
        yield aligned(shown, i -> values[i] ? (scalar ? "True" : " True") : "False");
      }
    };
  }

  private static String[] aligned(int[] shown, IntFunction<String> text) {
    String[] words = IntStream.of(shown).mapToObj(text).toArray(String[]::new);
    int width = Arrays.stream(words).mapToInt(String::length).max().orElse(0);
    return Arrays.stream(words)
        .map(word -> pad(width - word.length()) + word)
        .toArray(String[]::new);
  }

  private static String pad(int spaces) {
    return " ".repeat(Math.max(0, spaces));
  }

  private static String special(double value) {
    return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }

  private static String scalar(double value, boolean single) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return special(value);
    }
    if (size != 0 && (size >= 1e16 || size < 1e-4)) {
      String text = scientific(value, shortest(value, single), 0, 2);
      return text.replace(".e", "e");
    }
    String text = positional(value, shortest(value, single));
    return text.endsWith(".") ? text + "0" : text;
  }

  private static String[] reals(double[] values, boolean single) {
    double[] sizes =
        Arrays.stream(values).map(Math::abs).filter(v -> v > 0 && Double.isFinite(v)).toArray();
    double largest = Arrays.stream(sizes).max().orElse(0);
    double smallest = Arrays.stream(sizes).min().orElse(Double.POSITIVE_INFINITY);
    boolean exponents =
        sizes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);
    int before = 0;
    int after = 0;
    int exponent = 2;
    String[] words = new String[values.length];
    for (int pass = 0; pass < (exponents ? 2 : 1); pass++) {
      int digits = after;
      for (int i = 0; i < values.length; i++) {
        if (Double.isFinite(values[i])) {
          BigDecimal number = shortest(values[i], single);
          String word =
              exponents
                  ? scientific(values[i], number, digits, exponent)
                  : positional(values[i], number);
          int point = word.indexOf('.');
          int e = exponents ? word.indexOf('e') : word.length();
          before = Math.max(before, point);
          after = Math.max(after, e - point - 1);
          exponent = exponents ? Math.max(exponent, word.length() - e - 2) : exponent;
          words[i] = word;
        }
      }
    }
    int right = 1 + after + (exponents ? 2 + exponent : 0);
    for (double value : values) {
      if (!Double.isFinite(value)) {
        before = Math.max(before, special(value).length() - right);
      }
    }
    for (int i = 0; i < values.length; i++) {
      if (words[i] == null) {
        words[i] = pad(before + right - special(values[i]).length()) + special(values[i]);
      } else {
        words[i] = pad(before - words[i].indexOf('.')) + words[i];
        words[i] += pad(before + right - words[i].length());
      }
    }
    return words;
  }

  /** The fewest digits that tell a number from its neighbours. */
  private static BigDecimal shortest(double value, boolean single) {
    return new BigDecimal(single ? Float.toString((float) value) : Double.toString(value))
        .stripTrailingZeros();
  }

  private static String sign(double value) {
    return value < 0 || 1 / value < 0 ? "-" : "";
  }

  private static String positional(double value, BigDecimal number) {
    BigDecimal rounded =
        number.scale() > DIGITS
            ? new BigDecimal(value).setScale(DIGITS, RoundingMode.HALF_EVEN).stripTrailingZeros()
            : number;
    String text = rounded.abs().setScale(Math.max(0, rounded.scale())).toPlainString();
    return sign(value) + text + (text.contains(".") ? "" : ".");
  }

  private static String scientific(double value, BigDecimal number, int after, int exponents) {
    // As in NumPy, a number that gets more digits than it needs gets its own.
    int most = after > 0 ? after : DIGITS;
    BigDecimal rounded =
        number.precision() > most + 1 || after > 0
            ? new BigDecimal(value).round(new MathContext(most + 1, RoundingMode.HALF_EVEN))
            : number;
    rounded = rounded.stripTrailingZeros();
    String digits = rounded.unscaledValue().abs().toString();
    int exponent = value == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    String power = Integer.toString(Math.abs(exponent));
    return sign(value)
        + digits.charAt(0)
        + "."
        + digits.substring(1)
        + "0".repeat(Math.max(0, after - digits.length() + 1))
        + (exponent < 0 ? "e-" : "e+")
        + "0".repeat(Math.max(0, exponents - power.length()))
        + power;
  }

  /** The subarray from a dimension on; takes its words. */
  private String text(int axis, String indent, int width) {
    StringBuilder text = new StringBuilder();
    StringBuilder line = new StringBuilder(indent);
    boolean last = axis == dims.length - 1;
    int n = dims[axis];
    boolean cut = summary && n > 2 * EDGE;
    for (int i = 0; i < n; i++) {
      boolean dots = cut && i == EDGE;
      if (last) {
        extend(text, line, dots ? "..." : words.next(), width - 1, indent);
        line.append(i < n - 1 ? " " : "");
      } else {
        text.append(indent).append(dots ? "..." : text(axis + 1, indent + " ", width - 1));
        text.append(i < n - 1 ? "\n".repeat(dims.length - axis - 1) : "");
      }
      if (dots) {
        i = n - EDGE - 1;
      }
    }
    text.append(last ? line : "");
    return "[" + text.substring(indent.length()) + "]";
  }

  /** Adds a word to a line, or begins a new line with it. */
  private static void extend(
      StringBuilder text, StringBuilder line, String word, int width, String indent) {
    if (line.length() + word.length() > width && line.length() > indent.length()) {
      text.append(line.toString().stripTrailing()).append('\n');
      line.setLength(0);
      line.append(indent);
    }
    line.append(word);
  }
}
