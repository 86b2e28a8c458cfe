package tangram.pclmix.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tangram.nn.data.DataException;

/** A set of patient numbers, written as ranges: {@code 41-100} or {@code 1,3,7-9}. */
public final class Patients {
  private static final Pattern PART = Pattern.compile("\\s*(\\d+)\\s*(?:-\\s*(\\d+)\\s*)?");

  /** As in the names of files. */
  private static final int MAX_DIGITS = 9;

  private record Range(int from, int to) {}

  /** In ascending order, with a number missing between any two. */
  private final List<Range> ranges;

  private Patients(List<Range> ranges) {
    this.ranges = ranges;
  }

  private static Patients ofRanges(List<Range> any) {
    List<Range> sorted = new ArrayList<>(any);
    sorted.sort((a, b) -> Integer.compare(a.from(), b.from()));
    List<Range> joined = new ArrayList<>();
    for (Range next : sorted) {
      Range last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && next.from() <= last.to() + 1) {
        joined.set(joined.size() - 1, new Range(last.from(), Math.max(last.to(), next.to())));
      } else {
        joined.add(next);
      }
    }
    return new Patients(List.copyOf(joined));
  }

  /**
   * Parses comma-separated numbers and ranges (both ends included).
   *
   * @throws DataException if the text has another form or a range runs backwards
   */
  public static Patients parse(String text) {
    List<Range> ranges = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = PART.matcher(part);
      if (!matcher.matches()) {
        throw new DataException(
            "Patients '" + text + "': write numbers and ranges such as 41-100 or 1,3,7-9.");
      }
      int from = number(text, matcher.group(1));
      int to = matcher.group(2) == null ? from : number(text, matcher.group(2));
      if (to < from) {
        throw new DataException(
            "Patients '" + text + "': " + from + "-" + to + " runs backwards; swap the ends.");
      }
      ranges.add(new Range(from, to));
    }
    return ofRanges(ranges);
  }

  private static int number(String text, String digits) {
    if (digits.length() > MAX_DIGITS) {
      throw new DataException(
          "Patients '" + text + "': " + digits + " has more than nine digits; number them anew.");
    }
    return Integer.parseInt(digits);
  }

  /** The patients from one number to another, both included. */
  public static Patients range(int from, int to) {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("range " + from + "-" + to);
    }
    return new Patients(List.of(new Range(from, to)));
  }

  /** The patients of these numbers. */
  public static Patients of(int... numbers) {
    return ofRanges(Arrays.stream(numbers).mapToObj(n -> new Range(n, n)).toList());
  }

  /** Whether the patient is in this set. */
  public boolean contains(int patient) {
    return ranges.stream().anyMatch(r -> r.from() <= patient && patient <= r.to());
  }

  /** The patients of this set that are not in the other. */
  public Patients minus(Patients other) {
    List<Range> rest = ranges;
    for (Range out : other.ranges) {
      List<Range> next = new ArrayList<>();
      for (Range range : rest) {
        if (out.to() < range.from() || range.to() < out.from()) {
          next.add(range);
          continue;
        }
        if (range.from() < out.from()) {
          next.add(new Range(range.from(), out.from() - 1));
        }
        if (out.to() < range.to()) {
          next.add(new Range(out.to() + 1, range.to()));
        }
      }
      rest = next;
    }
    return ofRanges(rest);
  }

  /** The patients that are in both sets. */
  public Patients and(Patients other) {
    return minus(minus(other));
  }

  /** Whether some patient is in both sets. */
  public boolean intersects(Patients other) {
    return !and(other).ranges.isEmpty();
  }

  /** Number of patients. */
  public int size() {
    return ranges.stream().mapToInt(r -> r.to() - r.from() + 1).sum();
  }

  /** The numbers in ascending order. */
  public int[] numbers() {
    return ranges.stream().flatMapToInt(r -> IntStream.rangeClosed(r.from(), r.to())).toArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Patients p && ranges.equals(p.ranges);
  }

  @Override
  public int hashCode() {
    return ranges.hashCode();
  }

  /** The shortest text that {@link #parse} turns into this set again; empty for no patients. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Range range : ranges) {
      text.append(text.isEmpty() ? "" : ",").append(range.from());
      if (range.to() > range.from()) {
        text.append('-').append(range.to());
      }
    }
    return text.toString();
  }
}
