package tangram.tensor;

import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;

/**
 * Is told what operations compute, so that a network can be written down as a graph for other
 * programs. While a tracer is {@linkplain #start started}, operations of its thread that have a
 * method here call it with their operands, their result and their parameters; other operations tell
 * nothing, so a tracer has to refuse a tensor whose origin it was not told.
 *
 * <p>The parameters hold for inputs of every size: a graph traced with one image serves others.
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
