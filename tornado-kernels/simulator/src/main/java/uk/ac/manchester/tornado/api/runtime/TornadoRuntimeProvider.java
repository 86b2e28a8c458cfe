package uk.ac.manchester.tornado.api.runtime;

import uk.ac.manchester.tornado.api.TornadoRuntime;

/** Gives the runtime. */
public final class TornadoRuntimeProvider {
  private static final TornadoRuntime RUNTIME = new SimulatedRuntime();

  private TornadoRuntimeProvider() {}

  /** The runtime. */
  public static TornadoRuntime getTornadoRuntime() {
    return RUNTIME;
  }
}
