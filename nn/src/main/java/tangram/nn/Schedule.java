package tangram.nn;

import java.util.Arrays;

/**
 * The learning rate of every step, a function of the number of steps done: a resumed run needs
 * nothing but its step. Steps are counted from 0. Names and formulas are those of {@code
 * torch.optim.lr_scheduler}; {@link Plateau} follows a score instead.
 */
@FunctionalInterface
public interface Schedule {
  /** The rate of a step. */
  double at(long step);

  /** The same rate for ever. */
  static Schedule constant(double rate) {
    return step -> rate;
  }

  /** {@code rate gamma^(step / stepSize)}, the quotient rounded down: StepLR. */
  static Schedule step(double rate, long stepSize, double gamma) {
    requireSteps(stepSize);
    return step -> rate * Math.pow(gamma, Math.floorDiv(step, stepSize));
  }

  /** Times gamma from each milestone on: MultiStepLR. */
  static Schedule multiStep(double rate, double gamma, long... milestones) {
    long[] sorted = milestones.clone();
    Arrays.sort(sorted);
    return step -> rate * Math.pow(gamma, Arrays.stream(sorted).filter(m -> m <= step).count());
  }

  /** {@code rate gamma^step}: ExponentialLR. */
  static Schedule exponential(double rate, double gamma) {
    return step -> rate * Math.pow(gamma, step);
  }

  /** From {@code rate startFactor} to {@code rate endFactor} in equal parts: LinearLR. */
  static Schedule linear(double rate, double startFactor, double endFactor, long steps) {
    requireSteps(steps);
    return step -> {
      double done = Math.min(1, (double) step / steps);
      return rate * (startFactor + (endFactor - startFactor) * done);
    };
  }

  /**
   * {@code end + (start - end) (1 - step / steps)^power}: PolynomialLR, which ends at 0.
   *
   * @param start rate of the first step
   * @param end rate after the last step
   */
  static Schedule polynomial(double start, double end, long steps, double power) {
    requireSteps(steps);
    return step -> {
      double left = Math.max(0, 1 - (double) step / steps);
      return end + (start - end) * Math.pow(left, power);
    };
  }

  /**
   * Half a cosine from a rate to another, which then stays: CosineAnnealingLR (Loshchilov and
   * Hutter 2017).
   */
  static Schedule cosine(double start, double end, long steps) {
    requireSteps(steps);
    return step -> cosineBetween(start, end, Math.min(1, (double) step / steps));
  }

  /**
   * Half cosines, each followed by a jump back to the start: CosineAnnealingWarmRestarts.
   *
   * @param first length of the first one in steps
   * @param factor by which each is longer than the one before, 1 or more
   */
  static Schedule cosineWarmRestarts(double start, double end, long first, int factor) {
    requireSteps(first);
    if (factor < 1) {
      throw new IllegalArgumentException(
          "every cosine is at least as long as the last, not " + factor);
    }
    return step -> {
      long length = first;
      long within = step;
      if (factor == 1) {
        within = step % first;
      } else {
        while (within >= length) {
          within -= length;
          length = Math.multiplyExact(length, factor);
        }
      }
      return cosineBetween(start, end, (double) within / length);
    };
  }

  /**
   * From {@code maxRate / 25} up to maxRate in the first three tenths, then down to {@code maxRate
   * / 250000}, both by half a cosine: OneCycleLR with its defaults (Smith and Topin 2018).
   */
  static Schedule oneCycle(double maxRate, long steps) {
    return oneCycle(maxRate, steps, 0.3, 25, 1e4);
  }

  /**
   * OneCycleLR.
   *
   * @param pctStart the part of the steps in which the rate rises
   * @param divFactor the first rate is maxRate divided by it
   * @param finalDivFactor the last rate is the first divided by it
   */
  static Schedule oneCycle(
      double maxRate, long steps, double pctStart, double divFactor, double finalDivFactor) {
    if (steps < 2 || !(pctStart > 0 && pctStart < 1) || pctStart * steps <= 1) {
      throw new IllegalArgumentException(
          "a cycle of %d steps cannot rise in a part of %s of them".formatted(steps, pctStart));
    }
    double start = maxRate / divFactor;
    double top = pctStart * steps - 1;
    double last = steps - 1;
    return step ->
        step <= top
            ? cosineBetween(start, maxRate, step / top)
            : cosineBetween(
                maxRate, start / finalDivFactor, Math.min(1, (step - top) / (last - top)));
  }

  /**
   * One schedule after another, each of which counts steps from its own beginning: SequentialLR.
   *
   * @param milestones the steps at which the second, third, ... begin
   */
  static Schedule sequential(long[] milestones, Schedule... schedules) {
    if (milestones.length != schedules.length - 1) {
      throw new IllegalArgumentException(
          "%d schedules need %d milestones, not %d"
              .formatted(schedules.length, schedules.length - 1, milestones.length));
    }
    long[] begins = new long[schedules.length];
    System.arraycopy(milestones, 0, begins, 1, milestones.length);
    for (int i = 1; i < begins.length; i++) {
      if (begins[i] <= begins[i - 1]) {
        throw new IllegalArgumentException(
            "milestones must grow from above 0: " + Arrays.toString(milestones));
      }
    }
    return step -> {
      int i = schedules.length - 1;
      while (begins[i] > step) {
        i--;
      }
      return schedules[i].at(step - begins[i]);
    };
  }

  /**
   * This schedule, with rates that rise in equal parts from 0 during the first steps: step t has
   * {@code (t + 1) / (steps + 1)} of its rate.
   */
  default Schedule warmUp(long steps) {
    requireSteps(steps);
    return step -> at(step) * Math.min(1, (step + 1.0) / (steps + 1.0));
  }

  private static double cosineBetween(double start, double end, double done) {
    return end + (start - end) * (1 + Math.cos(Math.PI * done)) / 2;
  }

  private static void requireSteps(long steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("a schedule needs at least one step, not " + steps);
    }
  }
}
