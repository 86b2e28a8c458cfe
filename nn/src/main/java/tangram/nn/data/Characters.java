package tangram.nn.data;

import java.util.Arrays;

/** The characters of a text as numbers: the vocabulary of a model of single characters. */
public final class Characters {
  private final int[] codes;

  private Characters(int[] codes) {
    this.codes = codes;
  }

  /** The different characters (code points) of a text, in order. */
  public static Characters of(String text) {
    return new Characters(text.codePoints().sorted().distinct().toArray());
  }

  /** How many there are. */
  public int size() {
    return codes.length;
  }

  /**
   * The numbers of a text's characters.
   *
   * @throws IllegalArgumentException if one is none of these
   */
  public int[] encode(String text) {
    return text.codePoints()
        .map(
            code -> {
              int number = Arrays.binarySearch(codes, code);
              if (number < 0) {
                throw new IllegalArgumentException(
                    "'" + Character.toString(code) + "' is not among the characters");
              }
              return number;
            })
        .toArray();
  }

  /** The text of numbers. */
  public String decode(int... numbers) {
    StringBuilder text = new StringBuilder();
    for (int number : numbers) {
      text.appendCodePoint(codes[number]);
    }
    return text.toString();
  }
}
