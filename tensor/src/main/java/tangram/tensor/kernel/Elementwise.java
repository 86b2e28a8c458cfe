package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/** Element-wise operations; lengths are those of the output buffer unless stated. */
public interface Elementwise {
  /** y = value. */
  void fill(Buffer y, double value);

  /** y = x. */
  void copy(Buffer x, Buffer y);

  /** y = x for integers. */
  void copyInts(Buffer x, Buffer y);

  /** y = a + b; y may be a or b. */
  void add(Buffer a, Buffer b, Buffer y);

  /** y = s[0] * x, the factor taken from a one-element buffer; y may be x. */
  void scale(Buffer x, Buffer s, Buffer y);

  /** y = (1 - t) * a + t * b. */
  void lerp(Buffer a, Buffer b, double t, Buffer y);

  /** y = t * x, a factor fixed for the whole run. */
  void multiply(Buffer x, double t, Buffer y);

  /** y = max(x, 0). */
  void relu(Buffer x, Buffer y);

  /** gx = gy where y > 0, else 0; y is the output of {@link #relu}, and gx may be gy. */
  void reluBackward(Buffer y, Buffer gy, Buffer gx);

  /** Gaussian error linear unit, exact form: {@code y = x * Phi(x)} with the normal cdf Phi. */
  void gelu(Buffer x, Buffer y);

  /** gx = gy * (Phi(x) + x * phi(x)); gx may be gy. */
  void geluBackward(Buffer x, Buffer gy, Buffer gx);

  /** Every row of y [rows, cols] becomes v [cols]. */
  void broadcastRows(int rows, int cols, Buffer v, Buffer y);

  /** Row i of y is row i of x times s[i]: x and y [rows, cols], s [rows]; y may be x. */
  void scaleRows(int rows, int cols, Buffer x, Buffer s, Buffer y);
}
