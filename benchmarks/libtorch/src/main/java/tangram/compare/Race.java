package tangram.compare;

import java.util.Arrays;

/**
 * Times the two sides of a case alternately, so that whatever slows the machine for a while slows
 * both. Who begins alternates too. The fastest turn of each counts: others can only slow it.
 */
final class Race {
  /** Calls before measuring, at least, so that lazily made things are made. */
  private static final int WARM_UP_CALLS = 2;

  private static final int MAX_CALLS = 10_000;

  /**
   * Rest between turns: idle threads of an OpenMP or of our pool spin before they sleep, GNU's for
   * up to some 15 ms, and would take a core from the other side.
   */
  private static final long REST_MILLIS = 30;

  /** A call longer than this needs no call before it to fetch data and wake threads. */
  private static final double LONG_SECONDS = 0.5;

  private final Pace pace;

  Race(Pace pace) {
    this.pace = pace;
  }

  /** Seconds a call of each side. */
  record Times(double ours, double theirs) {
    double ratio() {
      return ours / theirs;
    }
  }

  /** Runs a side for a time, at least twice; returns the seconds of its fastest call. */
  static double warmUp(Runnable side, double seconds) {
    double best = Double.MAX_VALUE;
    long start = System.nanoTime();
    for (int i = 0; i < WARM_UP_CALLS || secondsSince(start) < seconds; i++) {
      best = Math.min(best, time(side, 1));
    }
    return best;
  }

  Times run(Case c) {
    int ourCalls = calls(warmUp(c::ours, pace.warmUpSeconds()));
    int theirCalls = calls(warmUp(c::theirs, pace.warmUpSeconds()));
    double[] ours = new double[pace.rounds()];
    double[] theirs = new double[pace.rounds()];
    for (int i = 0; i < pace.rounds(); i++) {
      if (i % 2 == 0) {
        ours[i] = turn(c::ours, ourCalls);
        theirs[i] = turn(c::theirs, theirCalls);
      } else {
        theirs[i] = turn(c::theirs, theirCalls);
        ours[i] = turn(c::ours, ourCalls);
      }
    }
    return new Times(fastest(ours), fastest(theirs));
  }

  private int calls(double seconds) {
    return (int) Math.max(1, Math.min(MAX_CALLS, Math.ceil(pace.roundSeconds() / seconds)));
  }

  private static double turn(Runnable side, int calls) {
    rest();
    double first = time(side, 1);
    return calls == 1 && first > LONG_SECONDS ? first : time(side, calls);
  }

  private static double time(Runnable side, int calls) {
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      side.run();
    }
    return secondsSince(start) / calls;
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  private static void rest() {
    try {
      Thread.sleep(REST_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nothing interrupts a measurement", e);
    }
  }

  private static double fastest(double[] turns) {
    return Arrays.stream(turns).min().orElseThrow();
  }
}
