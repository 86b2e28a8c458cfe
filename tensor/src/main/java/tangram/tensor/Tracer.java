package tangram.tensor;

import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.RecurrentOp;
import tangram.tensor.op.ResizeOptions;

/**
 * Is told what operations compute, so that a network can be written down as a graph for other
 * programs. While a tracer is {@linkplain #start started}, operations of its thread call a method
 * here with their operands, their result and their parameters. An operation that is made of others
 * lets these tell, and some compute by others only while they are traced. What an operation tells
 * last of a result holds; of one without a form here only {@link #computed} is told, with its name.
 *
 * <p>Null operands are those that were left out.
 */
public abstract class Tracer {
  private static final Tracer NONE = new Tracer() {};
  private static final GuardStack<Tracer> STARTED = new GuardStack<>("Tracer.start()");

  /** Creates a tracer, not yet started. */
  protected Tracer() {}

  /** The tracer of this thread; one that ignores everything where none was started. */
  public static Tracer current() {
    Tracer started = STARTED.current();
    return started == null ? NONE : started;
  }

  /** Follows the operations of this thread until the returned guard is closed. */
  public final Autograd.Guard start() {
    return STARTED.push(this);
  }

  /** Whether a tracer is started on this thread. */
  public static boolean isStarted() {
    return STARTED.current() != null;
  }

  /** How often the memory of a tensor was written to. */
  protected static int version(Tensor x) {
    return x.version();
  }

  /** An object that tensors share whose elements lie in one memory. */
  protected static Object memory(Tensor x) {
    return x.sharedMemory();
  }

  /** A formula gave y, element by element, of operands that were broadcast. */
  public void map(Formula formula, double[] numbers, Tensor[] x, Tensor y) {}

  /**
   * A formula, folded, gave y.
   *
   * @param folded which dimensions y lacks, or has with one element
   */
  public void fold(
      Reducer reducer, Formula formula, double[] numbers, boolean[] folded, Tensor[] x, Tensor y) {}

  /**
   * A cascade gave y.
   *
   * @param rows the dimensions with 1 where they are folded
   * @param x its inputs, each in the shape of the same place of dims
   * @param result which operand of the cascade y is, in another shape perhaps
   */
  public void cascade(
      Cascade cascade,
      double[] numbers,
      int[] rows,
      Tensor[] x,
      int[][] dims,
      int result,
      Tensor y) {}

  /**
   * Matrices, [in, out] in row-major order, were applied along the last dimensions; null stands for
   * the identity.
   */
  public void resample(Tensor x, double[][] matrices, Tensor y) {}

  /** An operation gave y; what the numbers mean depends on its name. */
  public void operation(String name, Tensor y, Tensor[] x, double... numbers) {}

  /** An operation gave y; told of all that can be differentiated, with operands in the name. */
  public void computed(String signature, Tensor y) {}

  /** Elements were overwritten by what was computed from others. */
  public void overwritten(Tensor y, Tensor[] x) {}

  /** Elements are copied to host memory, where nobody can follow them. */
  public void read(Tensor x) {}

  /** {@link tangram.tensor.op.PoolOp#maxPoolWithIndices} gave y and the places. */
  public void maxPoolWithIndices(
      int rank, Tensor x, PoolOptions options, Tensor y, Tensor places) {}

  /** {@link tangram.tensor.op.RecurrentOp} gave y. */
  public void recurrent(
      RecurrentOp.Cell cell,
      Tensor x,
      Tensor state,
      Tensor memory,
      Tensor weight,
      Tensor bias,
      boolean reverse,
      Tensor y) {}

  /** {@link tangram.tensor.op.PoolOp#avgPool} gave y. */
  public void averagePool(int rank, Tensor x, PoolOptions options, Tensor y) {}

  /** {@link tangram.tensor.op.ConvOp} gave y; bias may be null. */
  public void conv(
      Tensor x, Tensor weight, Tensor bias, ConvOptions options, boolean transposed, Tensor y) {}

  /** {@link tangram.tensor.op.NormOp} with fixed statistics gave y; residual may be null. */
  public void batchNormInference(
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor var,
      double eps,
      boolean relu,
      Tensor y) {}

  /** {@link tangram.tensor.op.PoolOp#maxPool} gave y. */
  public void maxPool(int rank, Tensor x, PoolOptions options, Tensor y) {}

  /**
   * {@link tangram.tensor.op.ResizeOp#resize} gave y.
   *
   * @param scales null where the new sizes were given
   */
  public void resize(Tensor x, double[] scales, ResizeOptions options, Tensor y) {}

  /** {@link tangram.tensor.op.JoinOp} joined parts to y. */
  public void cat(Tensor[] parts, int dim, Tensor y) {}
}
