package tangram.tensor;

/**
 * Copies between arrays of {@code float}, {@code double}, {@code int}, {@code long}, {@code byte}
 * and {@code boolean}: real numbers are truncated to integers, and what is not 0 is true.
 */
public final class HostArrays {
  private HostArrays() {}

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

  /** Number of elements. */
  public static int length(Object array) {
    return java.lang.reflect.Array.getLength(array);
  }

  private static boolean isReal(Object array) {
    return array instanceof float[] || array instanceof double[];
  }

  private static double real(Object array, int i) {
    return array instanceof float[] ? ((float[]) array)[i] : ((double[]) array)[i];
  }

  private static long integer(Object array, int i) {
    if (array instanceof int[]) {
      return ((int[]) array)[i];
    }
    if (array instanceof long[]) {
      return ((long[]) array)[i];
    }
    if (array instanceof byte[]) {
      return ((byte[]) array)[i];
    }
    return ((boolean[]) array)[i] ? 1 : 0;
  }

  private static void put(Object array, int i, double value) {
    if (array instanceof boolean[]) {
      ((boolean[]) array)[i] = value != 0;
    } else {
      put(array, i, (long) value);
    }
  }

  private static void put(Object array, int i, long value) {
    if (array instanceof int[]) {
      ((int[]) array)[i] = (int) value;
    } else if (array instanceof long[]) {
      ((long[]) array)[i] = value;
    } else if (array instanceof byte[]) {
      ((byte[]) array)[i] = (byte) value;
    } else if (array instanceof boolean[]) {
      ((boolean[]) array)[i] = value != 0;
    } else if (array instanceof float[]) {
      ((float[]) array)[i] = value;
    } else {
      ((double[]) array)[i] = value;
    }
  }
}
