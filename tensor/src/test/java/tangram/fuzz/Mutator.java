package tangram.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.tensor.CounterRandom;

/**
 * Makes damaged copies of valid files. Copies are numbered, and the same seed and number give the
 * same copy.
 *
 * <p>Damage of every kind of file is here, under the names in {@link #GENERAL}; a test adds what
 * only its format has.
 */
public final class Mutator {
  /** One way to damage a file. */
  public interface Mutation {
    /** A damaged copy, of any length. */
    byte[] apply(byte[] file, CounterRandom random);
  }

  /** A valid file. */
  public record Original(String name, byte[] bytes) {}

  /**
   * A damaged file.
   *
   * @param story which file was damaged in which ways
   */
  public record Mutant(String story, byte[] bytes) {}

  /** Damage that files of every format can suffer. */
  private static final Map<String, Mutation> GENERAL = new LinkedHashMap<>();

  static {
    GENERAL.put("cut short", Mutator::cutShort);
    GENERAL.put("bits flipped", Mutator::flipBits);
    GENERAL.put("bytes changed", Mutator::changeBytes);
    GENERAL.put("absurd 16-bit field", (f, r) -> absurdField(f, r, Short.BYTES));
    GENERAL.put("absurd 32-bit field", (f, r) -> absurdField(f, r, Integer.BYTES));
    GENERAL.put("absurd 64-bit field", (f, r) -> absurdField(f, r, Long.BYTES));
    GENERAL.put("absurd floating-point field", Mutator::absurdFloat);
    GENERAL.put("absurd decimal number", Mutator::absurdDecimal);
    GENERAL.put("range deleted", Mutator::deleteRange);
    GENERAL.put("range repeated", Mutator::repeatRange);
    GENERAL.put("range overwritten by one value", Mutator::fillRange);
    GENERAL.put("range copied over another", Mutator::copyRange);
    GENERAL.put("noise appended", Mutator::append);
  }

  private static final int PURPOSE = 99;

  private final long seed;
  private final List<Original> originals;
  private final Map<String, Mutation> mutations = new LinkedHashMap<>(GENERAL);

  /** Damages these files. */
  public Mutator(long seed, List<Original> originals) {
    this.seed = seed;
    this.originals = List.copyOf(originals);
    mutations.put("range taken from another file", this::splice);
  }

  /** Adds a way to damage files of this format. */
  public Mutator with(String name, Mutation mutation) {
    mutations.put(name, mutation);
    return this;
  }

  /** The valid files. */
  public List<Original> originals() {
    return originals;
  }

  /** A damaged copy. */
  public Mutant mutant(int number) {
    CounterRandom random = new CounterRandom(seed, PURPOSE, number, 0);
    Original original = originals.get(random.nextInt(originals.size()));
    StringBuilder story = new StringBuilder(original.name);
    byte[] bytes = original.bytes;
    // Mostly one change: what several break is likely refused for the first of them.
    int changes = Math.max(1, random.nextInt(6) - 2);
    List<String> names = new ArrayList<>(mutations.keySet());
    for (int i = 0; i < changes; i++) {
      String name = names.get(random.nextInt(names.size()));
      story.append(", ").append(name);
      bytes = bytes.length == 0 ? bytes : mutations.get(name).apply(bytes, random);
    }
    return new Mutant(story.toString(), bytes);
  }

  /** One change that files of every format can suffer, to be made within another mutation. */
  public static byte[] general(byte[] file, CounterRandom random) {
    if (file.length == 0) {
      return file;
    }
    List<Mutation> all = List.copyOf(GENERAL.values());
    return all.get(random.nextInt(all.size())).apply(file, random);
  }

  /** A number that a reader may not expect where a file of some length has another. */
  public static long absurd(long was, int fileLength, CounterRandom random) {
    long[] values = {
      0,
      1,
      -1,
      was + 1,
      was - 1,
      2 * was,
      -was,
      was ^ Long.MIN_VALUE,
      fileLength,
      fileLength - 1,
      fileLength + 1,
      Byte.MAX_VALUE,
      1 << 8,
      Short.MAX_VALUE,
      Short.MIN_VALUE,
      1 << 16,
      1 << 24,
      1 << 28,
      Integer.MAX_VALUE,
      Integer.MIN_VALUE,
      1L << 31,
      0xFFFFFFFFL,
      1L << 32,
      (1L << 32) + was,
      1L << 40,
      Long.MAX_VALUE,
      Long.MAX_VALUE / 2,
      Long.MIN_VALUE,
      random.nextInt(),
      random.nextInt(1 << 12)
    };
    return values[random.nextInt(values.length)];
  }

  /** A floating-point number that a reader may not expect. */
  public static float absurdFloat(CounterRandom random) {
    float[] values = {
      0,
      -0f,
      -1,
      0.5f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MIN_VALUE,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      0x1p24f,
      0x1p31f,
      0x1p63f,
      1e-30f,
      random.nextInt()
    };
    return values[random.nextInt(values.length)];
  }

  private static byte[] cutShort(byte[] file, CounterRandom random) {
    int length = random.nextInt(file.length);
    // Half of the time where fields begin and end.
    return Arrays.copyOf(file, random.nextInt(2) == 0 ? length : length & -8);
  }

  private static byte[] flipBits(byte[] file, CounterRandom random) {
    byte[] result = file.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      result[place(file, 1, random)] ^= (byte) (1 << random.nextInt(8));
    }
    return result;
  }

  private static byte[] changeBytes(byte[] file, CounterRandom random) {
    byte[] result = file.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      result[place(file, 1, random)] = (byte) random.nextInt();
    }
    return result;
  }

  private static byte[] absurdField(byte[] file, CounterRandom random, int bytes) {
    if (file.length < bytes) {
      return changeBytes(file, random);
    }
    int at = place(file, bytes, random);
    ByteBuffer buffer = ByteBuffer.wrap(file.clone()).order(order(random));
    if (bytes == Short.BYTES) {
      buffer.putShort(at, (short) absurd(buffer.getShort(at), file.length, random));
    } else if (bytes == Integer.BYTES) {
      buffer.putInt(at, (int) absurd(buffer.getInt(at), file.length, random));
    } else {
      buffer.putLong(at, absurd(buffer.getLong(at), file.length, random));
    }
    return buffer.array();
  }

  private static byte[] absurdFloat(byte[] file, CounterRandom random) {
    int bytes = random.nextInt(2) == 0 ? Float.BYTES : Double.BYTES;
    if (file.length < bytes) {
      return changeBytes(file, random);
    }
    int at = place(file, bytes, random);
    ByteBuffer buffer = ByteBuffer.wrap(file.clone()).order(order(random));
    float value = absurdFloat(random);
    return (bytes == Float.BYTES ? buffer.putFloat(at, value) : buffer.putDouble(at, value))
        .array();
  }

  /** Another number in place of one written in digits; other damage where there is none. */
  private static byte[] absurdDecimal(byte[] file, CounterRandom random) {
    int start = random.nextInt(file.length);
    while (start < file.length && !isDigit(file[start])) {
      start++;
    }
    if (start == file.length) {
      return changeBytes(file, random);
    }
    int end = start;
    while (end < file.length && isDigit(file[end])) {
      end++;
    }
    String[] others = {"", "-", ".", "e9", "0", "9".repeat(1 + random.nextInt(40))};
    String text =
        random.nextInt(2) == 0
            ? Long.toString(absurd(file[start] - '0', file.length, random))
            : others[random.nextInt(others.length)];
    return replace(file, start, end, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] deleteRange(byte[] file, CounterRandom random) {
    int from = place(file, 1, random);
    return replace(file, from, from + length(file.length - from, random), new byte[0]);
  }

  private static byte[] repeatRange(byte[] file, CounterRandom random) {
    int from = place(file, 1, random);
    int to = from + length(file.length - from, random);
    return replace(file, to, to, Arrays.copyOfRange(file, from, to));
  }

  private static byte[] fillRange(byte[] file, CounterRandom random) {
    byte[] result = file.clone();
    int from = place(file, 1, random);
    byte[] values = {0, 0, -1, -1, (byte) random.nextInt()};
    Arrays.fill(
        result,
        from,
        from + length(file.length - from, random),
        values[random.nextInt(values.length)]);
    return result;
  }

  private static byte[] copyRange(byte[] file, CounterRandom random) {
    byte[] result = file.clone();
    int from = place(file, 1, random);
    int to = place(file, 1, random);
    System.arraycopy(file, from, result, to, length(file.length - Math.max(from, to), random));
    return result;
  }

  private static byte[] append(byte[] file, CounterRandom random) {
    byte[] result = Arrays.copyOf(file, file.length + 1 + random.nextInt(100));
    boolean zeros = random.nextInt(2) == 0;
    for (int i = file.length; i < result.length && !zeros; i++) {
      result[i] = (byte) random.nextInt();
    }
    return result;
  }

  private byte[] splice(byte[] file, CounterRandom random) {
    byte[] other = originals.get(random.nextInt(originals.size())).bytes;
    int from = place(other, 1, random);
    byte[] piece = Arrays.copyOfRange(other, from, from + length(other.length - from, random));
    // Half of the time to the place it has in its own file.
    int at = random.nextInt(2) == 0 ? Math.min(from, file.length) : random.nextInt(file.length);
    int end = random.nextInt(2) == 0 ? at : Math.min(at + piece.length, file.length);
    return replace(file, at, end, piece);
  }

  private static byte[] replace(byte[] file, int from, int to, byte[] by) {
    ByteArrayOutputStream result = new ByteArrayOutputStream(file.length + by.length);
    result.write(file, 0, from);
    result.write(by, 0, by.length);
    result.write(file, to, file.length - to);
    return result.toByteArray();
  }

  /** A place for a field, rather not among zeros: much of a file may be kept free. */
  private static int place(byte[] file, int bytes, CounterRandom random) {
    int at = 0;
    for (int attempt = 0; attempt < 5; attempt++) {
      at = random.nextInt(file.length - bytes + 1);
      if (file[at] != 0) {
        break;
      }
    }
    return at;
  }

  /** A length up to a limit, mostly short. */
  private static int length(int limit, CounterRandom random) {
    int bound = random.nextInt(3) == 0 ? limit : Math.min(limit, 16);
    return bound == 0 ? 0 : 1 + random.nextInt(bound);
  }

  private static ByteOrder order(CounterRandom random) {
    return random.nextInt(4) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
