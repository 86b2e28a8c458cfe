package tangram.tensor.vector.winograd;

import java.util.Arrays;
import tangram.tensor.vector.gemm.GemmKernel;
import tangram.tensor.vector.runtime.Shuffles;

/** Transforms products of tiles back and writes planes. */
final class WinogradScatter {
  private static final int VL = GemmKernel.VL;

  private final WinogradTiles tiles;
  private final int row;
  private final int phase;
  private final int[] cols;
  private final int[] pixelPlaces;
  private final int[] imagePlaces;

  /**
   * Describes the planes.
   *
   * @param channels channels of the array, so that images are channels * height * width apart
   */
  WinogradScatter(WinogradTiles tiles, int channels) {
    this.tiles = tiles;
    this.cols = new int[4];
    if (tiles.acrossImages) {
      this.phase = 0;
      this.row = 4 * tiles.tilesX * VL;
      Arrays.setAll(cols, s -> s * VL);
      this.pixelPlaces = new int[4 * tiles.width];
      Arrays.setAll(pixelPlaces, p -> p / tiles.width * row + p % tiles.width * VL);
      this.imagePlaces = new int[tiles.imageGroups * VL];
      Arrays.setAll(imagePlaces, i -> i * channels * tiles.height * tiles.width);
    } else {
      this.phase = tiles.rowTiles;
      this.row = 4 * phase;
      Arrays.setAll(cols, s -> s * phase);
      this.pixelPlaces = null;
      this.imagePlaces = null;
    }
  }

  /** Floats of scratch memory. */
  int scratch() {
    return 4 * row + 24 * VL + Math.max(VL * VL, 4 * VL);
  }

  /**
   * Transforms one channel of a range.
   *
   * @param m tile t at {@code m[mOff + p * plane + t]} for each of the 36 planes p; up to a vector
   *     of values beyond the last tile is read
   * @param y0 first row of tiles
   * @param rows rows of tiles
   * @param bias added to every output
   * @param yOff the channel of the range's image, or of the first image
   */
  void transform(
      float[] m,
      int mOff,
      int plane,
      int y0,
      int rows,
      float bias,
      float[] y,
      int yOff,
      float[] scratch,
      int scratchOff) {
    int work = scratchOff + 4 * row;
    int step = tiles.acrossImages ? 4 * VL : VL;
    for (int g = 0; g < tiles.imageGroups; g++) {
      for (int i = 0; i < rows; i++) {
        int at = mOff + i * tiles.rowTiles + g * VL;
        WinogradTransform.output(
            m,
            at,
            plane,
            tiles.groups,
            tiles.groupTiles,
            bias,
            scratch,
            scratchOff,
            row,
            cols,
            step,
            work);
        int first = 4 * (y0 + i);
        int valid = Math.min(4, tiles.height - first);
        int to = yOff + first * tiles.width;
        if (tiles.acrossImages) {
          writeImages(g, valid, y, to, scratch, scratchOff);
        } else {
          writeRows(valid, y, to, scratch, scratchOff);
        }
      }
    }
  }

  private void writeRows(int valid, float[] y, int yOff, float[] scratch, int scratchOff) {
    int line = scratchOff + 4 * row + 24 * VL;
    for (int i = 0; i < valid; i++) {
      int from = scratchOff + i * row;
      int to = yOff + i * tiles.width;
      for (int q = 0; q < tiles.rowTiles; q += VL) {
        int left = tiles.width - 4 * q;
        if (left >= 4 * VL) {
          Shuffles.interleave4(scratch, from + q, phase, y, to + 4 * q);
        } else if (left > 0) {
          Shuffles.interleave4(scratch, from + q, phase, scratch, line);
          System.arraycopy(scratch, line, y, to + 4 * q, left);
        }
      }
    }
  }

  private void writeImages(
      int group, int valid, float[] y, int yOff, float[] scratch, int scratchOff) {
    int pixels = valid * tiles.width;
    int count = Math.min(VL, tiles.images - group * VL);
    if (pixels < VL) {
      for (int i = 0; i < count; i++) {
        int to = yOff + imagePlaces[group * VL + i];
        for (int p = 0; p < pixels; p++) {
          y[to + p] = scratch[scratchOff + pixelPlaces[p] + i];
        }
      }
      return;
    }
    int work = scratchOff + 4 * row + 24 * VL;
    for (int p = 0; p < pixels; p += VL) {
      int q = Math.min(p, pixels - VL);
      Shuffles.transpose(
          scratch,
          scratchOff,
          pixelPlaces,
          q,
          y,
          yOff + q,
          imagePlaces,
          group * VL,
          count,
          scratch,
          work);
    }
  }
}
