package tangram.tensor.contract;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import tangram.tensor.Tensor;

/** Operations by the names of {@code tools/parity/operations}, one table for each area. */
final class Calls {
  /** An operation on inputs; returns all its results. */
  interface Call {
    Tensor[] apply(Tensor[] x, Arguments arguments);
  }

  /** An operation of one result. */
  interface One {
    Tensor apply(Tensor[] x, Arguments arguments);
  }

  /** A table that is filled by {@code add}. */
  static final class Table {
    private final Map<String, Call> calls = new TreeMap<>();

    Table add(String name, One one) {
      return addAll(name, (x, a) -> new Tensor[] {one.apply(x, a)});
    }

    Table addAll(String name, Call call) {
      calls.put(name, call);
      return this;
    }

    Call get(String name) {
      Call call = calls.get(name);
      return call == null ? method(name) : call;
    }
  }

  static final Map<String, Table> AREAS =
      new TreeMap<>(
          Map.of(
              "arguments",
              ArgumentCalls.table(),
              "attention",
              AttentionCalls.table(),
              "elementwise",
              new Table(),
              "indexing",
              ArrayCalls.indexing(),
              "norms",
              NormCalls.table(),
              "products",
              ArrayCalls.products(),
              "spatial",
              SpatialCalls.table()));

  private Calls() {}

  /**
   * A method of Tensor that takes tensors alone needs no line; what follows a point tells of what.
   */
  private static Call method(String call) {
    String name = call.split("\\.")[0];
    return (x, a) -> {
      Class<?>[] types = new Class<?>[x.length - 1];
      Arrays.fill(types, Tensor.class);
      try {
        Method method = Tensor.class.getMethod(name, types);
        Object[] others = Arrays.copyOfRange(x, 1, x.length, Object[].class);
        return new Tensor[] {(Tensor) method.invoke(x[0], others)};
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(
            "no method " + name + " of " + x.length + " tensors; add a line to its area", e);
      }
    };
  }
}
