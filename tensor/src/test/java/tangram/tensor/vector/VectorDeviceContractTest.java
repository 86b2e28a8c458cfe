package tangram.tensor.vector;

import tangram.tensor.Device;
import tangram.tensor.contract.DeviceContract;
import tangram.tensor.vector.runtime.Parallel;

/** The vector device keeps the contract, with any number of threads. */
class VectorDeviceContractTest extends DeviceContract {
  private static final Device DEVICE = new VectorDevice();

  @Override
  protected Device device() {
    return DEVICE;
  }

  @Override
  protected int[] threadCounts() {
    return new int[] {1, 2, 3};
  }

  @Override
  protected void withThreads(int threads, Runnable body) {
    int before = Parallel.threads();
    Parallel.setThreads(threads);
    try {
      body.run();
    } finally {
      Parallel.setThreads(before);
    }
  }
}
