package tangram.tensor.vector.conv;

import java.util.Arrays;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.gemm.Pack;
import tangram.tensor.vector.runtime.Parallel;
import tangram.tensor.vector.runtime.Scratch;

/**
 * Packs the weights of a convolution as the matrix A of {@link ConvTaps}, into the caller's scratch
 * memory. Block kb of all panels begins at {@code ALIGNED + paddedRows * k0}.
 */
final class ConvWeights {
  /** Steps of the reduction that a task packs, about: as many places are read at a time. */
  private static final int STEPS = 16;

  /** Positions that are few beside the channels. */
  private static final int FEW = 512;

  /** Panels of positions for which the weights are read once. */
  static final int WIDE = 4;

  private ConvWeights() {}

  /**
   * Whether weights are best read where they lie: for few positions packing them would take long,
   * but the last tile must not have too few rows.
   *
   * @param rows output channels
   * @param positions of all images
   */
  static boolean stay(int rows, long positions) {
    return positions <= FEW && GemmKernel.paddedRows(rows) == rows;
  }

  /**
   * Packs rows whose steps lie one after the other.
   *
   * @param rows output channels
   * @param steps steps of the reduction, the distance between rows
   */
  static float[] pack(int rows, int steps, float[] w, int wOff) {
    int padded = GemmKernel.paddedRows(rows);
    float[] packed = Scratch.floats(Scratch.PACKED_A, (long) padded * steps + Scratch.ALIGNED);
    int blocks = Gemm.blocks(steps, Gemm.KC);
    Parallel.run(
        GemmKernel.panels(rows),
        panel -> {
          int i = GemmKernel.panelStart(rows, panel);
          int width = GemmKernel.panelRows(rows, panel);
          int count = Math.min(width, rows - i);
          for (int kb = 0; kb < blocks; kb++) {
            int k0 = Gemm.blockStart(steps, blocks, kb);
            int kc = Gemm.blockStart(steps, blocks, kb + 1) - k0;
            int to = Scratch.ALIGNED + padded * k0 + i * kc;
            Pack.columns(kc, count, width, w, wOff + i * steps + k0, steps, packed, to);
          }
        });
    return packed;
  }

  /**
   * Packs rows whose steps lie anywhere.
   *
   * @param rows output channels
   * @param rowStride distance between rows
   * @param stepIndex where each step lies in a row
   */
  static float[] pack(int rows, int rowStride, int[] stepIndex, float[] w, int wOff) {
    int steps = stepIndex.length;
    int padded = GemmKernel.paddedRows(rows);
    float[] packed = Scratch.floats(Scratch.PACKED_A, (long) padded * steps + Scratch.ALIGNED);
    int blocks = Gemm.blocks(steps, Gemm.KC);
    int panels = GemmKernel.panels(rows);
    int pieces = Gemm.blocks(Math.min(steps, Gemm.KC), STEPS);
    Parallel.run(
        blocks * pieces,
        t -> {
          int k0 = Gemm.blockStart(steps, blocks, t / pieces);
          int kc = Gemm.blockStart(steps, blocks, t / pieces + 1) - k0;
          int begin = Gemm.blockStart(kc, pieces, t % pieces);
          int end = Gemm.blockStart(kc, pieces, t % pieces + 1);
          for (int panel = 0; panel < panels; panel++) {
            int i = GemmKernel.panelStart(rows, panel);
            int width = GemmKernel.panelRows(rows, panel);
            int count = Math.min(width, rows - i);
            int to = Scratch.ALIGNED + padded * k0 + i * kc + begin * width;
            for (int step = k0 + begin; step < k0 + end; step++, to += width) {
              int at = wOff + i * rowStride + stepIndex[step];
              for (int j = 0; j < count; j++) {
                packed[to + j] = w[at + j * rowStride];
              }
              Arrays.fill(packed, to + count, to + width, 0f);
            }
          }
        });
    return packed;
  }
}
