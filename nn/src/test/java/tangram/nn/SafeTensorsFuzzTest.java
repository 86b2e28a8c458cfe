package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.fuzz.Fuzz;
import tangram.fuzz.Mutator;
import tangram.fuzz.Mutator.Original;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

/** Damaged safetensors files, read as such, as weights of a module and as checkpoints. */
class SafeTensorsFuzzTest {
  /** What reading a small file may allocate: channels, messages and the numbers themselves. */
  private static final long CONSTANT = 128 << 10;

  /** What may be allocated for a byte: a tensor's entry takes some 50 of them and gives 2 KiB. */
  private static final long PER_BYTE = 64;

  @TempDir Path folder;
  private final Device device = new ReferenceDevice();

  @Test
  void tensors() throws IOException {
    Fuzz fuzz = fuzz("tensors.safetensors", this::readTensors);
    Mutator mutator = mutator(List.of(small(), everyType(), checkpoint()));
    fuzz.run(mutator, 12_000);
  }

  @Test
  void weightsOfAModule() throws IOException {
    Module model = model();
    Path file = folder.resolve("original");
    Weights.save(model, file, Map.of("epoch", "5"));
    Original weights = new Original("weights", Files.readAllBytes(file));
    Fuzz fuzz =
        fuzz(
            "weights.safetensors",
            damaged ->
                requireWhole(model.state(), () -> Weights.load(model, SafeTensors.read(damaged))));
    fuzz.run(mutator(List.of(weights)), 10_000);
  }

  @Test
  void checkpoints() throws IOException {
    Module model = model();
    Sgd sgd = new Sgd(model.parameters(), 0.1).momentum(0.9);
    Map<String, Tensor> queue = Map.of("queue", device.zeros(2, 3));
    Map<String, Tensor> all = new LinkedHashMap<>(model.state());
    sgd.state().forEach((name, tensor) -> all.put("sgd " + name, tensor));
    all.putAll(queue);
    Fuzz fuzz =
        fuzz(
            "checkpoint.safetensors",
            damaged -> {
              Checkpoint checkpoint = Checkpoint.read(damaged);
              assertTrue(checkpoint.step() >= 0);
              requireWhole(all, () -> checkpoint.restore(model, sgd.state(), queue));
              checkpoint.extraInts("order");
            });
    fuzz.run(mutator(List.of(checkpoint())), 10_000);
  }

  private Fuzz fuzz(String name, Fuzz.Reader reader) {
    return new Fuzz(
        folder.resolve(name),
        reader,
        FileFormatException.class,
        file -> CONSTANT + PER_BYTE * file.length);
  }

  private static Mutator mutator(List<Original> originals) {
    return new Mutator(Fuzz.SEED, originals)
        .with("header changed", SafeTensorsFuzzTest::changeHeader)
        .with("absurd length of the header", SafeTensorsFuzzTest::absurdLength)
        .with("marks in the header", SafeTensorsFuzzTest::misplaceMarks)
        .with("deep nesting", SafeTensorsFuzzTest::nest)
        .with("bad UTF-8", SafeTensorsFuzzTest::breakUtf8)
        // Or nearly all would be refused for their checksum and nothing else be tried.
        .with("changed, checksum renewed", (f, r) -> renewed(Mutator.general(f, r)))
        .with("header changed, checksum renewed", (f, r) -> renewed(changeHeader(f, r)))
        .with("marks, checksum renewed", (f, r) -> renewed(misplaceMarks(f, r)))
        .with("nesting, checksum renewed", (f, r) -> renewed(nest(f, r)));
  }

  /** Reads every tensor. */
  private void readTensors(Path file) {
    SafeTensors read = SafeTensors.read(file);
    read.metadata().forEach((key, value) -> assertTrue(key != null && value != null));
    for (String name : read.names()) {
      int size = read.isReal(name) ? read.floats(name).length : read.ints(name).length;
      assertEquals(read.shape(name).size(), size);
    }
  }

  private interface Load {
    void run();
  }

  /** Either everything is loaded, and finite, or nothing. */
  private static void requireWhole(Map<String, Tensor> tensors, Load load) {
    Map<String, float[]> before = values(tensors);
    try {
      load.run();
    } catch (FileFormatException e) {
      Map<String, float[]> after = values(tensors);
      before.forEach((name, values) -> assertArrayEquals(values, after.get(name), name));
      throw e;
    }
    values(tensors)
        .forEach(
            (name, values) -> {
              for (float value : values) {
                assertTrue(Float.isFinite(value), () -> name + " has " + value);
              }
            });
    // Back to what the next file finds.
    tensors.forEach((name, tensor) -> tensor.copyFrom(before.get(name), 0));
  }

  private static Map<String, float[]> values(Map<String, Tensor> tensors) {
    Map<String, float[]> values = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> values.put(name, tensor.toFloats()));
    return values;
  }

  private Module model() {
    return new Linear(new Init(device, 3), 24, 8);
  }

  private Original small() throws IOException {
    Path file = folder.resolve("original");
    SafeTensors.writer()
        .metadata("step", "17")
        .put("encoder.weight", new float[600], 20, 30)
        .put("labels", new int[] {7, 8}, 2)
        .put("scalar", new float[] {9})
        .write(file);
    return new Original("small", Files.readAllBytes(file));
  }

  /** A tensor of each type, names that need escapes, and one of no elements. */
  private static Original everyType() {
    StringBuilder json =
        new StringBuilder("{\"__metadata__\":{\"a\\n\\u00e9\":\"\\ud83d\\ude00\"}");
    int offset = 0;
    for (SafeTensorsType type : SafeTensorsType.values()) {
      int end = offset + 4 * type.bytes();
      json.append(", \"").append(type.name()).append("\\t\u00fc\" : {\"shape\":[2, 1 ,2],");
      json.append("\"dtype\":\"").append(type).append("\",\"data_offsets\":[");
      json.append(offset).append(',').append(end).append("]}");
      offset = end;
    }
    json.append(",\"none\":{\"dtype\":\"U8\",\"shape\":[3,0],\"data_offsets\":[");
    json.append(offset).append(',').append(offset).append("]}}");
    byte[] header = json.toString().getBytes(StandardCharsets.UTF_8);
    return new Original("every type", join(header, new byte[offset]));
  }

  private Original checkpoint() throws IOException {
    Module model = model();
    Path file =
        new CheckpointWriter(model, new Sgd(model.parameters(), 0.1).momentum(0.9).state())
            .extra("queue", device.zeros(2, 3))
            .extra("order", new int[] {3, 1, 2}, 3)
            .metadata("configuration", "width = 4\nname = \"tiny\"\n")
            .save(folder.resolve("checkpoints"), 17);
    return new Original("checkpoint", Files.readAllBytes(file));
  }

  // Damage of this format

  /** Changes the header and tells its new length, so that it is read. */
  private static byte[] changeHeader(byte[] file, CounterRandom random) {
    int end = headerEnd(file);
    byte[] header = Mutator.general(Arrays.copyOfRange(file, Math.min(8, end), end), random);
    return join(header, Arrays.copyOfRange(file, end, file.length));
  }

  private static byte[] absurdLength(byte[] file, CounterRandom random) {
    if (file.length < 8) {
      return file;
    }
    ByteBuffer buffer = ByteBuffer.wrap(file.clone()).order(ByteOrder.LITTLE_ENDIAN);
    return buffer.putLong(0, Mutator.absurd(buffer.getLong(0), file.length, random)).array();
  }

  private static byte[] misplaceMarks(byte[] file, CounterRandom random) {
    byte[] marks = "{}[]\",:\\-.0 9eE+\0\n".getBytes(StandardCharsets.US_ASCII);
    byte[] result = file.clone();
    int end = headerEnd(file);
    for (int n = 1 + random.nextInt(3); n > 0 && end > 8; n--) {
      result[8 + random.nextInt(end - 8)] = marks[random.nextInt(marks.length)];
    }
    return result;
  }

  private static byte[] nest(byte[] file, CounterRandom random) {
    String[] openings = {"{", "[", "{\"a\":", "[[1],", "\"", "\\u0041", "\\ud800", " ", "1"};
    String piece = openings[random.nextInt(openings.length)].repeat(1 + random.nextInt(3000));
    return insert(file, piece.getBytes(StandardCharsets.US_ASCII), random);
  }

  private static byte[] breakUtf8(byte[] file, CounterRandom random) {
    int[][] wrong = {{0xff}, {0xc0, 0x80}, {0xed, 0xa0, 0x80}, {0xf4, 0x90, 0x80, 0x80}, {0xe2}};
    // Legal, but not to be shown as they are: a line separator and a change of direction.
    int[][] odd = {{0xe2, 0x80, 0xa8}, {0xe2, 0x80, 0xae}, {0xc2, 0x85}, {0x7f}};
    int[][] all = random.nextInt(2) == 0 ? wrong : odd;
    int[] chosen = all[random.nextInt(all.length)];
    byte[] piece = new byte[chosen.length];
    for (int i = 0; i < piece.length; i++) {
      piece[i] = (byte) chosen[i];
    }
    return insert(file, piece, random);
  }

  private static byte[] insert(byte[] file, byte[] piece, CounterRandom random) {
    int end = headerEnd(file);
    if (end <= 8) {
      return file;
    }
    int at = 8 + random.nextInt(end - 8);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.write(file, 8, at - 8);
    header.writeBytes(piece);
    header.write(file, at, end - at);
    return join(header.toByteArray(), Arrays.copyOfRange(file, end, file.length));
  }

  /** Where the header ends by its length, if that is within the file. */
  private static int headerEnd(byte[] file) {
    if (file.length < 8) {
      return file.length;
    }
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return length < 0 || length > file.length - 8 ? file.length : 8 + (int) length;
  }

  private static byte[] join(byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  /** A file with the checksum that belongs to its contents. */
  private static byte[] renewed(byte[] file) {
    String lead = "\"" + SafeTensorsChecksum.KEY + "\":\"";
    int at = new String(file, StandardCharsets.ISO_8859_1).indexOf(lead) + lead.length();
    int digits = SafeTensorsChecksum.UNKNOWN.length();
    if (at < lead.length() || at + digits > file.length) {
      return file;
    }
    byte[] result = file.clone();
    Arrays.fill(result, at, at + digits, (byte) '0');
    CRC32C crc = new CRC32C();
    crc.update(result);
    byte[] text = String.format("%08x", crc.getValue()).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, result, at, digits);
    return result;
  }
}
