package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.tensor.Tensor;
import tangram.tensor.reference.ReferenceDevice;

class WeightsTest {
  private final ReferenceDevice device = new ReferenceDevice();
  @TempDir Path folder;

  /** A linear layer and batch normalisation, whose running statistics are buffers. */
  static final class Encoder extends Module {
    Encoder(Init init, int in) {
      child("linear", new Linear(init, in, 2));
      child("bn1", new BatchNorm2d(init, 2));
    }
  }

  static final class Network extends Module {
    final Encoder encoder;

    Network(Init init) {
      encoder = child("encoder", new Encoder(init, 3));
      child("head", new Linear(init, 2, 1, false));
      buffer("counts", init.device().tensor(new int[] {1, 2}, 2));
    }
  }

  @Test
  void aNetworkComesBack() {
    Network saved = network(1);
    saved.buffers().get("encoder.bn1.running_var").copyFrom(new float[] {-0f, 1e-45f}, 0);
    saved.buffers().get("counts").copyFrom(new int[] {3, -4}, 0);
    Path file = folder.resolve("w.safetensors");
    Weights.save(saved, file, Map.of("epoch", "5"));
    Network loaded = network(2);
    Weights.load(loaded, SafeTensors.read(file));
    assertEquals(Map.of("epoch", "5"), SafeTensors.read(file).metadata());
    assertSameState(saved, loaded);
    SafeTensorsTest.assertBits(
        new float[] {-0f, 1e-45f}, loaded.buffers().get("encoder.bn1.running_var").toFloats());
    assertArrayEquals(new int[] {3, -4}, loaded.buffers().get("counts").toInts());
  }

  @Test
  void numbersThatAreNotFiniteAreRefused() {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      Network saved = network(1);
      saved.encoder.parameters().get("linear.bias").copyFrom(new float[] {0, bad}, 0);
      Path file = folder.resolve("bad.safetensors");
      Weights.save(saved, file, Map.of());
      Network loaded = network(2);
      FileFormatException e =
          assertThrows(
              FileFormatException.class, () -> Weights.load(loaded, SafeTensors.read(file)));
      assertEquals(
          file + ": 'encoder.linear.bias' holds " + bad + "; use weights that are finite numbers.",
          e.getMessage());
      assertSameState(network(2), loaded);
    }
  }

  @Test
  void aPartOfAFileFillsAModule() {
    Network saved = network(1);
    Path file = folder.resolve("w.safetensors");
    Weights.save(saved, file, Map.of());
    Encoder encoder = new Encoder(new Init(device, 9), 3);
    Weights.load(encoder, SafeTensors.read(file), "encoder.");
    assertSameState(saved.encoder, encoder);
  }

  @Test
  void countersOfBatchesAreLeftOutAndOtherTensorsRefused() {
    Encoder saved = new Encoder(new Init(device, 1), 3);
    Path file = folder.resolve("resnet.safetensors");
    SafeTensorsWriter writer = SafeTensors.writer();
    saved.state().forEach(writer::put);
    writer.put("bn1.num_batches_tracked", new int[1]).write(file);
    Encoder loaded = new Encoder(new Init(device, 2), 3);
    Weights.load(loaded, SafeTensors.read(file));
    assertSameState(saved, loaded);
    SafeTensorsWriter other = SafeTensors.writer();
    saved.state().forEach(other::put);
    // The counter of a layer that is not there.
    other.put("bn2.num_batches_tracked", new int[1]).write(file);
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> Weights.load(loaded, SafeTensors.read(file)));
    assertTrue(
        e.getMessage().contains("1 tensor is unexpected: 'bn2.num_batches_tracked'"),
        e.getMessage());
  }

  @Test
  void whatDoesNotFitIsListedAndNothingIsChanged() {
    Path file = folder.resolve("w.safetensors");
    SafeTensorsWriter writer = SafeTensors.writer();
    network(1)
        .state()
        .forEach(
            (name, tensor) -> {
              if (name.equals("head.weight")) {
                writer.put(name, new float[4], 1, 4);
              } else if (name.equals("counts")) {
                writer.put(name, new float[2], 2);
              } else if (!name.startsWith("encoder.bn1")) {
                writer.put(name, tensor);
              }
            });
    for (int i = 0; i < 6; i++) {
      writer.put("other" + i, new float[1], 1);
    }
    writer.write(file);
    Network network = network(2);
    FileFormatException e =
        assertThrows(
            FileFormatException.class, () -> Weights.load(network, SafeTensors.read(file)));
    assertEquals(
        file
            + ": does not fit this network, 4 tensors are missing: 'encoder.bn1.weight',"
            + " 'encoder.bn1.bias', 'encoder.bn1.running_mean', 'encoder.bn1.running_var'; 6"
            + " tensors are unexpected: 'other0', 'other1', 'other2', 'other3' and 2 more; 2"
            + " tensors are of another shape or type: 'head.weight' is F32[1, 4] instead of"
            + " F32[1, 2], 'counts' is F32[2] instead of I32[2]; choose the file that was saved"
            + " with the same network settings.",
        e.getMessage());
    assertSameState(network(2), network);
  }

  @Test
  void aValueThatDoesNotFitChangesNothing() throws IOException {
    // One tensor behind others is I64 and out of range, which only reading it shows.
    Network source = network(1);
    StringBuilder json = new StringBuilder("{");
    int offset = 0;
    int endOfCounts = 0;
    for (Map.Entry<String, Tensor> e : source.state().entrySet()) {
      boolean wide = e.getKey().equals("counts");
      int bytes = e.getValue().size() * (wide ? 8 : 4);
      json.append(
          String.format(
              "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]},",
              e.getKey(), wide ? "I64" : "F32", e.getValue().shape(), offset, offset + bytes));
      offset += bytes;
      endOfCounts = wide ? offset : endOfCounts;
    }
    json.setCharAt(json.length() - 1, '}');
    byte[] data = new byte[offset];
    data[endOfCounts - 1] = 1;
    Path file = folder.resolve("range.safetensors");
    try (var out = Files.newOutputStream(file)) {
      out.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length()).array());
      out.write(json.toString().getBytes());
      out.write(data);
    }
    Network network = network(2);
    FileFormatException e =
        assertThrows(
            FileFormatException.class, () -> Weights.load(network, SafeTensors.read(file)));
    assertTrue(e.getMessage().contains("element 1 of 'counts'"), e.getMessage());
    assertSameState(network(2), network);
  }

  private Network network(long seed) {
    return new Network(new Init(device, seed));
  }

  static void assertSameState(Module expected, Module actual) {
    assertFalse(expected.state().isEmpty());
    assertEquals(expected.state().keySet(), actual.state().keySet());
    expected
        .state()
        .forEach(
            (name, tensor) -> {
              Tensor other = actual.state().get(name);
              if (name.equals("counts")) {
                assertArrayEquals(tensor.toInts(), other.toInts(), name);
              } else {
                SafeTensorsTest.assertBits(tensor.toFloats(), other.toFloats());
              }
            });
  }
}
