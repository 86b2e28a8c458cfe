package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** The devices of a backend. */
public interface TornadoBackend {
  /** The backend's name. */
  String getName();

  /** Number of devices. */
  int getNumDevices();

  /** A device. */
  TornadoDevice getDevice(int index);
}
