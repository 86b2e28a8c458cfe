package tangram.tensor.contract;

import org.junit.jupiter.api.Nested;
import tangram.tensor.Device;

/**
 * Everything a device must be able to do. Its test is
 *
 * <pre>{@code
 * class VectorDeviceTest extends DeviceContract {
 *   private static final Device DEVICE = new VectorDevice();
 *
 *   protected Device device() {
 *     return DEVICE;
 *   }
 * }
 * }</pre>
 *
 * <p>To run it alone with Maven, name the inherited parts too: {@code
 * -Dtest='VectorDeviceTest,DeviceContract*'}.
 */
public abstract class DeviceContract {
  /** The device under test, the same one at every call. */
  protected abstract Device device();

  /**
   * Numbers of threads under which every result must have the same bits; empty where the device has
   * no such setting.
   */
  protected int[] threadCounts() {
    return new int[0];
  }

  /** Runs something while the device uses the given number of threads. */
  protected void withThreads(int threads, Runnable body) {
    throw new UnsupportedOperationException("override this together with threadCounts()");
  }

  @Nested
  class Memory extends MemoryContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class MapsOfFormulas extends MapsContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class IndexingOfViews extends IndexingContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class Programs extends ProgramsContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class SingleCalls extends CallsContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class NotANumber extends NotANumberContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class LinearAlgebras extends LinearAlgebraContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class Convolutions extends ConvolutionContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class Layouts extends LayoutContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class Resamplings extends ResamplingContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class Attentions extends AttentionContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class Operations extends OperationsContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }
  }

  @Nested
  class Determinism extends DeterminismContract {
    @Override
    protected Device device() {
      return DeviceContract.this.device();
    }

    @Override
    protected int[] threadCounts() {
      return DeviceContract.this.threadCounts();
    }

    @Override
    protected void withThreads(int threads, Runnable body) {
      DeviceContract.this.withThreads(threads, body);
    }
  }
}
