package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final double[] SCORES = {
    1, 0.9, 0.95, 0.899, 0.95, 0.96, 0.97, 0.98, 0.5, 0.6, 0.7, Double.NaN, 0.8, 0.9
  };

  private static void check(String name, Schedule schedule) {
    double[] expected = TorchNumbers.of(name);
    for (int t = 0; t < expected.length; t++) {
      assertEquals(expected[t], schedule.at(t), 1e-15, name + ", step " + t);
    }
  }

  @Test
  void ratesAsInPyTorch() {
    check("step", Schedule.step(0.1, 4, 0.5));
    check("multiStep", Schedule.multiStep(0.1, 0.1, 7, 3));
    check("exponential", Schedule.exponential(0.1, 0.9));
    check("linear", Schedule.linear(0.1, 0.25, 0.75, 6));
    check("polynomial", Schedule.polynomial(0.1, 0, 10, 0.9));
    check("cosine", Schedule.cosine(0.1, 0.01, 11));
    check("restarts", Schedule.cosineWarmRestarts(0.1, 0.01, 3, 2));
    check("restarts, equal", Schedule.cosineWarmRestarts(0.1, 0.01, 5, 1));
    check("oneCycle", Schedule.oneCycle(0.1, 12));
    check("oneCycle, options", Schedule.oneCycle(0.1, 12, 0.5, 10, 100));
    check(
        "sequential",
        Schedule.sequential(
            new long[] {4}, Schedule.linear(0.1, 0.1, 1, 4), Schedule.exponential(0.1, 0.5)));
  }

  @Test
  void ratesAfterTheLastStepStay() {
    assertEquals(0.001, Schedule.polynomial(0.03, 0.001, 100, 0.9).at(1000), 1e-15);
    assertEquals(0.01, Schedule.cosine(0.1, 0.01, 11).at(20), 1e-15);
    assertEquals(4e-7, Schedule.oneCycle(0.1, 12).at(20), 1e-15);
  }

  @Test
  void warmUpReachesTheSchedule() {
    Schedule schedule = Schedule.step(0.4, 4, 0.5).warmUp(3);
    double[] expected = {0.1, 0.2, 0.3, 0.4, 0.2};
    for (int t = 0; t < expected.length; t++) {
      assertEquals(expected[t], schedule.at(t), 1e-15);
    }
  }

  private static void check(String name, Plateau plateau) {
    double[] expected = TorchNumbers.of(name);
    for (int i = 0; i < SCORES.length; i++) {
      if (i == 7) {
        // As if it were read back from a checkpoint.
        plateau.restore(plateau.state());
      }
      assertEquals(expected[i], plateau.next(SCORES[i]), 1e-15, name + ", score " + i);
      assertEquals(expected[i], plateau.rate(), 1e-15);
    }
  }

  @Test
  void plateausAsInPyTorch() {
    check(
        "plateau min",
        new Plateau(Plateau.Mode.MIN, 0.1, 0.5, 1).cooldown(1).minRate(0.02).threshold(0.01));
    check("plateau max", new Plateau(Plateau.Mode.MAX, 0.1, 0.1, 0));
  }

  @Test
  void impossibleSchedulesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Schedule.cosine(0.1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> Schedule.step(0.1, 0, 0.5));
    assertThrows(IllegalArgumentException.class, () -> Schedule.cosineWarmRestarts(0.1, 0, 10, 0));
    assertThrows(IllegalArgumentException.class, () -> Schedule.oneCycle(0.1, 3));
    assertThrows(
        IllegalArgumentException.class,
        () -> Schedule.sequential(new long[] {3}, Schedule.constant(1)));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Schedule.sequential(
                new long[] {3, 3},
                Schedule.constant(1),
                Schedule.constant(2),
                Schedule.constant(3)));
    assertThrows(IllegalArgumentException.class, () -> new Plateau(Plateau.Mode.MIN, 0.1, 1, 3));
  }
}
