package tangram.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tangram.compare.DryDevice.Call;
import tangram.nn.DropPath;
import tangram.nn.Init;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Autograd;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.kernel.GemmShape;

/**
 * The kernels that a network needs.
 *
 * @param forward those of a forward pass in training: both decoders and the embedding
 * @param backward those of all gradients by the parameters
 * @param concatenations of two arrays each: rows, and the two numbers of columns
 */
record NetworkCalls(List<Call> forward, List<Call> backward, List<List<Integer>> concatenations) {
  private static final class Concatenations extends Tracer {
    final List<List<Integer>> found = new ArrayList<>();

    @Override
    public void cat(Tensor[] parts, int dim, Tensor y) {
      if (parts[0].size() == 0 || parts[1].size() == 0) {
        // A roll by nothing.
        return;
      }
      int rows = 1;
      for (int d = 0; d < Math.floorMod(dim, y.shape().rank()); d++) {
        rows *= y.dim(d);
      }
      found.add(List.of(rows, parts[0].size() / rows, parts[1].size() / rows));
    }
  }

  /** Those of the network that a configuration describes, for one batch. */
  static NetworkCalls of(TrainingConfig config) {
    DryDevice device = new DryDevice();
    PclMixNetwork network = new PclMixNetwork(new Init(device, 0), config.network());
    int size = config.imageSize();
    try (Scope scope = Scope.open()) {
      Tensor x = device.zeros(config.batch(), 1, size, size);
      DropPath.resampleAll(network, config.batch(), 0, 0, 0);
      device.takeCalls();
      // Traced, operations are made of others, which have names in other programs too.
      Concatenations concatenations = new Concatenations();
      try (Autograd.Guard guard = concatenations.start()) {
        network.forward(x, true);
      }
      device.takeCalls();
      PclMixNetwork.Output out = network.forward(x, true);
      List<Call> forward = device.takeCalls();
      Tensor all = out.main().sum().add(out.auxiliary().sum()).add(out.embedding().sum());
      device.takeCalls();
      all.backward();
      return new NetworkCalls(forward, device.takeCalls(), concatenations.found);
    }
  }

  /** The matrix products among calls, with or without a bias, and how often each occurs. */
  static Map<GemmShape, Integer> products(List<Call> calls) {
    Map<GemmShape, Integer> counts = new LinkedHashMap<>();
    for (String kernel : List.of("gemm", "linear", "linearGradient")) {
      count(calls, kernel, c -> c.get(0, GemmShape.class))
          .forEach((shape, n) -> counts.merge(shape, n, Integer::sum));
    }
    return counts;
  }

  /**
   * Counts different things among calls of one kernel.
   *
   * @param what the thing that a call is about
   * @return how often each occurs, in order of the first
   */
  static <T> Map<T, Integer> count(List<Call> calls, String kernel, Function<Call, T> what) {
    Map<T, Integer> counts = new LinkedHashMap<>();
    for (Call call : calls) {
      if (call.kernel().equals(kernel)) {
        counts.merge(what.apply(call), 1, Integer::sum);
      }
    }
    return counts;
  }
}
