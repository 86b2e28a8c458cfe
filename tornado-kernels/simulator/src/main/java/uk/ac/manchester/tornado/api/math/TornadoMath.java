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

  /** The sine. */
  public static float sin(float value) {
    return (float) Math.sin(value);
  }

  /** The cosine. */
  public static float cos(float value) {
    return (float) Math.cos(value);
  }

  /** The tangent. */
  public static float tan(float value) {
    return (float) Math.tan(value);
  }

  /** The inverse of the sine. */
  public static float asin(float value) {
    return (float) Math.asin(value);
  }

  /** The inverse of the cosine. */
  public static float acos(float value) {
    return (float) Math.acos(value);
  }

  /** The inverse of the tangent. */
  public static float atan(float value) {
    return (float) Math.atan(value);
  }

  /** The smallest integer that is not less. */
  public static float ceil(float value) {
    return (float) Math.ceil(value);
  }

  /** The angle of the point (b, a). */
  public static float atan2(float a, float b) {
    return (float) Math.atan2(a, b);
  }

  /** a to the power of b. */
  public static float pow(float a, float b) {
    return (float) Math.pow(a, b);
  }
}
