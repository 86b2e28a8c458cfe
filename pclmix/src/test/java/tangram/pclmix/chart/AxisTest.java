package tangram.pclmix.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Ranges and ticks. */
class AxisTest {
  private static List<String> labels(Axis axis) {
    return axis.ticks().stream().map(axis::label).toList();
  }

  @Test
  void ticksAreRoundNumbersAroundTheRange() {
    Axis axis = Axis.linear(0.13, 0.87, 5, true);
    assertEquals(List.of("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"), labels(axis));
    assertEquals(0, axis.fraction(0), 1e-12);
    assertEquals(0.5, axis.fraction(0.5), 1e-12);
    assertEquals(1, axis.fraction(1), 1e-12);
  }

  @Test
  void aRangeThatIsFixedStaysAndTicksLieInside() {
    Axis axis = Axis.linear(0.13, 0.87, 4, false);
    assertEquals(List.of("0.2", "0.4", "0.6", "0.8"), labels(axis));
    assertEquals(0, axis.fraction(0.13), 1e-12);
    assertEquals(1, axis.fraction(0.87), 1e-12);
  }

  @Test
  void ticksAreNotLostToRounding() {
    assertEquals(List.of("0.0", "0.1", "0.2", "0.3"), labels(Axis.linear(0, 0.3, 3, false)));
    assertEquals(List.of("-2", "-1", "0", "1"), labels(Axis.linear(-2, 1, 3, true)));
    assertEquals(List.of("-0.2", "0.0", "0.2"), labels(Axis.linear(-0.2, 0.2, 2, true)));
    assertEquals(
        List.of("0", "20,000", "40,000", "60,000"), labels(Axis.linear(0, 60_000, 4, false)));
  }

  @Test
  void aSingleValueOrNoneStillMakesARange() {
    Axis one = Axis.linear(5, 5, 4, true);
    assertTrue(one.low() < 5 && one.high() > 5 && one.ticks().size() >= 2);
    Axis none = Axis.linear(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 4, true);
    assertTrue(none.low() < none.high() && none.ticks().size() >= 2);
    assertEquals(0.1, Axis.logarithmic(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY).low());
  }

  @Test
  void logarithmicTicks() {
    Axis few = Axis.logarithmic(0.03, 0.7);
    assertEquals(List.of("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"), labels(few));
    assertEquals(0.5, few.fraction(0.1), 1e-12);
    assertTrue(Double.isNaN(few.fraction(0)) && Double.isNaN(few.fraction(-1)));
    Axis many = Axis.logarithmic(1e-9, 1e9);
    assertTrue(many.ticks().size() <= 8, many.ticks().toString());
    assertEquals("1e-9", labels(many).get(0));
  }
}
