package tangram.tensor.vector.conv;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * Convolutions of many groups with a few channels each, such as depthwise ones, where a product of
 * matrices would have too few rows: every output row is the sum of shifted input rows.
 *
 * <p>A task fills the {@link ConvBand} of a group of an image and keeps a vector of four output
 * rows in registers while it goes through the taps. Every output is one chain of multiply-adds in
 * the order of the taps. What reaches beyond a row's last whole vector is computed by a vector that
 * overlaps the one before.
 */
final class DirectTaps {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();

  /** Output channels of a group from which on products of matrices are faster. */
  private static final int MOST_OUTPUTS = 4;

  /** Floats of a band, unless a single output row needs more: half a second-level cache. */
  private static final int BAND_FLOATS = 1 << 15;

  private final ConvBand band;
  private final int images;
  private final int gridH;
  private final int gridW;
  private final int groups;
  private final int outputs;
  private final int rows;
  private final int[] offsets;

  /**
   * Describes the sums.
   *
   * @param band how the input rows of a group are laid out
   * @param images images in the batch times output planes of each
   * @param gridH output rows
   * @param tapRow row of each tap
   * @param tapCol column of each tap
   * @param outputs output channels of a group
   */
  DirectTaps(
      ConvBand band, int images, int gridH, int[] tapRow, int[] tapCol, int groups, int outputs) {
    this.band = band;
    this.images = images;
    this.gridH = gridH;
    this.gridW = band.gridW;
    this.groups = groups;
    this.outputs = outputs;
    int some = gridH;
    while (some > 1 && band.image(some) > BAND_FLOATS) {
      some = (some + 1) / 2;
    }
    this.rows = some;
    this.offsets = offsets(band, rows, tapRow, tapCol);
  }

  /** Where every step (channel, tap) of output (0, 0) lies in a band of some output rows. */
  static int[] offsets(ConvBand band, int rows, int[] tapRow, int[] tapCol) {
    int taps = tapRow.length;
    int[] offsets = new int[band.channels * taps];
    for (int step = 0; step < offsets.length; step++) {
      int t = step % taps;
      offsets[step] = step / taps * band.plane(rows) + band.tap(tapRow[t], tapCol[t]);
    }
    return offsets;
  }

  /** Whether this is faster than a product for every group. */
  static boolean suits(int groups, int outputs) {
    return groups > 1 && outputs <= MOST_OUTPUTS;
  }

  /**
   * Computes all outputs.
   *
   * @param xGroup distance between the groups of an image
   * @param wGroup distance between the groups' weights
   * @param rowStride distance between the weights of a group's output channels
   * @param stepIndex where the weight of each step lies among those of an output channel; null
   *     where they lie one after the other
   * @param out where the outputs of the first group go; others follow by its channels
   */
  void run(
      float[] x,
      int xOff,
      int xGroup,
      float[] w,
      int wOff,
      int wGroup,
      int rowStride,
      int[] stepIndex,
      float[] bias,
      int biasOff,
      float[] y,
      ConvTaps.Output out) {
    int blocks = (gridH - 1) / rows + 1;
    int steps = offsets.length;
    // Vectors may reach beyond the last row.
    int bandSize = band.image(rows) + LANES;
    int line = Scratch.ALIGNED + bandSize + 16 - bandSize % 16;
    Parallel.run(
        images * groups * blocks,
        t -> {
          int y0 = t % blocks * rows;
          int g = t / blocks % groups;
          int image = t / blocks / groups;
          float[] task = Scratch.task(line + 4L * (gridW + LANES));
          float[] weights = Scratch.floats(Scratch.SMALL, steps);
          int from = xOff + g * xGroup;
          band.fill(x, from, image, y0, rows, 0, band.channels, task, Scratch.ALIGNED);
          for (int k = 0; k < outputs; k++) {
            int at = wOff + g * wGroup + k * rowStride;
            for (int s = 0; s < steps; s++) {
              weights[s] = w[at + (stepIndex == null ? s : stepIndex[s])];
            }
            int channel = g * outputs + k;
            float start = bias == null ? 0 : bias[biasOff + channel];
            int to = out.place(image) + channel * out.channel() + y0 * out.row();
            int count = Math.min(rows, gridH - y0);
            rows(task, weights, steps, start, count, line, y, to, out);
          }
        });
  }

  private void rows(
      float[] task,
      float[] weights,
      int steps,
      float start,
      int count,
      int line,
      float[] y,
      int to,
      ConvTaps.Output out) {
    boolean direct = out.col() == 1 && gridW >= LANES;
    int pitch = direct ? out.row() : gridW + LANES;
    float[] target = direct ? y : task;
    for (int i = 0; i < count; i += 4) {
      int some = Math.min(4, count - i);
      int at = direct ? to + i * out.row() : line;
      for (int j = 0; j < gridW; j += LANES) {
        int col = direct ? Math.min(j, gridW - LANES) : j;
        int from = Scratch.ALIGNED + i * band.gridRow() + col;
        if (some == 4) {
          four(task, from, weights, steps, start, target, at + col, pitch);
        } else {
          for (int r = 0; r < some; r++) {
            one(
                task,
                from + r * band.gridRow(),
                weights,
                steps,
                start,
                target,
                at + r * pitch + col);
          }
        }
      }
      for (int r = 0; !direct && r < some; r++) {
        int row = to + (i + r) * out.row();
        for (int j = 0; j < gridW; j++) {
          y[row + j * out.col()] = task[line + r * pitch + j];
        }
      }
    }
  }

  private void four(
      float[] x, int from, float[] w, int steps, float start, float[] y, int to, int pitch) {
    int row = band.gridRow();
    FloatVector a = FloatVector.broadcast(S, start);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int s = 0; s < steps; s++) {
      FloatVector v = FloatVector.broadcast(S, w[s]);
      int at = from + offsets[s];
      a = v.fma(FloatVector.fromArray(S, x, at), a);
      b = v.fma(FloatVector.fromArray(S, x, at + row), b);
      c = v.fma(FloatVector.fromArray(S, x, at + 2 * row), c);
      d = v.fma(FloatVector.fromArray(S, x, at + 3 * row), d);
    }
    a.intoArray(y, to);
    b.intoArray(y, to + pitch);
    c.intoArray(y, to + 2 * pitch);
    d.intoArray(y, to + 3 * pitch);
  }

  private void one(float[] x, int from, float[] w, int steps, float start, float[] y, int to) {
    FloatVector a = FloatVector.broadcast(S, start);
    for (int s = 0; s < steps; s++) {
      a = FloatVector.broadcast(S, w[s]).fma(FloatVector.fromArray(S, x, from + offsets[s]), a);
    }
    a.intoArray(y, to);
  }
}
