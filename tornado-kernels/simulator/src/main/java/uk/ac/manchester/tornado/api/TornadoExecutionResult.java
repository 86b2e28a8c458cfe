package uk.ac.manchester.tornado.api;

import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** What an execution left. */
public class TornadoExecutionResult {
  private final Map<Object, TornadoNativeArray> onDevice;
  private final TornadoProfilerResult profile;

  TornadoExecutionResult(Map<Object, TornadoNativeArray> onDevice, TornadoProfilerResult profile) {
    this.onDevice = onDevice;
    this.profile = profile;
  }

  /** Copies arrays to the host. */
  public TornadoExecutionResult transferToHost(Object... objects) {
    for (Object o : objects) {
      TornadoNativeArray host = (TornadoNativeArray) o;
      host.copyFrom(onDevice.get(host));
      profile.out += 4L * host.getSize();
    }
    return this;
  }

  /** What the execution cost. */
  public TornadoProfilerResult getProfilerResult() {
    return profile;
  }
}
