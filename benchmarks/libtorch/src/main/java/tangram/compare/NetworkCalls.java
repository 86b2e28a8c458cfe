package tangram.compare;


import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tangram.compare.DryDevice.Call;
import tangram.nn.DropPath;
import tangram.nn.Init;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * The kernels that a network needs.
 *
 * @param forward those of a forward pass in training: both decoders and the embedding
 * @param backward those of all gradients by the parameters
 */
record NetworkCalls(List<Call> forward, List<Call> backward) {
  /** Those of the network that a configuration describes, for one batch. */
  static NetworkCalls of(TrainingConfig config) {
    DryDevice device = new DryDevice();
    PclMixNetwork network = new PclMixNetwork(new Init(device, 0), config.network());
    int size = config.imageSize();
    try (Scope scope = Scope.open()) {
      Tensor x = device.zeros(config.batch(), 1, size, size);
      DropPath.resampleAll(network, config.batch(), 0, 0, 0);
      device.takeCalls();
      PclMixNetwork.Output out = network.forward(x, true);
      List<Call> forward = device.takeCalls();
      Tensor all = out.main().sum().add(out.auxiliary().sum()).add(out.embedding().sum());
      device.takeCalls();
      all.backward();
      return new NetworkCalls(forward, device.takeCalls());
    }
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
