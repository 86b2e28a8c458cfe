package tangram.tensor.vector.winograd;

import static tangram.tensor.vector.winograd.WinogradTransform.A;
import static tangram.tensor.vector.winograd.WinogradTransform.B;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.gemm.GemmKernel;

/**
 * Winograd's transforms of weights and of their gradient, by the matrix G of {@link
 * WinogradTransform}.
 */
final class WinogradWeights {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Values that {@link #transform} keeps between its two steps. */
  static final int WORK = 18 * VL;

  private static final double M = 2 * A * A * (A * A - B * B);
  private static final double N = 2 * B * B * (B * B - A * A);
  private static final float G_M = (float) (1 / M);
  private static final float G_A = (float) (A / M);
  private static final float G_AM = (float) (A * A / M);
  private static final float G_N = (float) (1 / N);
  private static final float G_B = (float) (B / N);
  private static final float G_BN = (float) (B * B / N);

  private WinogradWeights() {}

  /**
   * Weights to 36 planes of G g G^T, for a panel of output channels side by side. Up to a vector of
   * values beyond the panels is read and written.
   *
   * @param off weights of the first input channel: [taps][width]
   * @param width rows of the panel
   * @param inputs input channels, one after the other
   * @param flip whether the kernel is turned by 180 degrees
   * @param toOff first plane, [inputs][width]
   * @param work room for {@link #WORK} values
   */
  static void transform(
      float[] x,
      int off,
      int width,
      int inputs,
      boolean flip,
      float[] to,
      int toOff,
      int plane,
      float[] work,
      int workOff) {
    int first = flip ? 8 * width : 0;
    int step = flip ? -width : width;
    for (int c = 0; c < inputs; c++) {
      int p = off + c * 9 * width + first;
      int q = workOff;
      for (int s = 0; s < 3; s++, p += step, q += VL) {
        FloatVector g0 = FloatVector.fromArray(SPECIES, x, p);
        FloatVector g1 = FloatVector.fromArray(SPECIES, x, p + 3 * step);
        FloatVector g2 = FloatVector.fromArray(SPECIES, x, p + 6 * step);
        FloatVector e = g0.mul(G_M).add(g2.mul(G_AM));
        FloatVector f = g1.mul(G_A);
        FloatVector g = g0.mul(G_N).add(g2.mul(G_BN));
        FloatVector h = g1.mul(G_B);
        g0.intoArray(work, q);
        e.add(f).intoArray(work, q + 3 * VL);
        e.sub(f).intoArray(work, q + 6 * VL);
        g.add(h).intoArray(work, q + 9 * VL);
        g.sub(h).intoArray(work, q + 12 * VL);
        g2.intoArray(work, q + 15 * VL);
      }
      p = workOff;
      q = toOff + c * width;
      for (int r = 0; r < 6; r++, p += 3 * VL, q += 6 * plane) {
        FloatVector g0 = FloatVector.fromArray(SPECIES, work, p);
        FloatVector g1 = FloatVector.fromArray(SPECIES, work, p + VL);
        FloatVector g2 = FloatVector.fromArray(SPECIES, work, p + 2 * VL);
        FloatVector e = g0.mul(G_M).add(g2.mul(G_AM));
        FloatVector f = g1.mul(G_A);
        FloatVector g = g0.mul(G_N).add(g2.mul(G_BN));
        FloatVector h = g1.mul(G_B);
        g0.intoArray(to, q);
        e.add(f).intoArray(to, q + plane);
        e.sub(f).intoArray(to, q + 2 * plane);
        g.add(h).intoArray(to, q + 3 * plane);
        g.sub(h).intoArray(to, q + 4 * plane);
        g2.intoArray(to, q + 5 * plane);
      }
    }
  }

  /**
   * 36 planes m to nine rows of G^T m G, one for each tap.
   *
   * @param length values in a plane, rounded up to whole vectors
   * @param work offset in {@code to} of room for 18 vectors
   */
  static void gradient(
      float[] x, int off, int plane, int length, float[] to, int toOff, int row, int work) {
    for (int i = 0; i < length; i += VL) {
      for (int s = 0; s < 6; s++) {
        int p = off + i + s * plane;
        FloatVector m1 = FloatVector.fromArray(SPECIES, x, p + 6 * plane);
        FloatVector m2 = FloatVector.fromArray(SPECIES, x, p + 12 * plane);
        FloatVector m3 = FloatVector.fromArray(SPECIES, x, p + 18 * plane);
        FloatVector m4 = FloatVector.fromArray(SPECIES, x, p + 24 * plane);
        FloatVector e = m1.add(m2);
        FloatVector f = m1.sub(m2);
        FloatVector g = m3.add(m4);
        FloatVector h = m3.sub(m4);
        g.fma(
                FloatVector.broadcast(SPECIES, G_N),
                e.fma(FloatVector.broadcast(SPECIES, G_M), FloatVector.fromArray(SPECIES, x, p)))
            .intoArray(to, work + s * VL);
        h.fma(FloatVector.broadcast(SPECIES, G_B), f.mul(FloatVector.broadcast(SPECIES, G_A)))
            .intoArray(to, work + s * VL + 6 * VL);
        g.fma(
                FloatVector.broadcast(SPECIES, G_BN),
                e.fma(
                    FloatVector.broadcast(SPECIES, G_AM),
                    FloatVector.fromArray(SPECIES, x, p + 30 * plane)))
            .intoArray(to, work + s * VL + 12 * VL);
      }
      for (int r = 0; r < 3; r++) {
        int p = work + 6 * r * VL;
        int q = toOff + i + 3 * r * row;
        FloatVector m1 = FloatVector.fromArray(SPECIES, to, p + VL);
        FloatVector m2 = FloatVector.fromArray(SPECIES, to, p + 2 * VL);
        FloatVector m3 = FloatVector.fromArray(SPECIES, to, p + 3 * VL);
        FloatVector m4 = FloatVector.fromArray(SPECIES, to, p + 4 * VL);
        FloatVector e = m1.add(m2);
        FloatVector f = m1.sub(m2);
        FloatVector g = m3.add(m4);
        FloatVector h = m3.sub(m4);
        g.fma(
                FloatVector.broadcast(SPECIES, G_N),
                e.fma(FloatVector.broadcast(SPECIES, G_M), FloatVector.fromArray(SPECIES, to, p)))
            .intoArray(to, q);
        h.fma(FloatVector.broadcast(SPECIES, G_B), f.mul(FloatVector.broadcast(SPECIES, G_A)))
            .intoArray(to, q + row);
        g.fma(
                FloatVector.broadcast(SPECIES, G_BN),
                e.fma(
                    FloatVector.broadcast(SPECIES, G_AM),
                    FloatVector.fromArray(SPECIES, to, p + 5 * VL)))
            .intoArray(to, q + 2 * row);
      }
    }
  }
}
