package tangram.pclmix.data;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A set of patient numbers, written as ranges: {@code 41-100} or {@code 1,3,7-9}. */
public final class Patients {
  private static final Pattern PART = Pattern.compile("\\s*(\\d{1,6})\\s*(?:-\\s*(\\d{1,6})\\s*)?");

  private final BitSet numbers;

  private Patients(BitSet numbers) {
    this.numbers = numbers;
  }

  /**
   * Parses comma-separated numbers and ranges (both ends included).
   *
   * @throws DataException if the text has another form or a range runs backwards
   */
  public static Patients parse(String text) {
    BitSet numbers = new BitSet();
    for (String part : text.split(",", -1)) {
      Matcher matcher = PART.matcher(part);
      if (!matcher.matches()) {
        throw new DataException(
            "Patients '" + text + "': write numbers and ranges such as 41-100 or 1,3,7-9.");
      }
      int from = Integer.parseInt(matcher.group(1));
      int to = matcher.group(2) == null ? from : Integer.parseInt(matcher.group(2));
      if (to < from) {
        throw new DataException(
            "Patients '" + text + "': " + from + "-" + to + " runs backwards; swap the ends.");
      }
      numbers.set(from, to + 1);
    }
    return new Patients(numbers);
  }

  /** The patients from one number to another, both included. */
  public static Patients range(int from, int to) {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("range " + from + "-" + to);
    }
    BitSet numbers = new BitSet();
    numbers.set(from, to + 1);
    return new Patients(numbers);
  }

  /** The patients of these numbers. */
  public static Patients of(int... numbers) {
    BitSet set = new BitSet();
    for (int number : numbers) {
      set.set(number);
    }
    return new Patients(set);
  }

  /** Whether the patient is in this set. */
  public boolean contains(int patient) {
    return numbers.get(patient);
  }

  /** The patients of this set that are not in the other. */
  public Patients minus(Patients other) {
    BitSet rest = (BitSet) numbers.clone();
    rest.andNot(other.numbers);
    return new Patients(rest);
  }

  /** The patients that are in both sets. */
  public Patients and(Patients other) {
    BitSet both = (BitSet) numbers.clone();
    both.and(other.numbers);
    return new Patients(both);
  }

  /** Whether some patient is in both sets. */
  public boolean intersects(Patients other) {
    return numbers.intersects(other.numbers);
  }

  /** Number of patients. */
  public int size() {
    return numbers.cardinality();
  }

  /** The numbers in ascending order. */
  public int[] numbers() {
    return numbers.stream().toArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Patients p && numbers.equals(p.numbers);
  }

  @Override
  public int hashCode() {
    return numbers.hashCode();
  }

  /** The shortest text that {@link #parse} turns into this set again; empty for no patients. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int from = numbers.nextSetBit(0); from >= 0; ) {
      int to = numbers.nextClearBit(from) - 1;
      text.append(text.isEmpty() ? "" : ",").append(from);
      if (to > from) {
        text.append('-').append(to);
      }
      from = numbers.nextSetBit(to + 1);
    }
    return text.toString();
  }
}
