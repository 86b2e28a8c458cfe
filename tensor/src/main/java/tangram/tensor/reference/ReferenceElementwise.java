package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.Elementwise;

/** One loop over the output each. */
final class ReferenceElementwise implements Elementwise {
  @Override
  public void fill(Buffer y, double value) {
    Reals.of(y).fill(value);
  }

  @Override
  public void copy(Buffer x, Buffer y) {
    Reals from = Reals.of(x);
    map(y, from::get);
  }

  @Override
  public void copyInts(Buffer x, Buffer y) {
    Ints from = Ints.of(x);
    Ints to = Ints.of(y);
    for (int i = 0; i < to.length(); i++) {
      to.set(i, from.get(i));
    }
  }

  @Override
  public void add(Buffer aBuffer, Buffer bBuffer, Buffer y) {
    Reals a = Reals.of(aBuffer);
    Reals b = Reals.of(bBuffer);
    map(y, i -> a.get(i) + b.get(i));
  }

  @Override
  public void scale(Buffer xBuffer, Buffer sBuffer, Buffer y) {
    Reals x = Reals.of(xBuffer);
    Reals s = Reals.of(sBuffer);
    map(y, i -> s.get(0) * x.get(i));
  }

  @Override
  public void lerp(Buffer aBuffer, Buffer bBuffer, double t, Buffer y) {
    Reals a = Reals.of(aBuffer);
    Reals b = Reals.of(bBuffer);
    map(y, i -> (1 - t) * a.get(i) + t * b.get(i));
  }

  @Override
  public void multiply(Buffer xBuffer, double t, Buffer y) {
    Reals x = Reals.of(xBuffer);
    map(y, i -> t * x.get(i));
  }

  @Override
  public void relu(Buffer xBuffer, Buffer y) {
    Reals x = Reals.of(xBuffer);
    map(y, i -> Math.max(x.get(i), 0));
  }

  @Override
  public void reluBackward(Buffer yBuffer, Buffer gyBuffer, Buffer gx) {
    Reals y = Reals.of(yBuffer);
    Reals gy = Reals.of(gyBuffer);
    map(gx, i -> y.get(i) > 0 ? gy.get(i) : 0);
  }

  @Override
  public void gelu(Buffer xBuffer, Buffer y) {
    Reals x = Reals.of(xBuffer);
    map(y, i -> x.get(i) * NormalDistribution.cdf(x.get(i)));
  }

  @Override
  public void geluBackward(Buffer xBuffer, Buffer gyBuffer, Buffer gx) {
    Reals x = Reals.of(xBuffer);
    Reals gy = Reals.of(gyBuffer);
    map(
        gx,
        i ->
            gy.get(i)
                * (NormalDistribution.cdf(x.get(i)) + x.get(i) * NormalDistribution.pdf(x.get(i))));
  }

  @Override
  public void broadcastRows(int rows, int cols, Buffer vBuffer, Buffer yBuffer) {
    Reals v = Reals.of(vBuffer, cols);
    Reals y = Reals.of(yBuffer, rows, cols);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        y.set(i, j, v.get(j));
      }
    }
  }

  @Override
  public void scaleRows(int rows, int cols, Buffer xBuffer, Buffer sBuffer, Buffer yBuffer) {
    Reals x = Reals.of(xBuffer, rows, cols);
    Reals s = Reals.of(sBuffer, rows);
    Reals y = Reals.of(yBuffer, rows, cols);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        y.set(i, j, s.get(i) * x.get(i, j));
      }
    }
  }

  /** The value of element i of an output. */
  private interface Formula {
    double at(int i);
  }

  private static void map(Buffer output, Formula formula) {
    Reals y = Reals.of(output);
    for (int i = 0; i < y.length(); i++) {
      y.set(i, formula.at(i));
    }
  }
}
