package tangram.examples;

import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/**
 * An operation of one's own: a formula. Its kernels, on any device, and its derivative come from
 * it, and it is one pass over memory where the same as calls of methods would be five.
 */
public final class CustomOperation {
  /** Smooth L1 of the difference of two arrays with a number beta. */
  private static final Formula SMOOTH_L1 =
      Formula.of(
          2,
          1,
          (x, p) -> {
            var d = x[0].sub(x[1]).abs();
            return tangram.tensor.expr.Expr.where(
                d.lt(p[0]), d.square().div(p[0].mul(2)), d.sub(p[0].mul(0.5)));
          });

  private CustomOperation() {}

  static Tensor smoothL1(Tensor x, Tensor y, double beta) {
    return MapOp.map("smoothL1", SMOOTH_L1, new double[] {beta}, x, y);
  }

  /** Prints values and gradients. */
  public static void main(String[] args) {
    Device device = Devices.get(args.length == 0 ? "vector" : args[0]);
    Tensor x = device.linspace(-2, 2, 9).requireGrad();
    Tensor loss = smoothL1(x, device.zeros(9), 1);
    System.out.println(loss);
    loss.sum().backward();
    System.out.println(x.grad());
  }
}
