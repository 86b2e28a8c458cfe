package tangram.compare;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** What counts as the same numbers. */
class AgreementTest {
  private static void check(float[] ours, float... theirs) {
    Agreement.check("the numbers", ours, theirs, 1e-3);
  }

  @Test
  void roundingIsAllowed() {
    assertDoesNotThrow(() -> check(new float[] {1.0005f, 2}, 1, 2));
    assertDoesNotThrow(() -> Agreement.check("a number", 1.0005, 1, 1e-3));
    assertDoesNotThrow(() -> Agreement.check("a number", 0, 0, 1e-3));
  }

  @Test
  void oneWrongNumberIsEnough() {
    float[] ours = new float[100_000];
    float[] theirs = new float[100_000];
    for (int i = 0; i < ours.length; i++) {
      ours[i] = i % 2 == 0 ? 1 : -1;
      theirs[i] = ours[i];
    }
    theirs[77] = 2;
    DisagreementException e = assertThrows(DisagreementException.class, () -> check(ours, theirs));
    assertEquals(
        "the two sides disagree on the numbers: a relative distance of 0.0095, where 1e-03 is"
            + " allowed.",
        e.getMessage());
  }

  @Test
  void whatIsNoNumberAgreesWithNothing() {
    assertThrows(DisagreementException.class, () -> check(new float[] {Float.NaN}, 1));
    assertThrows(DisagreementException.class, () -> check(new float[] {1}, 0));
    assertThrows(
        DisagreementException.class, () -> Agreement.check("a number", 1, Double.NaN, 1e-3));
  }
}
