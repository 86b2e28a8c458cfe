package tangram.web.browser;

import java.util.Arrays;

/** What a slice must look like after strokes, computed on its own. */
final class Paper {
  final int width;
  final byte[] labels;

  Paper(int width, int height) {
    this.width = width;
    labels = new byte[width * height];
    Arrays.fill(labels, (byte) BrowserTest.NONE);
  }

  /** A disc around a voxel; of an even diameter around its first corner. */
  Paper dab(int x, int y, int brush, int label) {
    double shift = brush % 2 == 0 ? 0.5 : 0;
    for (int row = 0; row < labels.length / width; row++) {
      for (int column = 0; column < width; column++) {
        double dx = column - x + shift;
        double dy = row - y + shift;
        if (4 * (dx * dx + dy * dy) < brush * brush + 1e-6) {
          labels[row * width + column] = (byte) label;
        }
      }
    }
    return this;
  }

  /** Discs along a row or a column. */
  Paper line(int x0, int y0, int x1, int y1, int brush, int label) {
    int steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
    for (int i = 0; i <= steps; i++) {
      int part = Math.max(1, steps);
      dab(x0 + (x1 - x0) * i / part, y0 + (y1 - y0) * i / part, brush, label);
    }
    return this;
  }
}
