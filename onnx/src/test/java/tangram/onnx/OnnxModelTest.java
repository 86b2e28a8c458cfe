package tangram.onnx;

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
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.ModelProto;
import tangram.onnx.Onnx.OperatorSetIdProto;
import tangram.onnx.Onnx.StringStringEntryProto;
import tangram.onnx.Onnx.TensorProto;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

/**
 * Files that are no valid models, and models that cannot be computed, are refused in a sentence.
 */
class OnnxModelTest {
  private static final Device DEVICE = Devices.get("reference");

  @TempDir private Path folder;

  private Path write(ModelProto.Builder model) throws IOException {
    return Files.write(folder.resolve("model.onnx"), model.build().toByteArray());
  }

  /** x to y, by nodes that are added. */
  private static GraphProto.Builder graph() {
    return GraphProto.newBuilder()
        .setName("graph")
        .addInput(Fixtures.value("x", ElementType.FLOAT))
        .addOutput(Fixtures.value("y", ElementType.FLOAT));
  }

  private void assertInvalid(String sentence, GraphProto.Builder graph) throws IOException {
    Path file = write(Fixtures.model(17, graph));
    FileFormatException e = assertThrows(FileFormatException.class, () -> OnnxModel.read(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  private void assertUnsupported(String sentence, ModelProto.Builder model) throws IOException {
    Path file = write(model);
    OnnxException.Unsupported e =
        assertThrows(
            OnnxException.Unsupported.class, () -> new OnnxModule(OnnxModel.read(file), DEVICE));
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  @Test
  void invalidGraphs() throws IOException {
    assertInvalid(
        "node 'a' ('Neg') needs 'b', which nothing before it makes",
        graph()
            .addNode(Fixtures.node("Neg", "b", "a"))
            .addNode(Fixtures.node("Neg", "a", "b"))
            .addNode(Fixtures.node("Neg", "b", "y")));
    assertInvalid("no node makes the output 'y'", graph().addNode(Fixtures.node("Neg", "x", "z")));
    assertInvalid(
        "value 'y' is made twice",
        graph().addNode(Fixtures.node("Neg", "x", "y")).addNode(Fixtures.node("Abs", "x", "y")));
    assertInvalid("value 'x' is made twice", graph().addNode(Fixtures.node("Neg", "x", "x y")));
    assertInvalid(
        "two inputs are named 'x'",
        graph()
            .addInput(Fixtures.value("x", ElementType.FLOAT))
            .addNode(Fixtures.node("Neg", "x", "y")));
    TensorProto w = Messages.tensor("w", new float[] {1});
    assertInvalid(
        "two initializers 'w'",
        graph().addInitializer(w).addInitializer(w).addNode(Fixtures.node("Add", "x w", "y")));
  }

  @Test
  void countsAreNotTrusted() throws IOException {
    TensorProto.Builder w = Messages.tensor("w", new float[] {1, 2}).toBuilder();
    GraphProto.Builder more =
        graph()
            .addInitializer(w.clone().clearDims().addDims(3))
            .addNode(Fixtures.node("Add", "x w", "y"));
    assertInvalid("tensor 'w' of shape [3] needs 12 bytes but has 8", more);
    GraphProto.Builder huge =
        graph()
            .addInitializer(w.clone().clearDims().addDims(1L << 40).addDims(1L << 40))
            .addNode(Fixtures.node("Add", "x w", "y"));
    assertInvalid("impossible dimensions", huge);
    GraphProto.Builder negative =
        graph()
            .addInitializer(w.clone().clearDims().addDims(-1))
            .addNode(Fixtures.node("Add", "x w", "y"));
    assertInvalid("impossible dimensions", negative);
  }

  @Test
  void damagedFiles() throws IOException {
    Path file = write(Fixtures.model(17, graph().addNode(Fixtures.node("Neg", "x", "y"))));
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(bytes, length));
      assertThrows(FileFormatException.class, () -> OnnxModel.read(cut), "cut at " + length);
    }
    FileFormatException e =
        assertThrows(
            FileFormatException.class, () -> OnnxModel.read(folder.resolve("missing.onnx")));
    assertTrue(e.getMessage().contains("missing.onnx: cannot be read"), e.getMessage());
  }

  @Test
  void unsupported() throws IOException {
    assertUnsupported(
        "Operator Gelu of opset 17, in node 'y', is not supported: it came with opset 20",
        Fixtures.model(17, graph().addNode(Fixtures.node("Gelu", "x", "y"))));
    assertUnsupported(
        "operators are known up to opset",
        Fixtures.model(999, graph().addNode(Fixtures.node("Neg", "x", "y"))));
    assertUnsupported(
        "it ended with opset 10",
        Fixtures.model(17, graph().addNode(Fixtures.node("Upsample", "x x", "y"))));
    assertUnsupported(
        "Operator Foo of opset 17, in node 'y', is no operator",
        Fixtures.model(17, graph().addNode(Fixtures.node("Foo", "x", "y"))));
    assertUnsupported(
        "its attribute 'alhpa' is not known",
        Fixtures.model(
            17,
            graph()
                .addNode(
                    Fixtures.node("Elu", "x", "y").addAttribute(Messages.attribute("alhpa", 1f)))));
    assertUnsupported(
        "it has 3 inputs, where",
        Fixtures.model(17, graph().addNode(Fixtures.node("Add", "x x x", "y"))));
    assertUnsupported(
        "gradients are taken by Tensor.backward()",
        Fixtures.model(
                17,
                graph()
                    .addNode(
                        Fixtures.node("Gradient", "x", "y").setDomain("ai.onnx.preview.training")))
            .addOpsetImport(
                OperatorSetIdProto.newBuilder()
                    .setDomain("ai.onnx.preview.training")
                    .setVersion(1)));
    assertUnsupported(
        "of a domain of which the model asks for no version",
        Fixtures.model(17, graph().addNode(Fixtures.node("Foo", "x", "y").setDomain("com.x"))));
  }

  @Test
  void functionsThatCallThemselves() throws IOException {
    ModelProto.Builder model =
        Fixtures.model(17, graph().addNode(Fixtures.node("F", "x", "y").setDomain("own")))
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1));
    model
        .addFunctionsBuilder()
        .setDomain("own")
        .setName("F")
        .addInput("a")
        .addOutput("b")
        .addNode(Fixtures.node("F", "a", "b").setDomain("own"));
    assertUnsupported("Function own.F calls itself", model);
  }

  @Test
  void wrongInputs() throws IOException {
    Path file = write(Fixtures.model(17, graph().addNode(Fixtures.node("Neg", "x", "y"))));
    OnnxModule module = new OnnxModule(OnnxModel.read(file), DEVICE);
    assertSentence("Input 'x' is missing", () -> module.forward(Map.of()));
    assertSentence(
        "The model has no input 'z'; its inputs are [x].",
        () -> module.forward(Map.of("x", DEVICE.ones(1), "z", DEVICE.ones(1))));
    assertSentence(
        "Input 'x' is of type float, not I32", () -> module.forward(DEVICE.tensor(new int[] {1})));
  }

  private static void assertSentence(String sentence, org.junit.jupiter.api.function.Executable f) {
    OnnxException e = assertThrows(OnnxException.class, f);
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  /** Errors of operators name the node. */
  @Test
  void failures() throws IOException {
    TensorProto w = Messages.tensor("w", new float[] {1, 2, 3});
    Path file =
        write(
            Fixtures.model(
                17, graph().addInitializer(w).addNode(Fixtures.node("Add", "x w", "y"))));
    OnnxModule module = new OnnxModule(OnnxModel.read(file), DEVICE);
    assertSentence(
        "Node 'y' (Add of opset 14): add: shapes do not broadcast",
        () -> module.forward(DEVICE.ones(2)));
    Path types =
        write(
            Fixtures.model(
                17,
                graph()
                    .addNode(
                        Fixtures.node("Cast", "x", "d").addAttribute(Fixtures.attribute("to", 11)))
                    .addNode(Fixtures.node("Add", "x d", "y"))));
    OnnxModule mixed = new OnnxModule(OnnxModel.read(types), DEVICE);
    assertSentence(
        "inputs A and B are of types float and double, where one is needed",
        () -> mixed.forward(DEVICE.ones(2)));
  }

  @Test
  void externalData() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(8, 3).putFloat(12, 4);
    Files.write(folder.resolve("weights.bin"), bytes.array());
    assertArrayEquals(
        new float[] {4, 5}, external("weights.bin", "8").forward(DEVICE.ones(2)).toFloats());
    assertFalse(external("weights.bin", "8").parameters().isEmpty());
    Files.write(folder.getParent().resolve("outside.bin"), bytes.array());
    assertExternal("outside the model's folder", "../outside.bin", "0");
    assertExternal("which has 16; the file is incomplete", "weights.bin", "12");
    assertExternal("cannot read", "missing.bin", "0");
    assertExternal("says wrongly where", "weights.bin", "zero");
  }

  private OnnxModule external(String location, String offset) throws IOException {
    TensorProto w =
        TensorProto.newBuilder()
            .setName("w")
            .addDims(2)
            .setDataType(ElementType.FLOAT.code())
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location))
            .addExternalData(entry("offset", offset))
            .build();
    Path file =
        write(
            Fixtures.model(
                17, graph().addInitializer(w).addNode(Fixtures.node("Add", "x w", "y"))));
    return new OnnxModule(OnnxModel.read(file), DEVICE);
  }

  private void assertExternal(String sentence, String location, String offset) {
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> external(location, offset));
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** Attributes of a function reach the nodes that refer to them, or their defaults do. */
  @Test
  void functions() throws IOException {
    ModelProto.Builder model =
        Fixtures.model(
                17,
                graph()
                    .addNode(
                        Fixtures.node("Twice", "x", "z")
                            .setDomain("own")
                            .addAttribute(Messages.attribute("slope", 0.5f)))
                    .addNode(Fixtures.node("Twice", "z", "y").setDomain("own")))
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1));
    model
        .addFunctionsBuilder()
        .setDomain("own")
        .setName("Twice")
        .addInput("a")
        .addOutput("c")
        .addAttributeProto(Messages.attribute("slope", 0.25f))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(16))
        .addNode(
            Fixtures.node("LeakyRelu", "a", "b")
                .addAttribute(Messages.attribute("alpha", 0f).toBuilder().setRefAttrName("slope")))
        .addNode(Fixtures.node("Add", "b b", "c"));
    OnnxModule module = new OnnxModule(OnnxModel.read(write(model)), DEVICE);
    Tensor y = module.forward(DEVICE.tensor(new float[] {-8, 1}));
    assertEquals(-4, y.toFloats()[0]);
    assertEquals(4, y.toFloats()[1]);
  }
}
