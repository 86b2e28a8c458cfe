package tangram.tensor.reference;

import tangram.tensor.Buffer;
import tangram.tensor.Device;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.Convolution;
import tangram.tensor.kernel.Elementwise;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.Layout;
import tangram.tensor.kernel.LinearAlgebra;
import tangram.tensor.kernel.Loss;
import tangram.tensor.kernel.Normalization;
import tangram.tensor.kernel.Optimizer;
import tangram.tensor.kernel.Reduction;

/** The device {@code reference}: one thread, double precision, plain loops. */
public final class ReferenceDevice extends Device {
  private final Kernels kernels = new ReferenceKernels();

  /** Creates a device with memory of its own. */
  public ReferenceDevice() {
    super(double[]::new, int[]::new);
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "one thread, double precision, plain loops: the specification";
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public int realBytes() {
    return Double.BYTES;
  }

  @Override
  protected void write(double[] source, int sourceOffset, Buffer target) {
    System.arraycopy(source, sourceOffset, target.doubles(), target.offset(), target.length());
  }

  @Override
  protected void write(float[] source, int sourceOffset, Buffer target) {
    for (int i = 0; i < target.length(); i++) {
      target.doubles()[target.offset() + i] = source[sourceOffset + i];
    }
  }

  @Override
  protected void write(int[] source, int sourceOffset, Buffer target) {
    System.arraycopy(source, sourceOffset, target.ints(), target.offset(), target.length());
  }

  @Override
  protected void read(Buffer source, double[] target, int targetOffset) {
    System.arraycopy(source.doubles(), source.offset(), target, targetOffset, source.length());
  }

  @Override
  protected void read(Buffer source, float[] target, int targetOffset) {
    for (int i = 0; i < source.length(); i++) {
      target[targetOffset + i] = (float) source.doubles()[source.offset() + i];
    }
  }

  @Override
  protected void read(Buffer source, int[] target, int targetOffset) {
    System.arraycopy(source.ints(), source.offset(), target, targetOffset, source.length());
  }

  /** One object per kernel family; none of them has any state. */
  private static final class ReferenceKernels implements Kernels {
    private final LinearAlgebra linearAlgebra = new ReferenceLinearAlgebra();
    private final Convolution convolution = new ReferenceConvolution();
    private final Normalization normalization = new ReferenceNormalization();
    private final Elementwise elementwise = new ReferenceElementwise();
    private final Reduction reduction = new ReferenceReduction();
    private final Layout layout = new ReferenceLayout();
    private final Attention attention = new ReferenceAttention();
    private final Loss loss = new ReferenceLoss();
    private final Optimizer optimizer = new ReferenceOptimizer();

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
  }
}
