package tangram.pclmix.objective;

/** How weights rise during a training (Tarvainen and Valpola 2017, as WSL4MIS has it). */
public final class Ramp {
  private Ramp() {}

  /** {@code exp(-5 (1 - min(t, length) / length)^2)}: 0.0067 at 0, 1 from the length on. */
  public static double sigmoid(double t, double length) {
    double left = 1 - Math.min(t, length) / length;
    return Math.exp(-5 * left * left);
  }
}
