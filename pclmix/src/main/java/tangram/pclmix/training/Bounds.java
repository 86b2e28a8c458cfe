package tangram.pclmix.training;

/**
 * What a number that is set may be. Far more than anybody needs, and little enough that what is
 * computed from it stays exact.
 *
 * @param whole whether it must be an integer
 * @param least the least that is allowed, as people write it
 * @param most the most that is allowed
 */
record Bounds(boolean whole, String least, String most) {
  static Bounds integers(String least, String most) {
    return new Bounds(true, least, most);
  }

  static Bounds reals(String least, String most) {
    return new Bounds(false, least, most);
  }

  boolean allows(double value) {
    return value >= Double.parseDouble(least)
        && value <= Double.parseDouble(most)
        && (!whole || value == Math.rint(value));
  }

  /** Such as {@code 1 to 1024}. */
  String text() {
    return least + " to " + most;
  }

  /** Such as {@code an integer from 1 to 1024}. */
  String sentence() {
    return (whole ? "an integer from " : "a number from ") + text();
  }
}
