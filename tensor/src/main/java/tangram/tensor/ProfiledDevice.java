package tangram.tensor;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.Indexing;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.LinearAlgebra;
import tangram.tensor.kernel.Maps;
import tangram.tensor.kernel.Normalization;
import tangram.tensor.kernel.Resampling;

/**
 * A device that times every kernel of another one, which must have computed when a kernel's call
 * returns. Results are the other's, bit by bit.
 */
public final class ProfiledDevice extends Device {
  /** Products of the forward pass of attention, q k^T and probabilities v, and of its gradients. */
  private static final int ATTENTION_PRODUCTS = 2;

  private static final int ATTENTION_GRADIENT_PRODUCTS = 4;

  private final Device inner;
  private final KernelTimes times = new KernelTimes();
  private final TensorMemory memory;
  private final Kernels kernels;

  /** Wraps a device; tensors made on the wrapper belong to the wrapper. */
  public ProfiledDevice(Device inner) {
    this(inner, new TensorMemory());
  }

  private ProfiledDevice(Device inner, TensorMemory memory) {
    super(memory);
    this.memory = memory;
    this.inner = inner;
    this.kernels = timed(inner.kernels());
  }

  @Override
  public boolean has(DType type) {
    return inner.has(type);
  }

  /** What the kernels have cost so far. */
  public KernelTimes times() {
    return times;
  }

  /** Begins or stops to account for the memory of tensors. */
  public void accountMemory(boolean on) {
    if (on) {
      memory.start(usedBytes());
    } else {
      memory.stop();
    }
  }

  /** What the memory of tensors was used for when most of it was in use during an account. */
  public TensorMemory memory() {
    return memory;
  }

  /** The families, each timed; made once, since every launch asks for one. */
  private Kernels timed(Kernels k) {
    return new Kernels(
        timed(LinearAlgebra.class, k.linearAlgebra()),
        timed(Convolution.class, k.convolution()),
        timed(Resampling.class, k.resampling()),
        timed(Attention.class, k.attention()),
        timed(Maps.class, k.maps()),
        timed(Indexing.class, k.indexing()));
  }

  private <T> T timed(Class<T> family, T target) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          long start = System.nanoTime();
          Object result;
          try {
            result = method.invoke(target, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
          long nanos = System.nanoTime() - start;
          // What a kernel declines to do is done by others.
          if (family.equals(method.getDeclaringClass()) && !Boolean.FALSE.equals(result)) {
            record(method.getName(), nanos, arguments);
          }
          return result;
        };
    return family.cast(
        Proxy.newProxyInstance(family.getClassLoader(), new Class<?>[] {family}, handler));
  }

  private void record(String kernel, long nanos, Object[] arguments) {
    String name = kernel;
    long flops = 0;
    long bytes = 0;
    for (Object argument : arguments) {
      if (argument instanceof Buffer) {
        Buffer buffer = (Buffer) argument;
        boolean real = !(buffer.storage() instanceof int[]);
        bytes += (long) buffer.length() * (real ? realBytes() : Integer.BYTES);
      } else if (argument instanceof Normalization) {
        Buffer residual = ((Normalization) argument).residual();
        bytes += residual == null ? 0 : (long) residual.length() * realBytes();
      } else if (argument instanceof View) {
        bytes += bytes((View) argument);
      } else if (argument instanceof View[]) {
        bytes += bytes((View[]) argument);
      } else if (argument instanceof Cascade) {
        name = ((Cascade) argument).name();
      } else if (argument instanceof List) {
        for (Object sequence : (List<?>) argument) {
          for (Object call : (List<?>) sequence) {
            bytes += bytes(((Maps.Call) call).inputs()) + bytes(((Maps.Call) call).y());
          }
        }
        name += " " + firstName((List<?>) argument);
      } else if (argument instanceof Formula) {
        name += " " + ((Formula) argument).name();
      } else if (argument instanceof ConvShape) {
        ConvShape shape = (ConvShape) argument;
        flops = shape.flops();
        name +=
            " " + shape.r() + "x" + shape.s() + (shape.stride() > 1 ? "/" + shape.stride() : "");
      } else if (argument instanceof GemmShape) {
        GemmShape shape = (GemmShape) argument;
        flops = 2L * shape.batch() * shape.m() * shape.n() * shape.k();
      } else if (argument instanceof AttentionOperands) {
        AttentionOperands o = (AttentionOperands) argument;
        boolean forward = kernel.equals("attention");
        flops = o.flops(forward ? ATTENTION_PRODUCTS : ATTENTION_GRADIENT_PRODUCTS);
        for (View view : new View[] {o.query(), o.key(), o.value(), o.bias(), o.mask()}) {
          bytes += view == null ? 0 : bytes(view);
        }
      }
    }
    times.add(name, nanos, flops, bytes);
  }

  /** Of all views; some may be null. */
  private long bytes(View[] views) {
    long bytes = 0;
    for (View view : views) {
      bytes += view == null ? 0 : bytes(view);
    }
    return bytes;
  }

  /** The formula of the first of some sequences of calls. */
  private static String firstName(List<?> sequences) {
    for (Object sequence : sequences) {
      for (Object call : (List<?>) sequence) {
        return ((Maps.Call) call).formula().name();
      }
    }
    return "nothing";
  }

  /** Of the elements; what a view repeats counts once. */
  private long bytes(View view) {
    long elements = 1;
    for (int d = 0; d < view.dims().length; d++) {
      elements *= view.strides()[d] == 0 ? 1 : view.dims()[d];
    }
    return elements * elementBytes(view.type());
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public int realBytes() {
    return inner.realBytes();
  }

  @Override
  protected Object newStorage(DType type, int length) {
    return inner.newStorage(type, length);
  }

  @Override
  protected void write(Object source, int sourceOffset, DType type, Buffer target) {
    inner.write(source, sourceOffset, type, target);
  }

  @Override
  protected void read(Buffer source, DType type, Object target, int targetOffset) {
    inner.read(source, type, target, targetOffset);
  }
}
