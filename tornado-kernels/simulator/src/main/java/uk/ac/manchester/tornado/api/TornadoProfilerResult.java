package uk.ac.manchester.tornado.api;

/** Bytes that an execution moved. */
public class TornadoProfilerResult {
  long in;
  long out;

  TornadoProfilerResult() {}

  /** Bytes copied to the device. */
  public long getTotalBytesCopyIn() {
    return in;
  }

  /** Bytes copied to the host. */
  public long getTotalBytesCopyOut() {
    return out;
  }

  /** Nanoseconds that the device computed: none, on the JVM. */
  public long getDeviceKernelTime() {
    return 0;
  }
}
