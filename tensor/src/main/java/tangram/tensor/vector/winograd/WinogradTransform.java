package tangram.tensor.vector.winograd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.gemm.GemmKernel;

/**
 * The transforms of Winograd's minimal filtering F(4x4, 3x3), many tiles at a time.
 *
 * <p>A tile of 4x4 outputs needs 6x6 inputs d and 3x3 weights g: {@code Y = A^T [(G g G^T) * (B^T d
 * B)] A}, where * is the product of corresponding elements: 36 multiplications where the definition
 * needs 144. Its transposes give the weight gradient: {@code G^T [(A gy A^T) * (B^T d B)] G}.
 *
 * <p>The one-dimensional transforms interpolate at 0, a, -a, b, -b and infinity with a = 2/3 and b
 * = 3/2, that is, with p = a^2 + b^2, m = 2 a^2 (a^2 - b^2), n = 2 b^2 (b^2 - a^2), and a b = 1:
 *
 * <pre>
 *       1     0    -p    0   1  0         1     0      0           1   1   1    1    1   0
 *       0 -a b^2 -b^2    a   1  0        1/m   a/m   a^2/m   A^T = 0   a  -a    b   -b   0
 * B^T = 0  a b^2 -b^2   -a   1  0    G = 1/m  -a/m   a^2/m         0  a^2 a^2  b^2  b^2  0
 *       0 -b a^2 -a^2    b   1  0        1/n   b/n   b^2/n         0  a^3 -a^3 b^3 -b^3  1
 *       0  b a^2 -a^2   -b   1  0        1/n  -b/n   b^2/n
 *       0     1     0   -p   0  1         0     0      1
 * </pre>
 *
 * <p>The usual points 0, 1, -1, 2, -2 need no multiplications in places, but their errors are more
 * than twice as large in the mean and five times at the worst.
 *
 * <p>Element (r, s) of the transformed tiles lies at {@code (6 r + s) * plane}; within a plane,
 * lanes are tiles (or weights). Methods that transform along rows work on whole rows of values;
 * methods that transform along columns take the offset of each of the columns of a tile.
 *
 * <p>Sources: A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016;
 * on the choice of points, B. Barabasz et al., "Error analysis and improving the accuracy of
 * Winograd convolution for deep neural networks", ACM TOMS 46(4), 2020.
 */
final class WinogradTransform {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** At least one value for each row of a panel of weights. */
  private static final VectorSpecies<Float> PANEL =
      VL >= 8 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;

  /** Weights that {@link #weights} transforms side by side. */
  static final int WEIGHTS_LANES = PANEL.length();

  /** Values that {@link #weights} keeps between its two transforms. */
  static final int WEIGHTS_WORK = 18 * WEIGHTS_LANES;

  /** Elements of a transformed tile. */
  static final int PLANES = 36;

  private static final double A = 2.0 / 3;
  private static final double B = 3.0 / 2;
  private static final double M = 2 * A * A * (A * A - B * B);
  private static final double N = 2 * B * B * (B * B - A * A);
  private static final float A1 = (float) A;
  private static final float A2 = (float) (A * A);
  private static final float A3 = (float) (A * A * A);
  private static final float B1 = (float) B;
  private static final float B2 = (float) (B * B);
  private static final float B3 = (float) (B * B * B);
  private static final float G_M = (float) (1 / M);
  private static final float G_A = (float) (A / M);
  private static final float G_AM = (float) (A * A / M);
  private static final float G_N = (float) (1 / N);
  private static final float G_B = (float) (B / N);
  private static final float G_BN = (float) (B * B / N);
  private static final float P = (float) (A * A + B * B);

  private WinogradTransform() {}

  /** Six rows of inputs to six rows of B^T d. {@code length} is rounded up to whole vectors. */
  static void inputRows(float[] x, int off, int row, int length, float[] to, int toOff, int toRow) {
    for (int i = 0; i < length; i += VL) {
      int p = off + i;
      int q = toOff + i;
      FloatVector d0 = FloatVector.fromArray(SPECIES, x, p);
      FloatVector d1 = FloatVector.fromArray(SPECIES, x, p + row);
      FloatVector d2 = FloatVector.fromArray(SPECIES, x, p + 2 * row);
      FloatVector d3 = FloatVector.fromArray(SPECIES, x, p + 3 * row);
      FloatVector d4 = FloatVector.fromArray(SPECIES, x, p + 4 * row);
      FloatVector d5 = FloatVector.fromArray(SPECIES, x, p + 5 * row);
      FloatVector e = d2.fma(FloatVector.broadcast(SPECIES, -B2), d4);
      FloatVector f = d1.fma(FloatVector.broadcast(SPECIES, -B2), d3);
      FloatVector g = d2.fma(FloatVector.broadcast(SPECIES, -A2), d4);
      FloatVector h = d1.fma(FloatVector.broadcast(SPECIES, -A2), d3);
      d2.fma(FloatVector.broadcast(SPECIES, -P), d0.add(d4)).intoArray(to, q);
      f.fma(FloatVector.broadcast(SPECIES, A1), e).intoArray(to, q + toRow);
      f.fma(FloatVector.broadcast(SPECIES, -A1), e).intoArray(to, q + 2 * toRow);
      h.fma(FloatVector.broadcast(SPECIES, B1), g).intoArray(to, q + 3 * toRow);
      h.fma(FloatVector.broadcast(SPECIES, -B1), g).intoArray(to, q + 4 * toRow);
      d3.fma(FloatVector.broadcast(SPECIES, -P), d1.add(d5)).intoArray(to, q + 5 * toRow);
    }
  }

  /**
   * Six rows of B^T d to 36 planes of B^T d B.
   *
   * @param off first value of the first group of tiles
   * @param row distance between the rows
   * @param cols offsets of the six columns of a tile
   * @param groups vectors of tiles
   * @param step distance between groups in {@code x}
   * @param toOff first plane of the first group
   * @param toStep distance between groups in {@code to}; ascending order, so that a group may
   *     overwrite surplus lanes of the one before
   */
  static void inputCols(
      float[] x,
      int off,
      int row,
      int[] cols,
      int groups,
      int step,
      float[] to,
      int toOff,
      int toStep,
      int plane) {
    int s0 = cols[0];
    int s1 = cols[1];
    int s2 = cols[2];
    int s3 = cols[3];
    int s4 = cols[4];
    int s5 = cols[5];
    for (int group = 0; group < groups; group++, off += step, toOff += toStep) {
      int p = off;
      int q = toOff;
      for (int r = 0; r < 6; r++, p += row, q += 6 * plane) {
        FloatVector d0 = FloatVector.fromArray(SPECIES, x, p + s0);
        FloatVector d1 = FloatVector.fromArray(SPECIES, x, p + s1);
        FloatVector d2 = FloatVector.fromArray(SPECIES, x, p + s2);
        FloatVector d3 = FloatVector.fromArray(SPECIES, x, p + s3);
        FloatVector d4 = FloatVector.fromArray(SPECIES, x, p + s4);
        FloatVector d5 = FloatVector.fromArray(SPECIES, x, p + s5);
        FloatVector e = d2.fma(FloatVector.broadcast(SPECIES, -B2), d4);
        FloatVector f = d1.fma(FloatVector.broadcast(SPECIES, -B2), d3);
        FloatVector g = d2.fma(FloatVector.broadcast(SPECIES, -A2), d4);
        FloatVector h = d1.fma(FloatVector.broadcast(SPECIES, -A2), d3);
        d2.fma(FloatVector.broadcast(SPECIES, -P), d0.add(d4)).intoArray(to, q);
        f.fma(FloatVector.broadcast(SPECIES, A1), e).intoArray(to, q + plane);
        f.fma(FloatVector.broadcast(SPECIES, -A1), e).intoArray(to, q + 2 * plane);
        h.fma(FloatVector.broadcast(SPECIES, B1), g).intoArray(to, q + 3 * plane);
        h.fma(FloatVector.broadcast(SPECIES, -B1), g).intoArray(to, q + 4 * plane);
        d3.fma(FloatVector.broadcast(SPECIES, -P), d1.add(d5)).intoArray(to, q + 5 * plane);
      }
    }
  }

  /**
   * 36 planes of products to 4x4 outputs.
   *
   * @param step distance between groups of tiles in {@code x}
   * @param bias added to every output
   * @param toRow distance between output rows
   * @param cols offsets of the four columns of a tile
   * @param toStep distance between groups in {@code to}
   * @param work offset in {@code to} of room for 24 vectors
   */
  static void output(
      float[] x,
      int off,
      int plane,
      int groups,
      int step,
      float bias,
      float[] to,
      int toOff,
      int toRow,
      int[] cols,
      int toStep,
      int work) {
    int c0 = cols[0];
    int c1 = cols[1];
    int c2 = cols[2];
    int c3 = cols[3];
    for (int group = 0; group < groups; group++, off += step, toOff += toStep) {
      for (int s = 0; s < 6; s++) {
        int p = off + s * plane;
        FloatVector m1 = FloatVector.fromArray(SPECIES, x, p + 6 * plane);
        FloatVector m2 = FloatVector.fromArray(SPECIES, x, p + 12 * plane);
        FloatVector m3 = FloatVector.fromArray(SPECIES, x, p + 18 * plane);
        FloatVector m4 = FloatVector.fromArray(SPECIES, x, p + 24 * plane);
        FloatVector a = m1.add(m2);
        FloatVector b = m1.sub(m2);
        FloatVector c = m3.add(m4);
        FloatVector d = m3.sub(m4);
        FloatVector.fromArray(SPECIES, x, p).add(a).add(c).intoArray(to, work + s * VL);
        d.fma(FloatVector.broadcast(SPECIES, B1), b.mul(FloatVector.broadcast(SPECIES, A1)))
            .intoArray(to, work + (6 + s) * VL);
        c.fma(FloatVector.broadcast(SPECIES, B2), a.mul(FloatVector.broadcast(SPECIES, A2)))
            .intoArray(to, work + (12 + s) * VL);
        d.fma(
                FloatVector.broadcast(SPECIES, B3),
                b.fma(
                    FloatVector.broadcast(SPECIES, A3),
                    FloatVector.fromArray(SPECIES, x, p + 30 * plane)))
            .intoArray(to, work + (18 + s) * VL);
      }
      int q = toOff;
      for (int i = 0; i < 4; i++, q += toRow) {
        int p = work + 6 * i * VL;
        FloatVector m1 = FloatVector.fromArray(SPECIES, to, p + VL);
        FloatVector m2 = FloatVector.fromArray(SPECIES, to, p + 2 * VL);
        FloatVector m3 = FloatVector.fromArray(SPECIES, to, p + 3 * VL);
        FloatVector m4 = FloatVector.fromArray(SPECIES, to, p + 4 * VL);
        FloatVector a = m1.add(m2);
        FloatVector b = m1.sub(m2);
        FloatVector c = m3.add(m4);
        FloatVector d = m3.sub(m4);
        FloatVector.fromArray(SPECIES, to, p)
            .add(FloatVector.broadcast(SPECIES, bias))
            .add(a)
            .add(c)
            .intoArray(to, q + c0);
        d.fma(
                FloatVector.broadcast(SPECIES, B1),
                b.fma(FloatVector.broadcast(SPECIES, A1), FloatVector.broadcast(SPECIES, bias)))
            .intoArray(to, q + c1);
        c.fma(
                FloatVector.broadcast(SPECIES, B2),
                a.fma(FloatVector.broadcast(SPECIES, A2), FloatVector.broadcast(SPECIES, bias)))
            .intoArray(to, q + c2);
        d.fma(
                FloatVector.broadcast(SPECIES, B3),
                b.fma(
                    FloatVector.broadcast(SPECIES, A3),
                    FloatVector.fromArray(SPECIES, to, p + 5 * VL)
                        .add(FloatVector.broadcast(SPECIES, bias))))
            .intoArray(to, q + c3);
      }
    }
  }

  /** Four rows of output gradients to six rows of A gy. */
  static void gradientRows(
      float[] x, int off, int row, int length, float[] to, int toOff, int toRow) {
    for (int i = 0; i < length; i += VL) {
      int p = off + i;
      int q = toOff + i;
      FloatVector y0 = FloatVector.fromArray(SPECIES, x, p);
      FloatVector y1 = FloatVector.fromArray(SPECIES, x, p + row);
      FloatVector y2 = FloatVector.fromArray(SPECIES, x, p + 2 * row);
      FloatVector y3 = FloatVector.fromArray(SPECIES, x, p + 3 * row);
      FloatVector e = y2.fma(FloatVector.broadcast(SPECIES, A2), y0);
      FloatVector f = y3.fma(FloatVector.broadcast(SPECIES, A2), y1);
      FloatVector g = y2.fma(FloatVector.broadcast(SPECIES, B2), y0);
      FloatVector h = y3.fma(FloatVector.broadcast(SPECIES, B2), y1);
      y0.intoArray(to, q);
      f.fma(FloatVector.broadcast(SPECIES, A1), e).intoArray(to, q + toRow);
      f.fma(FloatVector.broadcast(SPECIES, -A1), e).intoArray(to, q + 2 * toRow);
      h.fma(FloatVector.broadcast(SPECIES, B1), g).intoArray(to, q + 3 * toRow);
      h.fma(FloatVector.broadcast(SPECIES, -B1), g).intoArray(to, q + 4 * toRow);
      y3.intoArray(to, q + 5 * toRow);
    }
  }

  /** Six rows of A gy to 36 planes of A gy A^T; parameters as {@link #inputCols}. */
  static void gradientCols(
      float[] x,
      int off,
      int row,
      int[] cols,
      int groups,
      int step,
      float[] to,
      int toOff,
      int toStep,
      int plane) {
    int c0 = cols[0];
    int c1 = cols[1];
    int c2 = cols[2];
    int c3 = cols[3];
    for (int group = 0; group < groups; group++, off += step, toOff += toStep) {
      int p = off;
      int q = toOff;
      for (int r = 0; r < 6; r++, p += row, q += 6 * plane) {
        FloatVector y0 = FloatVector.fromArray(SPECIES, x, p + c0);
        FloatVector y1 = FloatVector.fromArray(SPECIES, x, p + c1);
        FloatVector y2 = FloatVector.fromArray(SPECIES, x, p + c2);
        FloatVector y3 = FloatVector.fromArray(SPECIES, x, p + c3);
        FloatVector e = y2.fma(FloatVector.broadcast(SPECIES, A2), y0);
        FloatVector f = y3.fma(FloatVector.broadcast(SPECIES, A2), y1);
        FloatVector g = y2.fma(FloatVector.broadcast(SPECIES, B2), y0);
        FloatVector h = y3.fma(FloatVector.broadcast(SPECIES, B2), y1);
        y0.intoArray(to, q);
        f.fma(FloatVector.broadcast(SPECIES, A1), e).intoArray(to, q + plane);
        f.fma(FloatVector.broadcast(SPECIES, -A1), e).intoArray(to, q + 2 * plane);
        h.fma(FloatVector.broadcast(SPECIES, B1), g).intoArray(to, q + 3 * plane);
        h.fma(FloatVector.broadcast(SPECIES, -B1), g).intoArray(to, q + 4 * plane);
        y3.intoArray(to, q + 5 * plane);
      }
    }
  }

  /**
   * Weights to 36 planes of G g G^T, for a panel of output channels side by side. Up to a vector of
   * values beyond the panels is read and written.
   *
   * @param off weights of the first input channel: [taps][width]
   * @param width rows of the panel
   * @param inputs input channels, one after the other
   * @param flip whether the kernel is turned by 180 degrees
   * @param toOff first plane, [inputs][width]
   * @param work room for {@link #WEIGHTS_WORK} values
   */
  static void weights(
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
    int lanes = PANEL.length();
    int first = flip ? 8 * width : 0;
    int step = flip ? -width : width;
    for (int c = 0; c < inputs; c++) {
      int p = off + c * 9 * width + first;
      int q = workOff;
      for (int s = 0; s < 3; s++, p += step, q += lanes) {
        FloatVector g0 = FloatVector.fromArray(PANEL, x, p);
        FloatVector g1 = FloatVector.fromArray(PANEL, x, p + 3 * step);
        FloatVector g2 = FloatVector.fromArray(PANEL, x, p + 6 * step);
        FloatVector e = g0.mul(G_M).add(g2.mul(G_AM));
        FloatVector f = g1.mul(G_A);
        FloatVector g = g0.mul(G_N).add(g2.mul(G_BN));
        FloatVector h = g1.mul(G_B);
        g0.intoArray(work, q);
        e.add(f).intoArray(work, q + 3 * lanes);
        e.sub(f).intoArray(work, q + 6 * lanes);
        g.add(h).intoArray(work, q + 9 * lanes);
        g.sub(h).intoArray(work, q + 12 * lanes);
        g2.intoArray(work, q + 15 * lanes);
      }
      p = workOff;
      q = toOff + c * width;
      for (int r = 0; r < 6; r++, p += 3 * lanes, q += 6 * plane) {
        FloatVector g0 = FloatVector.fromArray(PANEL, work, p);
        FloatVector g1 = FloatVector.fromArray(PANEL, work, p + lanes);
        FloatVector g2 = FloatVector.fromArray(PANEL, work, p + 2 * lanes);
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
  static void weightGradient(
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
