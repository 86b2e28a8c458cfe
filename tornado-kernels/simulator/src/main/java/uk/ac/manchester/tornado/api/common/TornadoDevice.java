package uk.ac.manchester.tornado.api.common;

/** What computes. */
public interface TornadoDevice {
  /** The device's name. */
  String getDeviceName();

  /** Bytes of its memory. */
  long getMaxGlobalMemory();

  /** Bytes of the largest array that it can hold. */
  long getMaxAllocMemory();
}
