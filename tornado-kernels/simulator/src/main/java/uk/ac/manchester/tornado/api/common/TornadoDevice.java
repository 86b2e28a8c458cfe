package uk.ac.manchester.tornado.api.common;

import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** What computes. */
public interface TornadoDevice {
  /** The device's name. */
  String getDeviceName();

  /** What its backend compiles for. */
  TornadoVMBackendType getTornadoVMBackend();

  /** The hardware behind it. */
  TornadoTargetDevice getPhysicalDevice();

  /** Bytes of its memory. */
  long getMaxGlobalMemory();

  /** Bytes of the largest array that it can hold. */
  long getMaxAllocMemory();
}
