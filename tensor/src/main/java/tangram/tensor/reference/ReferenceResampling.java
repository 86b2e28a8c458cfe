package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.Resampling;
import tangram.tensor.kernel.Sparse;

/** Sums and maxima by their definition. */
public final class ReferenceResampling implements Resampling {
  /** Creates the kernels. */
  public ReferenceResampling() {}

  @Override
  public void resample(int planes, Sparse rows, Sparse cols, Buffer xBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, planes, rows.cols(), cols.cols());
    Reals y = Reals.of(yBuffer, planes, rows.rows(), cols.rows());
    y.fill(0);
    visit(
        rows,
        (i, s, down) ->
            visit(
                cols,
                (j, t, across) -> {
                  for (int p = 0; p < planes; p++) {
                    y.add(p, i, j, down * across * x.get(p, s, t));
                  }
                }));
  }

  /** An element of a matrix. */
  private interface Element {
    void visit(int row, int column, double weight);
  }

  private static void visit(Sparse matrix, Element element) {
    if (matrix.isIdentity()) {
      for (int i = 0; i < matrix.rows(); i++) {
        element.visit(i, i, 1);
      }
      return;
    }
    Ints start = new Ints(matrix.start());
    Ints column = new Ints(matrix.column());
    Reals weight = Reals.of(matrix.weight());
    for (int i = 0; i < matrix.rows(); i++) {
      for (int e = start.get(i); e < start.get(i + 1); e++) {
        element.visit(i, column.get(e), weight.get(e));
      }
    }
  }

  @Override
  public void maxPool(PoolShape shape, Buffer xBuffer, Buffer yBuffer, Buffer indexBuffer) {
    Reals x = Reals.of(xBuffer, shape.planes(), shape.inputVolume());
    int outputs = shape.outputVolume();
    Reals y = Reals.of(yBuffer, shape.planes() * outputs);
    Ints index = new Ints(indexBuffer);
    PoolShape.Axis depth = shape.depth();
    PoolShape.Axis rows = shape.rows();
    PoolShape.Axis cols = shape.cols();
    for (int o = 0; o < shape.planes() * outputs; o++) {
      int p = o / outputs;
      int z = o % outputs / cols.out() / rows.out();
      int i = o / cols.out() % rows.out();
      int j = o % cols.out();
      int best = -1;
      for (int a = depth.first(z); a < depth.end(z); a += depth.step()) {
        for (int r = rows.first(i); r < rows.end(i); r += rows.step()) {
          for (int s = cols.first(j); s < cols.end(j); s += cols.step()) {
            int at = (a * rows.size() + r) * cols.size() + s;
            if (best < 0 || isLarger(x.get(p, at), x.get(p, best))) {
              best = at;
            }
          }
        }
      }
      y.set(o, x.get(p, best));
      index.set(o, best);
    }
  }

  private static boolean isLarger(double a, double b) {
    return a > b || Double.isNaN(a) && !Double.isNaN(b);
  }

  @Override
  public void maxPoolBackward(
      PoolShape shape, Buffer gyBuffer, Buffer indexBuffer, Buffer gxBuffer) {
    int outputs = shape.outputVolume();
    Reals gy = Reals.of(gyBuffer, shape.planes() * outputs);
    Ints index = new Ints(indexBuffer);
    Reals gx = Reals.of(gxBuffer, shape.planes(), shape.inputVolume());
    gx.fill(0);
    for (int o = 0; o < shape.planes() * outputs; o++) {
      gx.add(o / outputs, index.get(o), gy.get(o));
    }
  }
}
