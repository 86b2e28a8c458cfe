package tangram.pclmix.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UncertaintyThresholdTest {
  /** H at i/I = 0, 0.25, 0.5, 0.75, 1. */
  @ParameterizedTest
  @CsvSource({"0, 0.5210", "250, 0.5303", "500, 0.5695", "750, 0.6466", "1000, 0.6931"})
  void risesTowardsLn2(long iteration, double expected) {
    assertEquals(expected, UncertaintyThreshold.at(iteration, 1000), 5e-5);
  }
}
