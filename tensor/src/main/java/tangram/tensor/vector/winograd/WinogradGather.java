package tangram.tensor.vector.winograd;

import java.util.Arrays;
import tangram.tensor.vector.gemm.Gemm;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.runtime.Shuffles;

/**
 * Reads planes and transforms their tiles: the inputs of the convolution (6x6 around each tile) or
 * the gradients of its outputs (4x4).
 */
final class WinogradGather {
  private static final int VL = GemmKernel.VL;

  private final WinogradTiles tiles;
  private final int planeH;
  private final int planeW;
  private final int pad;
  private final int extent;
  private final int row;
  private final int phase;
  private final int[] cols;

  /** Across images: where each pixel of the plane goes within a band, and where images begin. */
  private final int[] pixelPlaces;

  private final int[] imagePlaces;

  /**
   * Describes the planes.
   *
   * @param channels channels of the array, so that images are channels * planeH * planeW apart
   * @param pad rows and columns of zeros before the first tile
   * @param extent 6 for inputs, 4 for gradients of outputs
   */
  WinogradGather(WinogradTiles tiles, int channels, int planeH, int planeW, int pad, int extent) {
    this.tiles = tiles;
    this.planeH = planeH;
    this.planeW = planeW;
    this.pad = pad;
    this.extent = extent;
    this.cols = new int[extent];
    int overlap = extent - 4;
    if (tiles.acrossImages) {
      this.phase = 0;
      this.row = (4 * tiles.tilesX + overlap) * VL;
      Arrays.setAll(cols, s -> s * VL);
      this.pixelPlaces = new int[planeH * planeW];
      Arrays.setAll(pixelPlaces, p -> p / planeW * row + (p % planeW + pad) * VL);
      this.imagePlaces = new int[tiles.imageGroups * VL];
      // Lanes without an image repeat the last one.
      Arrays.setAll(imagePlaces, i -> Math.min(i, tiles.images - 1) * channels * planeH * planeW);
    } else {
      this.phase = tiles.rowTiles + 1;
      this.row = Gemm.blocks(4 * phase, VL) * VL;
      Arrays.setAll(cols, s -> s % 4 * phase + s / 4);
      this.pixelPlaces = null;
      this.imagePlaces = null;
    }
  }

  private int bandRows(int rows) {
    return 4 * (rows - 1) + extent;
  }

  /** Floats of scratch memory for a range of some rows of tiles. */
  int scratch(int rows) {
    return (bandRows(rows) + 6) * row + Math.max(VL * VL, lineLength());
  }

  /** Clears what {@link #transform} expects to stay zero. To be called once before a range. */
  void prepare(int rows, float[] scratch, int scratchOff) {
    Arrays.fill(scratch, scratchOff, scratchOff + scratch(rows), 0f);
  }

  /** Across rows: a row of the plane with its padding. */
  private int lineLength() {
    return 4 * tiles.rowTiles + VL;
  }

  /**
   * Transforms one channel of a range.
   *
   * @param xOff the channel of the range's image, or of the first image
   * @param y0 first row of tiles
   * @param rows rows of tiles
   * @param to receives tile t at {@code to[toOff + p * plane + t]} for each of the 36 planes p; up
   *     to a vector of values beyond the last tile is overwritten
   */
  void transform(
      float[] x,
      int xOff,
      int y0,
      int rows,
      float[] to,
      int toOff,
      int plane,
      float[] scratch,
      int scratchOff) {
    int bandRows = bandRows(rows);
    int work = scratchOff + bandRows * row;
    int firstRow = 4 * y0 - pad;
    int step = tiles.acrossImages ? 4 * VL : VL;
    // Groups in descending order: the surplus lanes of the last one are overwritten by the first.
    for (int g = tiles.imageGroups - 1; g >= 0; g--) {
      if (tiles.acrossImages) {
        fillImages(x, xOff, g, firstRow, bandRows, scratch, scratchOff);
      } else {
        fillRows(x, xOff, firstRow, bandRows, scratch, scratchOff);
      }
      for (int i = 0; i < rows; i++) {
        int from = scratchOff + 4 * i * row;
        int at = toOff + i * tiles.rowTiles + g * VL;
        if (extent == 6) {
          WinogradTransform.inputRows(scratch, from, row, row, scratch, work, row);
          WinogradTransform.inputCols(
              scratch, work, row, cols, tiles.groups, step, to, at, tiles.groupTiles, plane);
        } else {
          WinogradTransform.gradientRows(scratch, from, row, row, scratch, work, row);
          WinogradTransform.gradientCols(
              scratch, work, row, cols, tiles.groups, step, to, at, tiles.groupTiles, plane);
        }
      }
    }
  }

  private void fillRows(
      float[] x, int xOff, int firstRow, int bandRows, float[] scratch, int scratchOff) {
    int line = scratchOff + (bandRows + 6) * row;
    int padded = 4 * tiles.rowTiles;
    int columns = Math.min(planeW, padded + extent - 4 - pad);
    for (int i = 0; i < bandRows; i++) {
      int h = firstRow + i;
      int to = scratchOff + i * row;
      if (h < 0 || h >= planeH) {
        Arrays.fill(scratch, to, to + row, 0f);
        continue;
      }
      int from = xOff + h * planeW - pad;
      if (from >= 0 && padded - pad <= planeW) {
        // Straight from the plane: what is read before the row is replaced, and nothing is read
        // beyond it.
        for (int q = 0; q < tiles.rowTiles; q += VL) {
          Shuffles.deinterleave4(x, from + 4 * q, scratch, to + q, phase);
        }
        for (int p = 0; p < pad; p++) {
          scratch[to + p * phase] = 0;
        }
        for (int p = 0; p < extent - 4; p++) {
          scratch[to + p * phase + tiles.rowTiles] =
              padded + p - pad < planeW ? x[from + padded + p] : 0;
        }
        continue;
      }
      System.arraycopy(x, from + pad, scratch, line + pad, columns);
      for (int q = 0; q < tiles.rowTiles; q += VL) {
        Shuffles.deinterleave4(scratch, line + 4 * q, scratch, to + q, phase);
      }
      for (int p = 0; p < extent - 4; p++) {
        scratch[to + p * phase + tiles.rowTiles] = scratch[line + padded + p];
      }
    }
  }

  private void fillImages(
      float[] x, int xOff, int group, int firstRow, int bandRows, float[] scratch, int scratchOff) {
    int begin = Math.max(0, firstRow);
    int end = Math.min(planeH, firstRow + bandRows);
    int to = scratchOff + (begin - firstRow) * row;
    int pixels = (end - begin) * planeW;
    int from = xOff + begin * planeW;
    if (pixels < VL) {
      for (int p = 0; p < pixels; p++) {
        for (int i = 0; i < VL; i++) {
          scratch[to + pixelPlaces[p] + i] = x[from + imagePlaces[group * VL + i] + p];
        }
      }
    } else {
      int work = scratchOff + (bandRows + 6) * row;
      for (int p = 0; p < pixels; p += VL) {
        int q = Math.min(p, pixels - VL);
        Shuffles.transpose(
            x, from + q, imagePlaces, group * VL, scratch, to, pixelPlaces, q, VL, scratch, work);
      }
    }
    if (begin > firstRow) {
      Arrays.fill(scratch, scratchOff, to, 0f);
    }
    if (end < firstRow + bandRows) {
      Arrays.fill(scratch, scratchOff + (end - firstRow) * row, scratchOff + bandRows * row, 0f);
    }
  }
}
