package uk.ac.manchester.tornado.api;

/** The backends of this machine. */
public interface TornadoRuntime {
  /** Number of backends. */
  int getNumBackends();

  /** A backend. */
  TornadoBackend getBackend(int index);
}
