package tangram.tornado;

import java.util.List;
import java.util.function.Supplier;

/** Runs calls of kernels, now or as part of a recording. */
interface Launcher {
  /** Runs a call. */
  void launch(Launch launch);

  /**
   * Runs calls of one kernel that do not depend on each other.
   *
   * @param together the kernel that makes several of these calls, for recordings
   */
  default void launchAll(Supplier<Kernel> together, List<Launch> launches) {
    launches.forEach(this::launch);
  }

  /**
   * Where at least a number of real values may be left by one kernel for the next. There is one
   * such place, so what lies there is lost when another operation asks for it. Its contents at
   * first are arbitrary.
   */
  int scratch(int elements);

  /** As {@link #scratch}, of integers. */
  int intScratch(int elements);
}
