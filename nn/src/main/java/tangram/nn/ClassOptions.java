package tangram.nn;

import tangram.tensor.Tensor;
import tangram.tensor.op.CrossEntropyOp;
import tangram.tensor.op.CrossEntropyOp.Reduction;

/**
 * How a loss counts classes.
 *
 * @param weight of the classes [C], or null
 * @param ignoreIndex target of samples that do not count
 * @param labelSmoothing how much of the target is spread over all classes, 0 to 1
 * @param reduction what becomes of the losses of samples
 */
public record ClassOptions(
    Tensor weight, int ignoreIndex, double labelSmoothing, Reduction reduction) {
  /** PyTorch's: no weights, index -100 ignored, no smoothing, the mean. */
  public static final ClassOptions DEFAULT =
      new ClassOptions(null, CrossEntropyOp.IGNORED, 0, Reduction.MEAN);

  /** Other weights of the classes. */
  public ClassOptions weight(Tensor weight) {
    return new ClassOptions(weight, ignoreIndex, labelSmoothing, reduction);
  }

  /** Another target of samples that do not count. */
  public ClassOptions ignoreIndex(int ignoreIndex) {
    return new ClassOptions(weight, ignoreIndex, labelSmoothing, reduction);
  }

  /** Another smoothing. */
  public ClassOptions labelSmoothing(double labelSmoothing) {
    return new ClassOptions(weight, ignoreIndex, labelSmoothing, reduction);
  }

  /** Another reduction. */
  public ClassOptions reduction(Reduction reduction) {
    return new ClassOptions(weight, ignoreIndex, labelSmoothing, reduction);
  }
}
