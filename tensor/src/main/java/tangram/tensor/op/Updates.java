package tangram.tensor.op;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final Map<Device, List<List<Maps.Call>>> sequences = new LinkedHashMap<>();
  private List<Maps.Call> sequence;

  /** Creates a list of nothing to do. */
  public Updates() {}

  /** Begins another sequence. */
  public Updates next() {
    sequence = null;
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
    if (sequence == null) {
      sequence = new ArrayList<>();
      sequences.computeIfAbsent(y.device(), device -> new ArrayList<>()).add(sequence);
    }
    View[] views = MapOp.views(formula, y.shape(), x);
    sequence.add(new Maps.Call(formula, parameters, views, y.asViewToWrite()));
    Tracer.current().overwritten(y, x);
    return this;
  }

  /** Does what was added, and begins anew. */
  public void run() {
    sequences.forEach((device, all) -> device.kernels().maps().mapAll(all));
    sequences.clear();
    sequence = null;
  }
}
