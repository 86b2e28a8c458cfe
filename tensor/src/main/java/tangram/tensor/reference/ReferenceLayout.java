package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.WindowShape;

/** Element by element: where does it come from, where does it go. */
final class ReferenceLayout implements Layout {

  @Override
  public void upsampleNearest2x(int planes, int h, int w, Buffer xBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, planes, h, w);
    Reals y = Reals.of(yBuffer, planes, 2 * h, 2 * w);
    for (int p = 0; p < planes; p++) {
      for (int i = 0; i < 2 * h; i++) {
        for (int j = 0; j < 2 * w; j++) {
          y.set(p, i, j, x.get(p, i / 2, j / 2));
        }
      }
    }
  }

  @Override
  public void upsampleNearest2xBackward(
      int planes, int h, int w, Buffer gyBuffer, Buffer gxBuffer) {
    Reals gy = Reals.of(gyBuffer, planes, 2 * h, 2 * w);
    Reals gx = Reals.of(gxBuffer, planes, h, w);
    gx.fill(0);
    for (int p = 0; p < planes; p++) {
      for (int i = 0; i < 2 * h; i++) {
        for (int j = 0; j < 2 * w; j++) {
          gx.add(p, i / 2, j / 2, gy.get(p, i, j));
        }
      }
    }
  }

  @Override
  public void resizeBilinear(
      int planes, int h, int w, int outH, int outW, Buffer xBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, planes, h, w);
    Reals y = Reals.of(yBuffer, planes, outH, outW);
    y.fill(0);
    visitBilinear(
        h,
        w,
        outH,
        outW,
        (i, j, xi, xj, weight) -> {
          for (int p = 0; p < planes; p++) {
            y.add(p, i, j, weight * x.get(p, xi, xj));
          }
        });
  }

  @Override
  public void resizeBilinearBackward(
      int planes, int h, int w, int outH, int outW, Buffer gyBuffer, Buffer gxBuffer) {
    Reals gy = Reals.of(gyBuffer, planes, outH, outW);
    Reals gx = Reals.of(gxBuffer, planes, h, w);
    gx.fill(0);
    visitBilinear(
        h,
        w,
        outH,
        outW,
        (i, j, xi, xj, weight) -> {
          for (int p = 0; p < planes; p++) {
            gx.add(p, xi, xj, weight * gy.get(p, i, j));
          }
        });
  }

  /** One of the four contributions to an output pixel. */
  private interface Contribution {
    /** Output pixel (i, j) takes input pixel (xi, xj) with the given weight. */
    void add(int i, int j, int xi, int xj, double weight);
  }

  /**
   * Pixel centres are at half-integers: output row i lies at {@code (i + 1/2) * h / outH - 1/2} of
   * the input, moved to 0 where it is negative, between the rows below and above; past the last row
   * both are the last.
   */
  private static void visitBilinear(int h, int w, int outH, int outW, Contribution contribution) {
    for (int i = 0; i < outH; i++) {
      double row = Math.max((i + 0.5) * h / outH - 0.5, 0);
      int top = (int) row;
      int bottom = Math.min(top + 1, h - 1);
      double down = row - top;
      for (int j = 0; j < outW; j++) {
        double col = Math.max((j + 0.5) * w / outW - 0.5, 0);
        int left = (int) col;
        int right = Math.min(left + 1, w - 1);
        double across = col - left;
        contribution.add(i, j, top, left, (1 - down) * (1 - across));
        contribution.add(i, j, top, right, (1 - down) * across);
        contribution.add(i, j, bottom, left, down * (1 - across));
        contribution.add(i, j, bottom, right, down * across);
      }
    }
  }

  @Override
  public void windowPartition(WindowShape shape, Buffer xBuffer, Buffer yBuffer) {
    Reals x = image(shape, xBuffer);
    Reals y = windows(shape, yBuffer);
    y.fill(0);
    visitWindows(
        shape,
        (n, i, j, window, token) -> {
          for (int c = 0; c < shape.c(); c++) {
            y.set(window, token, c, x.get(n, i, j, c));
          }
        });
  }

  @Override
  public void windowReverse(WindowShape shape, Buffer xBuffer, Buffer yBuffer) {
    Reals x = windows(shape, xBuffer);
    Reals y = image(shape, yBuffer);
    visitWindows(
        shape,
        (n, i, j, window, token) -> {
          for (int c = 0; c < shape.c(); c++) {
            y.set(n, i, j, c, x.get(window, token, c));
          }
        });
  }

  /** One pixel and its place in the windows. */
  private interface Placement {
    void visit(int n, int i, int j, int window, int token);
  }

  /**
   * Rolling by -shift moves row i of the padded map to row {@code i - shift}, and the first rows to
   * the end; columns likewise.
   */
  private static void visitWindows(WindowShape shape, Placement placement) {
    int side = shape.window();
    int paddedH = shape.rows() * side;
    int paddedW = shape.cols() * side;
    for (int n = 0; n < shape.n(); n++) {
      for (int i = 0; i < shape.h(); i++) {
        for (int j = 0; j < shape.w(); j++) {
          int row = Math.floorMod(i - shape.shiftH(), paddedH);
          int col = Math.floorMod(j - shape.shiftW(), paddedW);
          int window = (n * shape.rows() + row / side) * shape.cols() + col / side;
          placement.visit(n, i, j, window, row % side * side + col % side);
        }
      }
    }
  }

  private static Reals image(WindowShape shape, Buffer buffer) {
    return Reals.of(buffer, shape.n(), shape.h(), shape.w(), shape.c());
  }

  private static Reals windows(WindowShape shape, Buffer buffer) {
    return Reals.of(
        buffer,
        shape.n() * shape.rows() * shape.cols(),
        shape.window() * shape.window(),
        shape.c());
  }

  /** The first largest element of a window wins, in reading order; padding is not looked at. */
  @Override
  public void maxPool2d(PoolShape shape, Buffer xBuffer, Buffer yBuffer, Buffer indexBuffer) {
    Reals x = Reals.of(xBuffer, shape.planes(), shape.h() * shape.w());
    Reals y = Reals.of(yBuffer, shape.planes(), shape.outH(), shape.outW());
    Ints index = Ints.of(indexBuffer, shape.planes(), shape.outH() * shape.outW());
    for (int p = 0; p < shape.planes(); p++) {
      for (int i = 0; i < shape.outH(); i++) {
        for (int j = 0; j < shape.outW(); j++) {
          int best = -1;
          for (int r = 0; r < shape.kernel(); r++) {
            for (int s = 0; s < shape.kernel(); s++) {
              int xi = i * shape.stride() + r - shape.padding();
              int xj = j * shape.stride() + s - shape.padding();
              if (xi >= 0 && xi < shape.h() && xj >= 0 && xj < shape.w()) {
                int at = xi * shape.w() + xj;
                if (best < 0 || x.get(p, at) > x.get(p, best)) {
                  best = at;
                }
              }
            }
          }
          y.set(p, i, j, x.get(p, best));
          index.set(p, i * shape.outW() + j, best);
        }
      }
    }
  }

  @Override
  public void maxPool2dBackward(
      PoolShape shape, Buffer gyBuffer, Buffer indexBuffer, Buffer gxBuffer) {
    int outputs = shape.outH() * shape.outW();
    Reals gy = Reals.of(gyBuffer, shape.planes(), outputs);
    Ints index = Ints.of(indexBuffer, shape.planes(), outputs);
    Reals gx = Reals.of(gxBuffer, shape.planes(), shape.h() * shape.w());
    gx.fill(0);
    for (int p = 0; p < shape.planes(); p++) {
      for (int o = 0; o < outputs; o++) {
        gx.add(p, index.get(p, o), gy.get(p, o));
      }
    }
  }
}
