package tangram.tornado;

/** Runs calls of kernels, now or as part of a recording. */
@FunctionalInterface
interface Launcher {
  /** Runs a call. */
  void launch(Launch launch);
}
