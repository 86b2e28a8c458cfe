package tangram.compare;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.Device;
import tangram.tensor.kernel.Kernels;

/**
 * A device that computes nothing and stores nothing, but lists the kernels it is asked for. A
 * network that runs on it tells which kernels it needs, with which sizes and how often, in a moment
 * and without memory. What is read from it is zero.
 */
final class DryDevice extends Device {
  private final Kernels kernels = proxy(Kernels.class);
  private final List<Call> calls = new ArrayList<>();

  /** Creates the device. */
  DryDevice() {
    super(length -> null, length -> null);
  }

  /**
   * A kernel that was asked for.
   *
   * @param kernel name of its method
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

  /** Methods that return an interface give the family's proxy; the others are kernels. */
  private <T> T proxy(Class<T> type) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getReturnType().isInterface()) {
            return proxy(method.getReturnType());
          }
          calls.add(call(method, arguments));
          return null;
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Call call(Method method, Object[] arguments) {
    Object[] plain =
        Arrays.stream(arguments)
            .map(a -> a instanceof Buffer ? (Object) ((Buffer) a).length() : a)
            .toArray();
    return new Call(method.getName(), Collections.unmodifiableList(Arrays.asList(plain)));
  }

  @Override
  protected void write(double[] source, int sourceOffset, Buffer target) {}

  @Override
  protected void write(float[] source, int sourceOffset, Buffer target) {}

  @Override
  protected void write(int[] source, int sourceOffset, Buffer target) {}

  @Override
  protected void read(Buffer source, double[] target, int targetOffset) {}

  @Override
  protected void read(Buffer source, float[] target, int targetOffset) {}

  @Override
  protected void read(Buffer source, int[] target, int targetOffset) {}
}
