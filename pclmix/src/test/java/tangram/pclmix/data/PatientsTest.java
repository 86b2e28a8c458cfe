package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.data.DataException;

class PatientsTest {
  @Test
  void parsesNumbersAndRanges() {
    assertArrayEquals(new int[] {1, 3, 7, 8, 9}, Patients.parse("7-9, 1,3").numbers());
    assertEquals(60, Patients.parse("41-100").size());
    assertTrue(Patients.parse("41-100").contains(100));
    assertFalse(Patients.parse("41-100").contains(40));
    assertEquals(Patients.of(5), Patients.parse("5-5"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1,3,7-9", "41-100", "4", "1-2"})
  void textRoundTrip(String text) {
    assertEquals(text, Patients.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "1,", "1-", "-3", "9-7", "1;2", "1-2-3", "99999999999"})
  void refusesOtherText(String text) {
    DataException e = assertThrows(DataException.class, () -> Patients.parse(text));
    assertTrue(e.getMessage().contains("'" + text + "'"), e.getMessage());
  }

  @Test
  void difference() {
    assertEquals("1-20,41-100", Patients.range(1, 100).minus(Patients.range(21, 40)).toString());
    assertFalse(Patients.range(1, 4).intersects(Patients.of(5)));
    assertTrue(Patients.range(1, 4).intersects(Patients.of(4)));
  }

  @Test
  void foldsPartitionThePatients() {
    assertEquals("21-40", Folds.test(2).toString());
    assertEquals("1-20,41-100", Folds.train(2).toString());
    int[] tested = new int[101];
    for (int k = 1; k <= Folds.COUNT; k++) {
      assertEquals(80, Folds.train(k).size());
      assertFalse(Folds.train(k).intersects(Folds.test(k)));
      for (int patient : Folds.test(k).numbers()) {
        tested[patient]++;
      }
    }
    for (int patient = 1; patient <= 100; patient++) {
      assertEquals(1, tested[patient]);
    }
    assertThrows(DataException.class, () -> Folds.test(0));
    assertThrows(DataException.class, () -> Folds.train(6));
  }

  /** As hospitals have; no range takes memory for its patients. */
  @Test
  void numbersOfUpToNineDigits() {
    Patients many = Patients.parse("1234567,5,3-4,100000000-999999999");
    assertTrue(many.contains(1234567));
    assertTrue(many.contains(999_999_999));
    assertFalse(many.contains(1234568));
    assertEquals("3-5,1234567,100000000-999999999", many.toString());
    assertEquals("3-5", many.minus(Patients.range(6, 999_999_999)).toString());
    DataException e =
        assertThrows(DataException.class, () -> Patients.parse("1-12345678901234567890"));
    assertTrue(e.getMessage().contains("more than nine digits"), e.getMessage());
  }
}
