package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.tensor.CounterRandom;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

class SafeTensorsTest {
  @TempDir Path folder;

  @Test
  void arraysComeBackWithTheirBits() {
    float[] special = {
      0f, -0f, 1f, Float.MIN_VALUE, -Float.MIN_NORMAL / 3, Float.MAX_VALUE, Float.NEGATIVE_INFINITY
    };
    int[] integers = {Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE};
    Path file = folder.resolve("a.safetensors");
    SafeTensors.writer()
        .put("z", special, 7, 1)
        .put("a", integers, 2, 2)
        .put("scalar", new float[] {3})
        .put("empty", new float[0], 4, 0)
        .write(file);

    SafeTensors read = SafeTensors.read(file);
    assertEquals(List.of("z", "a", "scalar", "empty"), read.names());
    assertEquals(Shape.of(7, 1), read.shape("z"));
    assertEquals(Shape.of(), read.shape("scalar"));
    assertEquals(Shape.of(4, 0), read.shape("empty"));
    assertEquals("I32", read.dtype("a"));
    assertBits(special, read.floats("z"));
    assertArrayEquals(integers, read.ints("a"));
    assertBits(new float[] {3}, read.floats("scalar"));
    assertEquals(0, read.floats("empty").length);
    assertTrue(read.metadata().isEmpty());
  }

  /** As a training run replaces its best weights while they are exported. */
  @Test
  void aFileReplacedMeanwhileIsNotMixedIn() {
    Path file = folder.resolve("best.safetensors");
    SafeTensors.writer().put("a", new float[] {1, 2}, 2).put("b", new float[] {3}, 1).write(file);
    try (SafeTensors before = SafeTensors.read(file)) {
      assertArrayEquals(new float[] {1, 2}, before.floats("a"));
      SafeTensors.writer().put("a", new float[] {5, 6}, 2).put("b", new float[] {7}, 1).write(file);
      assertArrayEquals(new float[] {3}, before.floats("b"));
    }
    assertArrayEquals(new float[] {7}, SafeTensors.read(file).floats("b"));
  }

  @Test
  void tensorsLongerThanAChunkComeBack() {
    CounterRandom random = new CounterRandom(1, 99, 0, 0);
    float[] values = new float[700_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    ReferenceDevice device = new ReferenceDevice();
    Tensor reals = device.tensor(values, 700_001);
    Tensor ints = device.tensor(new int[] {5, -6}, 1, 2);
    Path file = folder.resolve("long.safetensors");
    SafeTensors.writer().put("ints", ints).put("reals", reals).write(file);
    SafeTensors read = SafeTensors.read(file);
    assertBits(values, read.floats("reals"));
    assertArrayEquals(new int[] {5, -6}, read.ints("ints"));
    assertEquals(Shape.of(1, 2), read.shape("ints"));
  }

  @Test
  void anyTextSurvivesAsNameAndMetadata() {
    String odd = "quote \" backslash \\ newline \n nul \0 del \u007f heart \u2665 \ud83e\udec0 /";
    Path file = folder.resolve("text.safetensors");
    SafeTensors.writer()
        .metadata(odd, odd + odd)
        .metadata("", "")
        .put(odd, new int[] {1}, 1)
        .write(file);
    SafeTensors read = SafeTensors.read(file);
    assertEquals(Map.of(odd, odd + odd, "", ""), read.metadata());
    assertArrayEquals(new int[] {1}, read.ints(odd));
  }

  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    Path file = folder.resolve("bytes.safetensors");
    SafeTensors.writer()
        .metadata("k", "v")
        .put("a", new float[] {1f, -2f}, 1, 2)
        .put("b", new int[] {258}, 1)
        .write(file);
    byte[] written = Files.readAllBytes(file);
    // The checksum has a test of its own.
    String sum = new String(written, 8 + 27, 8, StandardCharsets.US_ASCII);
    String header =
        "{\"__metadata__\":{\"crc32c\":\""
            + sum
            + "\",\"checksum\":\"crc32c\",\"k\":\"v\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
    int padded = (header.length() + 7) / 8 * 8;
    ByteBuffer expected = ByteBuffer.allocate(8 + padded + 12).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(padded);
    expected.put(header.getBytes(StandardCharsets.US_ASCII));
    expected.put(" ".repeat(padded - header.length()).getBytes(StandardCharsets.US_ASCII));
    expected.put(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0, 2, 1, 0, 0});
    assertArrayEquals(expected.array(), written);
  }

  /** Whatever bit of a file flips, it is refused; a file of another program has no checksum. */
  @Test
  void everyFlippedBitIsNoticed() throws IOException {
    Path file = folder.resolve("flipped.safetensors");
    SafeTensors.writer()
        .metadata("config", "width = 4")
        .put("a", new float[] {1f, -2f}, 1, 2)
        .write(file);
    byte[] sound = Files.readAllBytes(file);
    for (int bit = 0; bit < 8 * sound.length; bit++) {
      byte[] flipped = sound.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, flipped);
      assertThrows(FileFormatException.class, () -> SafeTensors.read(file), "bit " + bit);
    }
    byte[] other =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}      "
            .getBytes(StandardCharsets.US_ASCII);
    Files.write(
        file,
        ByteBuffer.allocate(8 + other.length + 1)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(other.length)
            .put(other)
            .put((byte) 7)
            .array());
    assertArrayEquals(new int[] {7}, SafeTensors.read(file).ints("a"));
  }

  @Test
  void bytesDoNotDependOnTheOrderOfMetadata() throws IOException {
    Path one = folder.resolve("one.safetensors");
    Path two = folder.resolve("two.safetensors");
    SafeTensors.writer().metadata("a", "1").metadata("b", "2").metadata("c", "3").write(one);
    SafeTensors.writer().metadata("c", "3").metadata("a", "1").metadata("b", "2").write(two);
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(two));
  }

  @Test
  void aFileWithoutTensorsIsValid() throws IOException {
    Path file = folder.resolve("none.safetensors");
    SafeTensors.writer().write(file);
    assertEquals(List.of(), SafeTensors.read(file).names());
    assertTrue(Files.size(file) < 100);
  }

  @Test
  void everyTypeIsDecoded() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(Math.PI).putDouble(Double.NEGATIVE_INFINITY);
    data.putLong(Integer.MIN_VALUE).putLong(7);
    data.putShort((short) 0x3c00).putShort((short) 0x0001).putShort((short) 0xfbff);
    data.putShort((short) 0xbfc0).putShort((short) 0x8000);
    data.put((byte) 255).put((byte) 0);
    Path file =
        write(
            "{\"F64\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
                + "\"I64\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[16,32]},"
                + "\"F16\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[32,38]},"
                + "\"BF16\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[38,42]},"
                + "\"U8\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[42,44]}}",
            data);
    SafeTensors read = SafeTensors.read(file);
    assertBits(new float[] {(float) Math.PI, Float.NEGATIVE_INFINITY}, read.floats("F64"));
    assertArrayEquals(new int[] {Integer.MIN_VALUE, 7}, read.ints("I64"));
    assertBits(new float[] {1f, 0x1p-24f, -65504f}, read.floats("F16"));
    assertBits(new float[] {-1.5f, -0f}, read.floats("BF16"));
    assertArrayEquals(new int[] {255, 0}, read.ints("U8"));
  }

  @Test
  void headersOfOtherWritersAreUnderstood() throws IOException {
    // Any order of keys and of tensors, white space, escapes, no padding.
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(11).putInt(22);
    Path file =
        write(
            "{ \"late\\u0041\" :\n{\"data_offsets\" : [ 4 , 8 ],\t\"shape\":[ ],\"dtype\":\"I32\"},"
                + "\"\\/\\b\\f\\n\\r\\t\\ud83e\\udec0\":"
                + "{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"__metadata__\":{} }\n ",
            data);
    SafeTensors read = SafeTensors.read(file);
    assertEquals(List.of("lateA", "/\b\f\n\r\t\ud83e\udec0"), read.names());
    assertArrayEquals(new int[] {22}, read.ints("lateA"));
    assertArrayEquals(new int[] {11}, read.ints("/\b\f\n\r\t\ud83e\udec0"));
  }

  @Test
  void valuesThatDoNotFitAreRefused() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(0).putDouble(1e300).putLong(0).putLong(1L << 31);
    Path file =
        write(
            "{\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
                + "\"l\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[16,32]}}",
            data);
    SafeTensors read = SafeTensors.read(file);
    assertMessage("element 1 of 'd' is 1.0E300", () -> read.floats("d"));
    assertMessage("element 1 of 'l' is 2147483648", () -> read.ints("l"));
    assertMessage("'d' is of type F64 where integers", () -> read.ints("d"));
    assertMessage("'l' is of type I64 where real numbers", () -> read.floats("l"));
    assertMessage("holds no tensor 'x'", () -> read.shape("x"));
  }

  @Test
  void filesBeyondTwoGibibytesAreRead() throws IOException {
    // Sparse: takes a few blocks of disk.
    long big = (1L << 28) * 8;
    Path file =
        write(
            ("{\"big\":{\"dtype\":\"F64\",\"shape\":[268435456],\"data_offsets\":[0,B]},"
                    + "\"last\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[B,E]}}")
                .replace("B", Long.toString(big))
                .replace("E", Long.toString(big + 8)),
            ByteBuffer.allocate(0));
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      long end = access.length() + big;
      access.setLength(end + 8);
      access.seek(end);
      access.write(new byte[] {1, 0, 0, 0, 0, 1, 0, 0});
    }
    SafeTensors read = SafeTensors.read(file);
    assertEquals(Shape.of(1 << 28), read.shape("big"));
    assertArrayEquals(new int[] {1, 256}, read.ints("last"));
  }

  @Test
  void aFileThatChangesAfterOpeningIsNoticed() throws IOException {
    Path file = folder.resolve("changing.safetensors");
    SafeTensors.writer().put("a", new float[] {1, 2}, 2).write(file);
    SafeTensors read = SafeTensors.read(file);
    Files.write(file, new byte[20]);
    assertMessage("changed while it was being read", () -> read.floats("a"));
    read.close();
    assertMessage("cannot be read", () -> read.floats("a"));
  }

  @Test
  void missingFilesAndFoldersAreNamed() {
    Path missing = folder.resolve("missing.safetensors");
    assertMessage(missing + ": there is no such file", () -> SafeTensors.read(missing));
    assertMessage(folder + ": is not a regular file", () -> SafeTensors.read(folder));
  }

  @Test
  void theWriterRefusesWhatItCouldNotReadBack() {
    SafeTensorsWriter writer = SafeTensors.writer().put("a", new float[2], 2).metadata("k", "v");
    assertThrows(IllegalArgumentException.class, () -> writer.put("a", new float[1], 1));
    assertThrows(IllegalArgumentException.class, () -> writer.put("b", new float[1], 2));
    assertThrows(IllegalArgumentException.class, () -> writer.put("__metadata__", new int[1], 1));
    assertThrows(IllegalArgumentException.class, () -> writer.put("half \ud83e", new int[1], 1));
    assertThrows(IllegalArgumentException.class, () -> writer.metadata("k", "w"));
    assertThrows(IllegalArgumentException.class, () -> writer.metadata("m", "half \udec0"));
    Tensor released = new ReferenceDevice().zeros(2);
    released.close();
    assertThrows(IllegalStateException.class, () -> writer.put("released", released));
  }

  @Test
  void aTensorReleasedBeforeWritingLeavesThePreviousFile() throws IOException {
    Path file = folder.resolve("kept.safetensors");
    SafeTensors.writer().put("a", new float[] {4}, 1).write(file);
    Tensor tensor = new ReferenceDevice().zeros(2);
    SafeTensorsWriter writer = SafeTensors.writer().put("t", tensor);
    tensor.close();
    assertThrows(IllegalStateException.class, () -> writer.write(file));
    assertBits(new float[] {4}, SafeTensors.read(file).floats("a"));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  private Path write(String header, ByteBuffer data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array());
    out.write(json);
    out.write(data.array(), 0, data.position());
    return Files.write(folder.resolve("other.safetensors"), out.toByteArray());
  }

  private static void assertMessage(String part, Runnable action) {
    String message = assertThrows(FileFormatException.class, action::run).getMessage();
    assertTrue(message.contains(part), message);
    assertFalse(message.contains("\n"), message);
  }

  static void assertBits(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]), "at " + i);
    }
  }
}
