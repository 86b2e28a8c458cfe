package tangram.tensor.vector.winograd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.gemm.GemmKernel;

/**
 * The transforms of Winograd's minimal filtering F(4x4, 3x3), many tiles at a time; those with G
 * are in {@link WinogradWeights}.
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
 * lanes are tiles. Methods that transform along rows work on whole rows of values; methods that
 * transform along columns take the offset of each of the columns of a tile.
 *
 * <p>Sources: A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016;
 * on the choice of points, B. Barabasz et al., "Error analysis and improving the accuracy of
 * Winograd convolution for deep neural networks", ACM TOMS 46(4), 2020.
 */
final class WinogradTransform {
  private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
  private static final int VL = GemmKernel.VL;

  /** Elements of a transformed tile. */
  static final int PLANES = 36;

  /** A point of interpolation. */
  static final double A = 2.0 / 3;

  /** A point of interpolation. */
  static final double B = 3.0 / 2;

  private static final float A1 = (float) A;
  private static final float A2 = (float) (A * A);
  private static final float A3 = (float) (A * A * A);
  private static final float B1 = (float) B;
  private static final float B2 = (float) (B * B);
  private static final float B3 = (float) (B * B * B);
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
}
