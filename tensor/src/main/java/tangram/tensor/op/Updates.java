package tangram.tensor.op;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Maps;

/**
 * Tensors to overwrite with values of formulas, outside the graph, together where the device can:
 * the parameters of a network, for instance. They form sequences; none overwrites what another
 * reads or overwrites.
 *
 * <pre>{@code
 * Updates updates = new Updates();
 * for (Tensor p : parameters) {
 *   updates.next().into(p, HALVED, NONE, p);
 * }
 * updates.run();
 * }</pre>
 */
public final class Updates {
  private final List<List<Maps.Call>> sequences = new ArrayList<>();
  private Device device;

  /** Creates a list of nothing to do. */
  public Updates() {}

  /** Begins another sequence. */
  public Updates next() {
    sequences.add(new ArrayList<>());
    return this;
  }

  /**
   * Adds to the sequence what {@link MapOp#into} does; the operands have to live until {@link
   * #run}.
   *
   * @param y may be one of the operands, and must not overlap them otherwise
   * @param x of shapes that are repeated to that of y
   */
  public Updates into(Tensor y, Formula formula, double[] parameters, Tensor... x) {
    device = y.device();
    View[] views = MapOp.views(formula, y.shape(), x);
    sequences
        .get(sequences.size() - 1)
        .add(new Maps.Call(formula, parameters, views, y.asViewToWrite()));
    Tracer.current().overwritten(y, x);
    return this;
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return sequences.isEmpty();
  }

  /** Does what was added, and begins anew. */
  public void run() {
    if (device != null) {
      device.kernels().maps().mapAll(sequences);
    }
    sequences.clear();
    device = null;
  }
}
