package tangram.tensor;

/**
 * Elements of arrays, of storage and of hosts: {@code float[]} ({@code F32}), {@code double[]},
 * {@code int[]}, {@code long[]}, {@code byte[]} ({@code BOOL}) and {@code boolean[]}; {@code
 * short[]} are bits of {@code F16} and {@code char[]} bits of {@code BF16}. Real numbers are
 * truncated to integers, and what is not 0 is true.
 */
public final class HostArrays {
  private HostArrays() {}

  /** An array for elements of a type. */
  static Object of(DType type, int length) {
    return switch (type) {
      case F32 -> new float[length];
      case F64 -> new double[length];
      case F16 -> new short[length];
      case BF16 -> new char[length];
      case I32 -> new int[length];
      case I64 -> new long[length];
      case BOOL -> new byte[length];
    };
  }

  /** Copies n elements. */
  public static void copy(Object from, int fromAt, Object to, int toAt, int n) {
    if (from.getClass() == to.getClass()) {
      System.arraycopy(from, fromAt, to, toAt, n);
    } else if (from instanceof float[] && to instanceof double[]) {
      float[] source = (float[]) from;
      double[] target = (double[]) to;
      for (int i = 0; i < n; i++) {
        target[toAt + i] = source[fromAt + i];
      }
    } else if (from instanceof double[] && to instanceof float[]) {
      double[] source = (double[]) from;
      float[] target = (float[]) to;
      for (int i = 0; i < n; i++) {
        target[toAt + i] = (float) source[fromAt + i];
      }
    } else if (isReal(from)) {
      for (int i = 0; i < n; i++) {
        put(to, toAt + i, real(from, fromAt + i));
      }
    } else {
      for (int i = 0; i < n; i++) {
        put(to, toAt + i, integer(from, fromAt + i));
      }
    }
  }

  private static boolean isReal(Object array) {
    return array instanceof float[]
        || array instanceof double[]
        || array instanceof short[]
        || array instanceof char[];
  }

  /** An element as a real number. */
  public static double real(Object array, int i) {
    if (array instanceof float[]) {
      return ((float[]) array)[i];
    }
    if (array instanceof double[]) {
      return ((double[]) array)[i];
    }
    if (array instanceof short[]) {
      return Float.float16ToFloat(((short[]) array)[i]);
    }
    if (array instanceof char[]) {
      return Float.intBitsToFloat(((char[]) array)[i] << 16);
    }
    return integer(array, i);
  }

  /** An element as an integer, truncated. */
  public static long integer(Object array, int i) {
    if (array instanceof int[]) {
      return ((int[]) array)[i];
    }
    if (array instanceof long[]) {
      return ((long[]) array)[i];
    }
    if (array instanceof byte[]) {
      return ((byte[]) array)[i];
    }
    if (array instanceof boolean[]) {
      return ((boolean[]) array)[i] ? 1 : 0;
    }
    return (long) real(array, i);
  }

  /** Sets an element from a real number. */
  public static void put(Object array, int i, double value) {
    if (array instanceof float[]) {
      ((float[]) array)[i] = (float) value;
    } else if (array instanceof double[]) {
      ((double[]) array)[i] = value;
    } else if (array instanceof short[]) {
      ((short[]) array)[i] = Float.floatToFloat16((float) value);
    } else if (array instanceof char[]) {
      ((char[]) array)[i] = brainFloat((float) value);
    } else if (array instanceof boolean[] || array instanceof byte[]) {
      put(array, i, value != 0 ? 1L : 0L);
    } else {
      put(array, i, (long) value);
    }
  }

  /** Sets an element from an integer. */
  public static void put(Object array, int i, long value) {
    if (array instanceof int[]) {
      ((int[]) array)[i] = (int) value;
    } else if (array instanceof long[]) {
      ((long[]) array)[i] = value;
    } else if (array instanceof byte[]) {
      ((byte[]) array)[i] = (byte) (value != 0 ? 1 : 0);
    } else if (array instanceof boolean[]) {
      ((boolean[]) array)[i] = value != 0;
    } else if (array instanceof double[]) {
      ((double[]) array)[i] = value;
    } else {
      put(array, i, (double) value);
    }
  }

  /** The upper half of the bits, rounded to even. */
  private static char brainFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (value != value) {
      return (char) (bits >>> 16 | 0x40);
    }
    return (char) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
