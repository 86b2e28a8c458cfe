package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tangram.fuzz.Allocations;

class SafeTensorsMalformedTest {
  /** What reading a small file may allocate: channels, messages and the numbers themselves. */
  private static final long ALLOWANCE = 256 << 10;

  @TempDir Path folder;

  static Stream<Arguments> headers() {
    return Stream.of(
        // JSON
        bad("", 0, "does not begin with '{'"),
        bad(" {}", 0, "does not begin with '{'"),
        bad("[]", 0, "does not begin with '{'"),
        bad("\ufeff{}", 0, "does not begin with '{'"),
        bad("{", 0, "its end where text is expected"),
        bad("{}}", 0, "continues after its closing brace"),
        bad("{}\0", 0, "continues after its closing brace"),
        bad("{a:1}", 0, "something else where text is expected"),
        bad("{\"a", 0, "ends within a text"),
        bad("{\"a\\", 0, "ends within a text"),
        bad("{\"a\\u12", 0, "ends within a text"),
        bad("{\"a\\u12g4\":1}", 0, "four hexadecimal digits"),
        bad("{\"a\\u\u0661\u0661\u0661\u0661\":1}", 0, "four hexadecimal digits"),
        bad("{\"a\\x\":1}", 0, "unknown escape"),
        bad("{\"a\nb\":1}", 0, "unescaped control character"),
        bad("{\"\\ud83e\":1}", 0, "half of a surrogate pair"),
        bad("{\"\\udec0\\ud83e\":1}", 0, "half of a surrogate pair"),
        bad("{\"a\" 1}", 0, "where ':' is expected"),
        bad("{\"a\":1}", 0, "where '{' is expected"),
        bad("{\"a\":" + entry("F32", "[1]", "0,4") + ",}", 4, "where text is expected"),
        bad("{\"a\":" + entry("F32", "[1]", "0,4") + " \"b\":{}}", 4, "where ',' is expected"),
        bad(tensor("F32", "[1,]", "0,4"), 4, "where a whole number is expected"),
        bad(tensor("F32", "[,1]", "0,4"), 4, "where a whole number is expected"),
        bad(tensor("F32", "[1", "0,4"), 4, "where a whole number is expected"),
        bad(tensor("F32", "[1 1]", "0,4"), 4, "where ',' is expected"),
        bad("[".repeat(100_000), 0, "does not begin with '{'"),
        bad("{\"a\":" + "{\"a\":".repeat(100_000), 0, "unknown or repeated 'a'"),
        // Keys
        bad(
            "{\"a\":" + entry("F32", "[0]", "0,0") + ",\"a\":" + entry("F32", "[0]", "0,0") + "}",
            0,
            "names the tensor 'a' twice"),
        bad(
            "{\"a\":"
                + entry("U8", "[0]", "0,0")
                + ",\"\\u0061\":"
                + entry("U8", "[0]", "0,0")
                + "}",
            0,
            "names the tensor 'a' twice"),
        bad("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "__metadata__ twice"),
        bad("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "metadata 'k' twice"),
        bad("{\"__metadata__\":{\"k\":1}}", 0, "where text is expected"),
        bad("{\"__metadata__\":{\"k\":null}}", 0, "where text is expected"),
        bad("{\"__metadata__\":[]}", 0, "where '{' is expected"),
        bad("{\"a\":{}}", 0, "lacks dtype, shape or two data_offsets for 'a'"),
        bad("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 4, "lacks dtype"),
        bad(tensor("F32", "[1]", "0"), 4, "two data_offsets"),
        bad(tensor("F32", "[1]", "0,4,4"), 4, "two data_offsets"),
        bad(
            "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
            4,
            "unknown or repeated 'dtype'"),
        bad(
            "{\"a\":{\"strides\":[1],\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
            4,
            "unknown or repeated 'strides'"),
        bad(tensor("F8_E4M3", "[4]", "0,4"), 4, "'F8_E4M3', which cannot be read"),
        bad(tensor("f32", "[1]", "0,4"), 4, "'f32', which cannot be read"),
        // Numbers
        bad(tensor("F32", "[-1]", "0,4"), 4, "a negative number"),
        bad(tensor("F32", "[1]", "-4,0"), 4, "a negative number"),
        bad(tensor("F32", "[1.0]", "0,4"), 4, "not whole"),
        bad(tensor("F32", "[1e0]", "0,4"), 4, "not whole"),
        bad(tensor("F32", "[01]", "0,4"), 4, "leading zero"),
        bad(tensor("F32", "[\"1\"]", "0,4"), 4, "where a whole number is expected"),
        bad(tensor("F32", "[9223372036854775808]", "0,4"), 4, "too large"),
        bad(tensor("F32", "[1]", "0,18446744073709551620"), 4, "too large"),
        bad(tensor("F32", "[" + "1,".repeat(32) + "1]", "0,4"), 4, "more than 32 numbers"),
        // Sizes
        bad(tensor("F32", "[2]", "0,4"), 4, "'a' has the bytes from 0 to 4"),
        bad(tensor("F32", "[]", "0,0"), 0, "'a' has the bytes from 0 to 0"),
        bad(tensor("F32", "[1]", "4,0"), 4, "'a' has the bytes from 4 to 0"),
        bad(tensor("F32", "[0]", "4,0"), 4, "'a' has the bytes from 4 to 0"),
        bad(tensor("U8", "[2147483647]", "0,2147483647"), 4, "more than 2147483583 elements"),
        bad(tensor("U8", "[9223372036854775807]", "0,4"), 4, "more than 2147483583 elements"),
        // Products that are 4, 0 and 1 modulo 2^64, and a zero that would hide large numbers.
        bad(tensor("U8", "[4294967296,4294967297]", "0,4"), 4, "more than 2147483583"),
        bad(tensor("U8", "[65536,65536,65536,65536]", "0,0"), 0, "more than 2147483583"),
        bad(tensor("U8", "[65536,65536,0]", "0,0"), 0, "more than 2147483583"),
        bad(tensor("U8", "[0,4294967296]", "0,0"), 0, "more than 2147483583"),
        bad(tensor("F64", "[2147483000]", "0,17179864000"), 4, "ends at byte 17179864000"),
        // Layout
        bad(tensor("F32", "[2]", "0,8"), 4, "'a' ends at byte 8 of the data, which has only 4"),
        bad(tensor("F32", "[1]", "4,8"), 8, "'a' begins at byte 4 of the data, with a gap"),
        bad(tensor("F32", "[1]", "0,4"), 5, "1 bytes after the last tensor"),
        bad("{}", 3, "3 bytes after the last tensor"),
        bad(two("0,4", "0,4"), 4, "'b' begins at byte 0 of the data, within"),
        bad(two("0,4", "3,7"), 7, "'b' begins at byte 3 of the data, within"),
        bad(two("4,8", "5,9"), 9, "'a' begins at byte 4 of the data, with a gap"),
        bad(two("0,4", "5,9"), 9, "'b' begins at byte 5 of the data, with a gap"),
        bad(
            "{\"a\":" + entry("U8", "[0]", "2,2") + ",\"b\":" + entry("U8", "[4]", "0,4") + "}",
            4,
            "'a' begins at byte 2 of the data, within"));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void malformedHeadersAreRefused(byte[] header, int dataBytes, String problem) throws IOException {
    Path file = folder.resolve("bad.safetensors");
    Files.write(file, file(header.length, header, dataBytes));
    assertRefused(file, problem);
  }

  @Test
  void theValidCasesNearbyAreAccepted() throws IOException {
    for (String header :
        new String[] {
          "{}",
          "{}  \n",
          tensor("F32", "[1]", "0,4"),
          tensor("F32", "[" + "1,".repeat(31) + "1]", "0,4"),
          tensor("U8", "[0,2147483583]", "0,0"),
          two("0,4", "4,8"),
          two("4,8", "0,4"),
          "{\"a\":" + entry("U8", "[0]", "4,4") + ",\"b\":" + entry("U8", "[4]", "0,4") + "}"
        }) {
      Path file = folder.resolve("good.safetensors");
      byte[] json = header.getBytes(StandardCharsets.UTF_8);
      int data = header.contains("4,8") ? 8 : header.contains("0,4") ? 4 : 0;
      Files.write(file, file(json.length, json, data));
      for (String name : SafeTensors.read(file).names()) {
        load(SafeTensors.read(file), name);
      }
    }
  }

  @Test
  void lengthsAreCheckedBeforeTheyAreBelieved() throws IOException {
    Path file = folder.resolve("length.safetensors");
    byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
    Files.write(file, new byte[0]);
    assertRefused(file, "has only 0 bytes");
    Files.write(file, new byte[7]);
    assertRefused(file, "has only 7 bytes");
    Files.write(file, new byte[8]);
    assertRefused(file, "does not begin with '{'");
    Files.write(file, file(3, json, 0));
    assertRefused(file, "announces a header of 3 bytes in a file of 10");
    Files.write(file, file(90_000_000, json, 0));
    assertRefused(file, "announces a header of 90000000 bytes in a file of 10");
    Files.write(file, file(Long.MAX_VALUE, json, 0));
    assertRefused(file, "announces a header of 9223372036854775807 bytes in a file of 10");
    Files.write(file, file(-1, json, 0));
    assertRefused(file, "announces a header of 18446744073709551615 bytes in a file of 10");
    // A sparse file long enough for the header it announces.
    Files.write(file, file(100_000_001, json, 0));
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(200_000_000);
    }
    assertRefused(file, "announces a header of 100000001 bytes where 100000000 are the limit");
  }

  @Test
  void headersMustBeUtf8() throws IOException {
    Path file = folder.resolve("utf8.safetensors");
    for (byte[] wrong :
        new byte[][] {
          {(byte) 0xff}, {(byte) 0xc0, (byte) 0x80}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80}
        }) {
      byte[] json = "{\"__metadata__\":{\"k\":\"???\"}}".getBytes(StandardCharsets.UTF_8);
      System.arraycopy(wrong, 0, json, 22, wrong.length);
      Files.write(file, file(json.length, json, 0));
      assertRefused(file, "not UTF-8");
    }
  }

  @Test
  void messagesShowHostileNamesInPart() throws IOException {
    Path file = folder.resolve("name.safetensors");
    String name = "\\u001b[31m\\n" + "x".repeat(100_000);
    byte[] json =
        ("{\"" + name + "\":" + entry("F32", "[9]", "0,4") + "}").getBytes(StandardCharsets.UTF_8);
    Files.write(file, file(json.length, json, 4));
    String message = assertRefused(file, "has the bytes from 0 to 4");
    assertTrue(message.length() < 600, message);
    assertTrue(message.chars().noneMatch(Character::isISOControl), message);
  }

  /** A name may not turn the direction of what follows it, break the line, or be half a letter. */
  @Test
  void messagesShowNoInvisibleCharacters() throws IOException {
    Path file = folder.resolve("invisible.safetensors");
    String name = "a\u202eb\u2028c\u2029d\u0085e\u200bf" + "x".repeat(88) + "\ud83d\ude00";
    byte[] json =
        ("{\"" + name + "\":" + entry("F32", "[9]", "0,4") + "}").getBytes(StandardCharsets.UTF_8);
    Files.write(file, file(json.length, json, 4));
    assertRefused(file, ": 'a?b?c?d?e?f" + "x".repeat(88) + "?...' has the bytes");
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    Path file = folder.resolve("short.safetensors");
    SafeTensors.writer().put("a", new float[] {1, 2, 3}, 3).write(file);
    byte[] valid = Files.readAllBytes(file);
    for (int length = 0; length < valid.length; length++) {
      Files.write(file, Arrays.copyOf(valid, length));
      assertThrows(FileFormatException.class, () -> SafeTensors.read(file), "length " + length);
    }
    Files.write(file, valid);
    assertEquals(3, SafeTensors.read(file).floats("a").length);
  }

  private static void load(SafeTensors read, String name) {
    int size = read.isReal(name) ? read.floats(name).length : read.ints(name).length;
    assertEquals(read.shape(name).size(), size);
  }

  private static String assertRefused(Path file, String problem) {
    // A first attempt outside the measurement loads classes.
    assertThrows(FileFormatException.class, () -> SafeTensors.read(file));
    long before = Allocations.ofThisThread();
    String message =
        assertThrows(FileFormatException.class, () -> SafeTensors.read(file)).getMessage();
    long allocated = Allocations.ofThisThread() - before;
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(problem), message);
    long fileSize = Math.min(file.toFile().length(), 1 << 20);
    assertTrue(allocated < ALLOWANCE + 8 * fileSize, "allocated " + allocated);
    return message;
  }

  private static Arguments bad(String header, int dataBytes, String problem) {
    return Arguments.of(header.getBytes(StandardCharsets.UTF_8), dataBytes, problem);
  }

  private static String entry(String type, String shape, String offsets) {
    return "{\"dtype\":\""
        + type
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":["
        + offsets
        + "]}";
  }

  private static String tensor(String type, String shape, String offsets) {
    return "{\"a\":" + entry(type, shape, offsets) + "}";
  }

  private static String two(String offsetsOfA, String offsetsOfB) {
    return "{\"a\":"
        + entry("F32", "[1]", offsetsOfA)
        + ",\"b\":"
        + entry("F32", "[1]", offsetsOfB)
        + "}";
  }

  private static byte[] file(long announced, byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(announced)
        .put(header)
        .array();
  }
}
