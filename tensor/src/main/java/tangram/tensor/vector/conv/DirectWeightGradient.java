package tangram.tensor.vector.conv;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;
import tangram.tensor.vector.runtime.VectorMath;

/**
 * The gradient of depthwise weights: for every tap the sum over all positions of the output's
 * gradient times the input that the tap meets.
 *
 * <p>A task has an input channel, of which it fills the {@link ConvBand} of one image after the
 * other. Sums of an output row are kept in the lanes, four taps at a time; those of the rows of a
 * band too, and bands are added in order in double precision.
 */
final class DirectWeightGradient {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Positions of a band, about, so that sums in single precision are not too long. */
  private static final int POSITIONS = 1 << 13;

  private final ConvShape shape;
  private final ConvBand band;
  private final int rows;
  private final int[] offsets;

  DirectWeightGradient(ConvShape shape) {
    this.shape = shape;
    this.band = ConvBand.ofInputs(shape);
    this.rows = Math.max(1, Math.min(shape.outH(), POSITIONS / shape.outW()));
    this.offsets = DirectTaps.offsets(band, rows, Conv.tapRows(shape), Conv.tapCols(shape));
  }

  /** Whether every group has one input channel. */
  static boolean suits(ConvShape shape) {
    return shape.groups() > 1 && shape.groupC() == 1;
  }

  void run(float[] x, int xOff, float[] gy, int gyOff, float[] gw, int gwOff) {
    int steps = offsets.length;
    int outW = shape.outW();
    int blocks = (shape.outH() - 1) / rows + 1;
    Parallel.run(
        shape.groups(),
        g -> {
          float[] task = Scratch.task(band.image(rows) + LANES);
          double[] sums = new double[shape.groupK() * steps];
          for (int t = 0; t < shape.n() * shape.outD() * blocks; t++) {
            int image = t / blocks;
            int y0 = t % blocks * rows;
            int count = Math.min(rows, shape.outH() - y0);
            int from = xOff + g * shape.inputVolume();
            band.fill(x, from, image, y0, rows, 0, band.channels, task, Scratch.ALIGNED);
            for (int k = 0; k < shape.groupK(); k++) {
              int channel = image / shape.outD() * shape.k() + g * shape.groupK() + k;
              int plane = channel * shape.outD() + image % shape.outD();
              int at = gyOff + (plane * shape.outH() + y0) * outW;
              for (int s = 0; s < steps; s += 4) {
                add(task, gy, at, count, s, Math.min(4, steps - s), sums, k * steps + s);
              }
            }
          }
          for (int i = 0; i < sums.length; i++) {
            gw[gwOff + g * sums.length + i] = (float) sums[i];
          }
        });
  }

  /** Adds the products of some rows to the sums of at most four taps. */
  private void add(
      float[] task, float[] gy, int gyAt, int count, int step, int some, double[] sums, int to) {
    int outW = shape.outW();
    int whole = S.loopBound(outW);
    int o0 = offsets[step];
    int o1 = offsets[step + Math.min(1, some - 1)];
    int o2 = offsets[step + Math.min(2, some - 1)];
    int o3 = offsets[step + some - 1];
    FloatVector a = FloatVector.zero(S);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < count; i++) {
      int from = Scratch.ALIGNED + i * band.gridRow();
      int at = gyAt + i * outW;
      for (int j = 0; j < whole; j += LANES) {
        FloatVector g = FloatVector.fromArray(S, gy, at + j);
        a = g.fma(FloatVector.fromArray(S, task, from + o0 + j), a);
        b = g.fma(FloatVector.fromArray(S, task, from + o1 + j), b);
        c = g.fma(FloatVector.fromArray(S, task, from + o2 + j), c);
        d = g.fma(FloatVector.fromArray(S, task, from + o3 + j), d);
      }
    }
    float ta = 0;
    float tb = 0;
    float tc = 0;
    float td = 0;
    for (int i = 0; whole < outW && i < count; i++) {
      int from = Scratch.ALIGNED + i * band.gridRow();
      int at = gyAt + i * outW;
      for (int j = whole; j < outW; j++) {
        float g = gy[at + j];
        ta += g * task[from + o0 + j];
        tb += g * task[from + o1 + j];
        tc += g * task[from + o2 + j];
        td += g * task[from + o3 + j];
      }
    }
    double[] four = {
      VectorMath.sum(a) + (double) ta,
      VectorMath.sum(b) + (double) tb,
      VectorMath.sum(c) + (double) tc,
      VectorMath.sum(d) + (double) td
    };
    for (int s = 0; s < some; s++) {
      sums[to + s] += four[s];
    }
  }
}
