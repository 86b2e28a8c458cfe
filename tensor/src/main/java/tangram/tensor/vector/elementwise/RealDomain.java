package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import tangram.tensor.View;
import tangram.tensor.kernel.Reducer;

/** Real numbers: partials are in double precision. */
abstract class RealDomain extends Domain {
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
