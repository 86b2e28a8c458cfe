package tangram.tensor.op;

import java.util.Arrays;
import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** The same elements in the same order under another shape; the memory is shared. */
public final class ReshapeOp {
  private ReshapeOp() {}

  /**
   * Views a tensor under another shape.
   *
   * @param x any shape
   * @param dims the new dimensions, of as many elements; one of them may be -1
   */
  public static Tensor reshape(Tensor x, int... dims) {
    long known = 1;
    int open = -1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] != -1) {
        known *= dims[i];
      } else {
        Checks.that(open < 0, () -> "reshape: only one dimension can be -1");
        open = i;
      }
    }
    int[] full = dims.clone();
    if (open >= 0) {
      long rest = known;
      Checks.that(
          rest > 0 && x.size() % rest == 0,
          () -> "reshape: " + x.shape() + " to " + Arrays.toString(dims) + " leaves the -1 open");
      full[open] = (int) (x.size() / rest);
    }
    Shape before = x.shape();
    Tensor y = x.view(Shape.of(full));
    return Autograd.record(
        "reshape(x)", y, new Tensor[] {x}, new Tensor[0], gy -> new Tensor[] {gy.view(before)});
  }
}
