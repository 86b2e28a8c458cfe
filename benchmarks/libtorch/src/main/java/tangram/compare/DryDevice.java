package tangram.compare;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Indexing;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.LinearAlgebra;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Resampling;

/**
 * A device that computes nothing and stores nothing, but lists the kernels it is asked for. A
 * network that runs on it tells which kernels it needs, with which sizes and how often, in a moment
 * and without memory. What is read from it is zero.
 */
final class DryDevice extends Device {
  private final Kernels kernels =
      new Kernels(
          listed(LinearAlgebra.class),
          listed(Convolution.class),
          listed(Resampling.class),
          listed(Attention.class),
          listed(Maps.class),
          listed(Indexing.class));
  private final List<Call> calls = new ArrayList<>();

  /**
   * A kernel that was asked for.
   *
   * @param kernel name of its method, with that of a formula; of a cascade its own
   * @param arguments as the method has them, but a buffer's length instead of the buffer
   */
  record Call(String kernel, List<Object> arguments) {
    /** An integer argument, or the length of a buffer. */
    int integer(int i) {
      return (Integer) arguments.get(i);
    }

    /** Whether a buffer that may be missing was given. */
    boolean has(int i) {
      return arguments.get(i) != null;
    }

    /** An argument of another type. */
    <T> T get(int i, Class<T> type) {
      return type.cast(arguments.get(i));
    }
  }

  /** The calls since the last time, in order. */
  List<Call> takeCalls() {
    List<Call> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  @Override
  public String name() {
    return "dry";
  }

  @Override
  public String description() {
    return "computes nothing";
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public int realBytes() {
    return Float.BYTES;
  }

  private <T> T listed(Class<T> family) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          calls.add(call(method, arguments));
          return null;
        };
    return family.cast(
        Proxy.newProxyInstance(family.getClassLoader(), new Class<?>[] {family}, handler));
  }

  private static Call call(Method method, Object[] arguments) {
    Object[] plain =
        Arrays.stream(arguments)
            .map(a -> a instanceof Buffer ? (Object) ((Buffer) a).length() : a)
            .toArray();
    return new Call(name(method, arguments[0]), Collections.unmodifiableList(Arrays.asList(plain)));
  }

  private static String name(Method method, Object first) {
    if (first instanceof Cascade) {
      return ((Cascade) first).name();
    }
    return first instanceof Formula
        ? method.getName() + " " + ((Formula) first).name()
        : method.getName();
  }

  @Override
  protected Object newStorage(DType type, int length) {
    return null;
  }

  @Override
  protected void write(Object source, int sourceOffset, DType type, Buffer target) {}

  @Override
  protected void read(Buffer source, DType type, Object target, int targetOffset) {}
}
