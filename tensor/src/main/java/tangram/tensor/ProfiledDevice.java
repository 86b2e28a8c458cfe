package tangram.tensor;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionShape;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Elementwise;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.LinearAlgebra;
import tangram.tensor.kernel.Loss;
import tangram.tensor.kernel.Normalization;
import tangram.tensor.kernel.Optimizer;
import tangram.tensor.kernel.Reduction;

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
  private final Kernels kernels;

  /** Wraps a device; tensors made on the wrapper belong to the wrapper. */
  public ProfiledDevice(Device inner) {
    super(inner.newReals(), inner.newInts());
    this.inner = inner;
    this.kernels = timed(inner.kernels());
  }

  /** What the kernels have cost so far. */
  public KernelTimes times() {
    return times;
  }

  private Kernels timed(Kernels k) {
    LinearAlgebra linearAlgebra = timed(LinearAlgebra.class, k.linearAlgebra());
    Convolution convolution = timed(Convolution.class, k.convolution());
    Normalization normalization = timed(Normalization.class, k.normalization());
    Elementwise elementwise = timed(Elementwise.class, k.elementwise());
    Reduction reduction = timed(Reduction.class, k.reduction());
    Layout layout = timed(Layout.class, k.layout());
    Attention attention = timed(Attention.class, k.attention());
    Loss loss = timed(Loss.class, k.loss());
    Optimizer optimizer = timed(Optimizer.class, k.optimizer());
    return new Kernels() {
      @Override
      public LinearAlgebra linearAlgebra() {
        return linearAlgebra;
      }

      @Override
      public Convolution convolution() {
        return convolution;
      }

      @Override
      public Normalization normalization() {
        return normalization;
      }

      @Override
      public Elementwise elementwise() {
        return elementwise;
      }

      @Override
      public Reduction reduction() {
        return reduction;
      }

      @Override
      public Layout layout() {
        return layout;
      }

      @Override
      public Attention attention() {
        return attention;
      }

      @Override
      public Loss loss() {
        return loss;
      }

      @Override
      public Optimizer optimizer() {
        return optimizer;
      }
    };
  }

  private <T> T timed(Class<T> family, T target) {
    return family.cast(
        Proxy.newProxyInstance(
            family.getClassLoader(),
            new Class<?>[] {family},
            (proxy, method, arguments) -> {
              long start = System.nanoTime();
              try {
                return method.invoke(target, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              } finally {
                long nanos = System.nanoTime() - start;
                if (family.equals(method.getDeclaringClass())) {
                  record(method.getName(), nanos, arguments);
                }
              }
            }));
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
      } else if (argument instanceof ConvShape) {
        ConvShape shape = (ConvShape) argument;
        flops = shape.flops();
        name +=
            " " + shape.r() + "x" + shape.s() + (shape.stride() > 1 ? "/" + shape.stride() : "");
      } else if (argument instanceof GemmShape) {
        GemmShape shape = (GemmShape) argument;
        flops = 2L * shape.batch() * shape.m() * shape.n() * shape.k();
      } else if (argument instanceof AttentionShape) {
        AttentionShape shape = (AttentionShape) argument;
        long product =
            2L
                * shape.windows()
                * shape.heads()
                * shape.tokens()
                * shape.tokens()
                * shape.headDim();
        flops =
            product
                * (kernel.equals("windowAttention")
                    ? ATTENTION_PRODUCTS
                    : ATTENTION_GRADIENT_PRODUCTS);
      }
    }
    times.add(name, nanos, flops, bytes);
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
  protected void write(double[] source, int sourceOffset, Buffer target) {
    inner.write(source, sourceOffset, target);
  }

  @Override
  protected void write(float[] source, int sourceOffset, Buffer target) {
    inner.write(source, sourceOffset, target);
  }

  @Override
  protected void write(int[] source, int sourceOffset, Buffer target) {
    inner.write(source, sourceOffset, target);
  }

  @Override
  protected void read(Buffer source, double[] target, int targetOffset) {
    inner.read(source, target, targetOffset);
  }

  @Override
  protected void read(Buffer source, float[] target, int targetOffset) {
    inner.read(source, target, targetOffset);
  }

  @Override
  protected void read(Buffer source, int[] target, int targetOffset) {
    inner.read(source, target, targetOffset);
  }
}
