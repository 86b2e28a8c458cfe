package tangram.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.data.Npy;
import tangram.onnx.Onnx.AttributeProto;
import tangram.onnx.Onnx.AttributeProto.AttributeType;
import tangram.onnx.Onnx.GraphProto;
import tangram.onnx.Onnx.NodeProto;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** How modules of ONNX models behave: memory, threads, types, graphs inside graphs. */
class OnnxModuleTest {
  private static final Device DEVICE = Devices.get("vector");

  @TempDir private Path folder;

  private OnnxModule module(int opset, GraphProto.Builder graph) throws IOException {
    Path file = folder.resolve("model.onnx");
    Files.write(file, Fixtures.model(opset, graph).build().toByteArray());
    return new OnnxModule(OnnxModel.read(file), DEVICE);
  }

  private static GraphProto.Builder graph(ElementType type) {
    return GraphProto.newBuilder()
        .setName("graph")
        .addInput(Fixtures.value("x", type))
        .addOutput(Fixtures.value("y", null));
  }

  /** Values between are returned as soon as the last operator that needs them ran. */
  @Test
  void memory() throws IOException {
    GraphProto.Builder graph = graph(ElementType.FLOAT);
    int length = 100;
    for (int i = 0; i < length; i++) {
      String from = i == 0 ? "x" : "v" + i;
      String to = i == length - 1 ? "y" : "v" + (i + 1);
      // Views and values with several names among them.
      String operator = i % 3 == 0 ? "Identity" : i % 3 == 1 ? "Neg" : "Transpose";
      graph.addNode(Fixtures.node(operator, from, to));
    }
    OnnxModule module = module(17, graph);
    int size = 1 << 16;
    try (Scope scope = Scope.open();
        Autograd.Guard inference = Autograd.noGrad()) {
      Tensor x = DEVICE.rand(new Generator(1), 256, size / 256);
      long before = DEVICE.usedBytes();
      Tensor y = module.forward(x);
      long after = DEVICE.usedBytes();
      assertTrue(after - before <= 2L * size * Float.BYTES, before + " became " + after);
      assertEquals(size, y.size());
      assertTrue(!x.isReleased());
    }
  }

  /** A weight or a constant that is an output as well outlives what the caller does to it. */
  @Test
  void constantsStay() throws IOException {
    GraphProto.Builder graph =
        graph(ElementType.FLOAT)
            .addOutput(Fixtures.value("c", null))
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("Constant")
                    .addOutput("c")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("value")
                            .setType(AttributeType.TENSOR)
                            .setT(Messages.tensor("", new float[] {5}))))
            .addNode(Fixtures.node("Add", "x c", "y"));
    OnnxModule module = module(17, graph);
    for (int i = 0; i < 2; i++) {
      try (Autograd.Guard inference = Autograd.noGrad()) {
        Map<String, Tensor> results = module.forward(Map.of("x", DEVICE.ones(1)));
        assertEquals(6, results.get("y").item());
        results.values().forEach(Tensor::close);
      }
    }
  }

  /** Whole numbers of 8 bits wrap around, and are compared and divided without a sign. */
  @Test
  void shortIntegers() throws IOException {
    GraphProto.Builder graph =
        graph(ElementType.UINT8)
            .addNode(Fixtures.node("Mul", "x x", "s"))
            .addNode(Fixtures.node("Sub", "s x", "y"));
    Tensor y = module(17, graph).forward(DEVICE.tensor(new int[] {3, 200, 255}));
    assertArrayEquals(new int[] {6, 120, 2}, y.toInts());
    OnnxException e =
        org.junit.jupiter.api.Assertions.assertThrows(
            OnnxException.class, () -> module(17, graph).forward(DEVICE.tensor(new int[] {256})));
    assertTrue(e.getMessage().contains("which has no 256"), e.getMessage());
  }

  /** A loop inside a branch, which takes values from the graph around. */
  @Test
  void graphsInside() throws IOException {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addInput(Fixtures.value("i", ElementType.INT64))
            .addInput(Fixtures.value("go", ElementType.BOOL))
            .addInput(Fixtures.value("carried", ElementType.FLOAT))
            .addOutput(Fixtures.value("go2", null))
            .addOutput(Fixtures.value("next", null))
            .addNode(Fixtures.node("Identity", "go", "go2"))
            .addNode(Fixtures.node("Mul", "carried x", "next"));
    GraphProto.Builder then =
        GraphProto.newBuilder()
            .setName("then")
            .addOutput(Fixtures.value("powers", null))
            .addNode(
                Fixtures.node("Loop", "times - x", "powers").addAttribute(graph("body", body)));
    GraphProto.Builder otherwise =
        GraphProto.newBuilder()
            .setName("else")
            .addOutput(Fixtures.value("same", null))
            .addNode(Fixtures.node("Identity", "x", "same"));
    GraphProto.Builder graph =
        graph(ElementType.FLOAT)
            .addInput(Fixtures.value("c", ElementType.BOOL))
            .addInput(Fixtures.value("times", ElementType.INT64))
            .addNode(
                Fixtures.node("If", "c", "y")
                    .addAttribute(graph("then_branch", then))
                    .addAttribute(graph("else_branch", otherwise)));
    OnnxModule module = module(17, graph);
    for (boolean yes : new boolean[] {true, false}) {
      try (Scope scope = Scope.open();
          Autograd.Guard inference = Autograd.noGrad()) {
        Tensor x = DEVICE.tensor(new float[] {2, 3});
        Tensor y =
            module
                .forward(
                    Map.of(
                        "x", x,
                        "c", DEVICE.tensor(new boolean[] {yes}),
                        "times", DEVICE.tensor(new long[] {3})))
                .get("y");
        assertArrayEquals(yes ? new float[] {16, 81} : new float[] {2, 3}, y.toFloats());
        assertArrayEquals(new float[] {2, 3}, x.toFloats());
      }
    }
    // Gradients go through the loop: d x^4 / dx = 4 x^3.
    try (Scope scope = Scope.open()) {
      Tensor x = DEVICE.tensor(new float[] {2, 3}).requireGrad();
      module
          .forward(
              Map.of(
                  "x", x,
                  "c", DEVICE.tensor(new boolean[] {true}),
                  "times", DEVICE.tensor(new long[] {3})))
          .get("y")
          .sum()
          .backward();
      assertArrayEquals(new float[] {32, 108}, x.grad().toFloats());
    }
  }

  private static AttributeProto graph(String name, GraphProto.Builder graph) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.GRAPH)
        .setG(graph)
        .build();
  }

  @Test
  void threads() throws Exception {
    OnnxModule module =
        new OnnxModule(OnnxModel.read(Fixtures.resource("models/convolutions.onnx")), DEVICE);
    List<Future<float[]>> results = new ArrayList<>();
    float[] expected = inference(module, 0);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 40; i++) {
        results.add(threads.submit(() -> inference(module, 0)));
      }
      for (Future<float[]> result : results) {
        assertArrayEquals(expected, result.get());
      }
    }
  }

  private static float[] inference(OnnxModule module, int seed) {
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      return module.forward(DEVICE.randn(new Generator(seed), 2, 2, 12, 12)).toFloats();
    }
  }

  /** An exponent that is a constant is one at every call. */
  @Test
  void constantExponents() throws IOException {
    for (float exponent : new float[] {2, 0.5f, 3, -1}) {
      GraphProto.Builder graph =
          graph(ElementType.FLOAT)
              .addNode(
                  NodeProto.newBuilder()
                      .setOpType("Constant")
                      .addOutput("e")
                      .addAttribute(Messages.attribute("value_float", exponent)))
              .addNode(Fixtures.node("Pow", "x e", "y"));
      OnnxModule module = module(17, graph);
      try (Scope scope = Scope.open()) {
        Tensor x = DEVICE.tensor(new float[] {4, 9}).requireGrad();
        Tensor y = module.forward(x);
        float[] values = y.toFloats();
        y.sum().backward();
        for (int i = 0; i < 2; i++) {
          double base = i == 0 ? 4 : 9;
          assertEquals(Math.pow(base, exponent), values[i], 1e-4);
          double slope = exponent * Math.pow(base, exponent - 1);
          assertEquals(slope, x.grad().toFloats()[i], 1e-4);
        }
      }
    }
  }

  /** At kinks as PyTorch has them. */
  @Test
  void derivativesAtZero() throws IOException {
    assertDerivative(0.5f, "Softplus");
    assertDerivative(1, "Asinh");
    assertDerivative(0.01f, "LeakyRelu");
    assertDerivative(0, "Relu");
    assertDerivative(1, "Elu");
    assertDerivative(0, "LpNormalization");
  }

  private void assertDerivative(float expected, String operator) throws IOException {
    OnnxModule module =
        module(22, graph(ElementType.FLOAT).addNode(Fixtures.node(operator, "x", "y")));
    try (Scope scope = Scope.open()) {
      Tensor x = DEVICE.zeros(1, 2).requireGrad();
      module.forward(x).mul(DEVICE.tensor(new float[] {1, 0})).sum().backward();
      float gradient = x.grad().toFloats()[0];
      if (operator.startsWith("Lp")) {
        assertTrue(Float.isFinite(gradient), operator + ": " + gradient);
      } else {
        assertEquals(expected, gradient, operator);
      }
    }
  }

  /** A run on a file and on numbers that are made up. */
  @Test
  void once() throws IOException {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addInput(Fixtures.value("x", ElementType.FLOAT))
            .addInput(
                Fixtures.value("z", ElementType.FLOAT).toBuilder()
                    .setType(
                        Onnx.TypeProto.newBuilder()
                            .setTensorType(
                                Onnx.TypeProto.Tensor.newBuilder()
                                    .setElemType(1)
                                    .setShape(
                                        Onnx.TensorShapeProto.newBuilder()
                                            .addDim(
                                                Onnx.TensorShapeProto.Dimension.newBuilder()
                                                    .setDimValue(2))))))
            .addOutput(Fixtures.value("y", null))
            .addOutput(Fixtures.value("w", null))
            .addNode(Fixtures.node("Neg", "x", "y"))
            .addNode(Fixtures.node("Floor", "z", "w"));
    Path file = folder.resolve("x.pb");
    Files.write(file, Messages.tensor("x", new float[] {1, 2}).toByteArray());
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
    OnnxRun.run(module(17, graph), Map.of("x", file), null, out);
    String report = text.toString(StandardCharsets.UTF_8);
    assertTrue(report.contains("input z (made up): float[2]"), report);
    assertTrue(report.contains("output y: float[2] [-1. -2.]"), report);
    assertTrue(report.contains("output w: float[2] [0. 0.]"), report);
    Path array = folder.resolve("x.npy");
    Npy.write(DEVICE.tensor(new float[] {3, 4}), array);
    OnnxRun.run(module(17, graph), Map.of("x", array), folder, out);
    assertArrayEquals(new float[] {-3, -4}, Npy.read(folder.resolve("y.npy"), DEVICE).toFloats());
    Npy.write(DEVICE.tensor(new int[] {3, 4}), array);
    OnnxException e =
        assertThrows(
            OnnxException.class,
            () -> OnnxRun.run(module(17, graph), Map.of("x", array), null, out));
    assertTrue(e.getMessage().contains("x.npy"), e.getMessage());
  }

  @Test
  void described() {
    OnnxModule module =
        new OnnxModule(OnnxModel.read(Fixtures.resource("models/attention.onnx")), DEVICE);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    module.describe(new PrintStream(text, true, StandardCharsets.UTF_8));
    String report = text.toString(StandardCharsets.UTF_8);
    assertTrue(report.contains("input     input0 int64[2, 5]"), report);
    assertTrue(report.contains("LayerNormalization=1"), report);
  }
}
