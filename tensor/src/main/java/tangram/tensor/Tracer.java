package tangram.tensor;

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

  /** {@link tangram.tensor.op.Conv2dOp} gave y; bias may be null. */
  public void conv2d(Tensor x, Tensor weight, Tensor bias, int stride, int padding, Tensor y) {}

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

  /** {@link tangram.tensor.op.MaxPool2dOp} gave y. */
  public void maxPool2d(Tensor x, int kernel, int stride, int padding, Tensor y) {}

  /** {@link tangram.tensor.op.UpsampleNearestOp} gave y. */
  public void upsampleNearest2x(Tensor x, Tensor y) {}

  /** {@link tangram.tensor.op.JoinOp} joined parts to y. */
  public void cat(Tensor[] parts, int dim, Tensor y) {}
}
