package uk.ac.manchester.tornado.api.math;

/** Functions that kernels may call. */
public final class TornadoMath {
  private TornadoMath() {}

  /** The natural exponential. */
  public static float exp(float value) {
    return (float) Math.exp(value);
  }

  /** The natural logarithm. */
  public static float log(float value) {
    return (float) Math.log(value);
  }

  /** The square root. */
  public static float sqrt(float value) {
    return (float) Math.sqrt(value);
  }

  /** The largest integer not above. */
  public static float floor(float value) {
    return (float) Math.floor(value);
  }

  /** The absolute value. */
  public static float abs(float value) {
    return Math.abs(value);
  }

  /** The larger of two, or the one that is a number: OpenCL's {@code fmax}, not Java's. */
  public static float max(float a, float b) {
    return Float.isNaN(a) ? b : Float.isNaN(b) ? a : Math.max(a, b);
  }

  /** The smaller of two, or the one that is a number. */
  public static float min(float a, float b) {
    return Float.isNaN(a) ? b : Float.isNaN(b) ? a : Math.min(a, b);
  }
}
