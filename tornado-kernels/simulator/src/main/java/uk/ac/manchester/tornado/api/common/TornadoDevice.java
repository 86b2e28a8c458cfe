package uk.ac.manchester.tornado.api.common;

import uk.ac.manchester.tornado.api.TornadoTargetDevice;

/** What computes. */
public interface TornadoDevice {
  /** The device's name. */
  String getDeviceName();

  /** The hardware behind it. */
  TornadoTargetDevice getPhysicalDevice();

  /** Bytes of its memory. */
  long getMaxGlobalMemory();

  /** Bytes of the largest array that it can hold. */
  long getMaxAllocMemory();
}
