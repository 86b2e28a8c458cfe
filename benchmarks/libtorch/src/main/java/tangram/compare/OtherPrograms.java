package tangram.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** How busy other programs keep the machine, from Linux's {@code /proc/stat}. */
final class OtherPrograms {
  private static final long LOOK_MILLIS = 1000;

  /** Positions of idle and waiting time among the numbers of the first line. */
  private static final int IDLE = 3;

  private static final int WAITING = 4;

  /** User, nice, system, idle, waiting, two of interrupts, and stolen by other machines. */
  private static final int KINDS = 8;

  private OtherPrograms() {}

  /** The share of all processors' time that is used while this thread sleeps for a second. */
  static double share() {
    long[] before = times();
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nothing interrupts a measurement", e);
    }
    long[] after = times();
    long unused = after[IDLE] + after[WAITING] - before[IDLE] - before[WAITING];
    long all = Arrays.stream(after).sum() - Arrays.stream(before).sum();
    return 1 - (double) unused / all;
  }

  private static long[] times() {
    try {
      String first = Files.readAllLines(Path.of("/proc/stat")).get(0);
      return Arrays.stream(first.split("\\s+"))
          .skip(1)
          .limit(KINDS)
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
