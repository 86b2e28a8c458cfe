package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** The devices of a backend. */
public interface TornadoBackend {
  /** What it compiles for. */
  TornadoVMBackendType getBackendType();

  /** Number of devices. */
  int getNumDevices();

  /** A device. */
  TornadoDevice getDevice(int index);
}
