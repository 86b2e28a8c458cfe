package uk.ac.manchester.tornado.api;

/** The hardware behind a device. */
public interface TornadoTargetDevice {
  /** The hardware's name. */
  String getDeviceName();
}
