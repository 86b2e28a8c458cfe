package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.View;
import tangram.tensor.kernel.Reducer;

/** Real numbers: partials are in double precision. */
abstract class RealDomain extends Domain {
  /** Sets n elements to the one at a place. */
  abstract void repeat(Object tiles, int at, int n, int from);

  /** Makes n elements of partials. */
  abstract void values(double[] partials, int from, Object tile, int at, int n);

  @Override
  final Object newPartials(int length) {
    return new double[length];
  }

  @Override
  final void clear(Reducer reducer, Object partials, int at, int n) {
    Arrays.fill((double[]) partials, at, at + n, reducer.identity());
  }

  @Override
  final void combine(Reducer reducer, Object partials, int into, int from) {
    double[] p = (double[]) partials;
    p[into] = reducer.combine(p[into], p[from]);
  }

  @Override
  final void store(Object partials, int at, View y, int place) {
    Copies.put(y, place, ((double[]) partials)[at]);
  }
}
