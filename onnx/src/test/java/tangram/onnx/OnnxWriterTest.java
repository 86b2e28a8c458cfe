package tangram.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.FileWriteException;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.tensor.Generator;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.reference.ReferenceDevice;

/** What is in the files; a runtime's numbers are compared elsewhere. */
class OnnxWriterTest {
  private static final Shape EXAMPLE = Shape.of(1, 2, 4, 4);

  @TempDir private Path folder;

  /** A convolution and batch normalisation with residual and ReLU. */
  private static final class Block extends Module {
    final Conv2d conv;
    final BatchNorm2d norm;

    Block() {
      Init init = new Init(new ReferenceDevice(), 0);
      conv = child("conv", new Conv2d(init, 2, 2, 3, ConvOptions.DEFAULT.padding(1)));
      norm = child("norm", new BatchNorm2d(init, 2));
      child("unused", new Conv2d(init, 1, 1, 1, ConvOptions.DEFAULT, false));
      train(false);
    }

    Tensor forward(Tensor x) {
      return norm.forwardAddRelu(conv.forward(x), x);
    }
  }

  private static OnnxWriter writer(String... outputDims) {
    return new OnnxWriter(
        new OnnxValue("in", "an image", List.of("batch", "2", "height", "width")),
        new OnnxValue("out", "a result", List.of(outputDims)));
  }

  private static OnnxWriter writer() {
    return writer("batch", "2", "height", "width");
  }

  private Path file() {
    return folder.resolve("net.onnx");
  }

  private static UnknownFieldSet message(UnknownFieldSet of, int... path)
      throws InvalidProtocolBufferException {
    UnknownFieldSet at = of;
    for (int number : path) {
      at = UnknownFieldSet.parseFrom(at.getField(number).getLengthDelimitedList().get(0));
    }
    return at;
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet of, int number) {
    return of.getField(number).getLengthDelimitedList().stream()
        .map(OnnxWriterTest::parse)
        .toList();
  }

  private static UnknownFieldSet parse(ByteString bytes) {
    try {
      return UnknownFieldSet.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> texts(UnknownFieldSet of, int number) {
    return of.getField(number).getLengthDelimitedList().stream()
        .map(ByteString::toStringUtf8)
        .toList();
  }

  /** What is written computes the same when it is read, under the same names, and learns. */
  @Test
  void isReadAgain() {
    Block block = new Block();
    UnaryOperator<Tensor> forward =
        x ->
            Tensor.cat(
                1,
                ResizeOp.upsampleNearest2x(block.forward(x).maxPool2d(PoolOptions.of(2))),
                block.conv.forward(x));
    OnnxValue out = new OnnxValue("out", "two parts", List.of("batch", "4", "height", "width"));
    OnnxValue in = new OnnxValue("in", "an image", List.of("batch", "2", "height", "width"));
    new OnnxWriter(in, out).write("net", block, forward, EXAMPLE, file());
    OnnxModule read = new OnnxModule(OnnxModel.read(file()), new ReferenceDevice());
    assertTrue(block.parameters().keySet().containsAll(read.parameters().keySet()));
    Tensor image = read.parameters().get("conv.weight").device().linspace(-2, 3, 32);
    Tensor original = block.conv.parameters().get("weight").device().linspace(-2, 3, 32);
    double[] expected = forward.apply(original.reshape(1, 2, 4, 4)).toDoubles();
    Tensor y = read.forward(image.reshape(1, 2, 4, 4));
    assertArrayEquals(expected, y.toDoubles(), 1e-6);
    y.square().sum().backward();
    assertTrue(read.parameters().get("conv.weight").grad().abs().sum().item() > 0);
  }

  @Test
  void metadataComesBackInItsOrder() {
    List<String> keys = List.of("title", "author", "date", "source", "licence", "patients", "a");
    Block block = new Block();
    OnnxWriter writer = writer();
    keys.forEach(key -> writer.metadata(key, "of " + key));
    writer.write("net", block, block::forward, EXAMPLE, file());
    assertEquals(keys, List.copyOf(OnnxModel.read(file()).metadata().keySet()));
  }

  @Test
  void everyOperationIsANodeAndEveryUsedWeightAnInitializer() throws IOException {
    Block block = new Block();
    writer()
        .documentation("about")
        .metadata("key", "välue")
        .write("net", block, block::forward, EXAMPLE, file());
    UnknownFieldSet model = UnknownFieldSet.parseFrom(Files.readAllBytes(file()));
    assertEquals(List.of(8L), model.getField(1).getVarintList());
    assertEquals(List.of("about"), texts(model, 6));
    assertEquals(List.of(17L), message(model, 8).getField(2).getVarintList());
    assertEquals(List.of("key"), texts(message(model, 14), 1));
    assertEquals(List.of("välue"), texts(message(model, 14), 2));

    UnknownFieldSet graph = message(model, 7);
    List<UnknownFieldSet> nodes = messages(graph, 1);
    assertEquals(
        List.of("Conv", "BatchNormalization", "Add", "Relu"),
        nodes.stream().map(node -> texts(node, 4).get(0)).toList());
    assertEquals(List.of("in", "conv.weight", "conv.bias"), texts(nodes.get(0), 1));
    assertEquals(
        List.of("conv", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"),
        texts(nodes.get(1), 1));
    assertEquals(List.of("norm", "in"), texts(nodes.get(2), 1));
    assertEquals(List.of("norm.add"), texts(nodes.get(3), 1));
    assertEquals(List.of("out"), texts(nodes.get(3), 2));

    List<UnknownFieldSet> tensors = messages(graph, 5);
    List<String> names = tensors.stream().map(tensor -> texts(tensor, 8).get(0)).toList();
    List<String> used =
        block.state().keySet().stream().filter(n -> !n.startsWith("unused")).toList();
    assertEquals(used.stream().sorted().toList(), names.stream().sorted().toList());
    UnknownFieldSet weight = tensors.get(names.indexOf("conv.weight"));
    assertEquals(List.of(2L, 2L, 3L, 3L), weight.getField(1).getVarintList());
    float[] values = new float[36];
    weight
        .getField(9)
        .getLengthDelimitedList()
        .get(0)
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    assertArrayEquals(block.conv.state().get("weight").toFloats(), values);

    List<UnknownFieldSet> dims = messages(message(graph, 11, 2, 1, 2), 1);
    assertEquals(List.of("batch"), texts(dims.get(0), 2));
    assertEquals(List.of(2L), dims.get(1).getField(1).getVarintList());
    assertEquals(List.of("out"), texts(message(graph, 12), 1));
  }

  @Test
  void aLayerUsedTwiceIsTwoNodesOfOneWeight() throws IOException {
    Block block = new Block();
    writer().write("net", block, x -> block.conv.forward(block.conv.forward(x)), EXAMPLE, file());
    UnknownFieldSet graph = message(UnknownFieldSet.parseFrom(Files.readAllBytes(file())), 7);
    List<UnknownFieldSet> nodes = messages(graph, 1);
    assertEquals(List.of("conv"), texts(nodes.get(0), 2));
    assertEquals(List.of("conv", "conv.weight", "conv.bias"), texts(nodes.get(1), 1));
    assertEquals(2, messages(graph, 5).size());
  }

  @Test
  void whatHasNoOnnxFormIsRefused() throws IOException {
    Block block = new Block();
    assertRefused("'cumprod'", block, x -> x.cumprod(1));
    assertRefused("'cumprod'", block, x -> block.conv.forward(x.cumprod(1).gelu()));
    assertRefused(
        "'random numbers'", block, x -> x.device().rand(new Generator(0), x.shape().dims()));
    assertRefused("computes nothing", block, x -> x.device().zeros(x.shape().dims()));
    assertRefused("[in]", block, x -> x);
    assertRefused("on the host", block, x -> x.mul(x.max().item()));
    assertRefused("in place", block, x -> x.device().zeros(x.shape().dims()).copyFrom(x));
    assertRefused("computes otherwise", block, x -> x.dim(0) > 2 ? x.add(1) : x.mul(2));
    assertRefused(
        "is larger", block, x -> x.add(x.device().zeros(1, 2, 4, 4).narrow(3, 0, x.dim(3))));
    assertRefused("depends on the sizes", block, x -> x.device().eye(x.dim(2)).matmul(x));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void whatDoesNotFitTheDeclarationIsRefused() {
    Block block = new Block();
    assertRefused("'out' is [1, 4, 4, 4]", block, x -> Tensor.cat(1, x, block.conv.forward(x)));
    OnnxWriter writer = writer("batch", "2", "height");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> writer.write("net", block, ResizeOp::upsampleNearest2x, EXAMPLE, file()))
            .getMessage();
    assertTrue(message.contains("'out' is [1, 2, 8, 8]"), message);
  }

  @Test
  void aNetworkInTrainingIsRefused() {
    Block block = new Block();
    block.train(true);
    assertRefused("evaluation", block, block::forward);
  }

  private void assertRefused(String word, Block block, UnaryOperator<Tensor> forward) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> writer().write("net", block, forward, EXAMPLE, file()))
            .getMessage();
    assertTrue(message.contains(word), message);
    assertFalse(Files.exists(file()));
  }

  @Test
  void aFileBeyondTheFormatsLimitIsRefused() {
    OnnxWriter.requireFileSize(1 << 30, file());
    String message =
        assertThrows(FileWriteException.class, () -> OnnxWriter.requireFileSize(1L << 31, file()))
            .getMessage();
    assertTrue(message.startsWith(file() + ": would take 2147483"), message);
  }
}
