package tangram.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.AdamW;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.Linear;
import tangram.nn.Sequential;
import tangram.nn.Weights;
import tangram.nn.data.Characters;
import tangram.nn.data.DataLoader;
import tangram.nn.data.Dataset;
import tangram.nn.data.TokenWindows;
import tangram.nn.model.Gpt2;
import tangram.nn.model.LeNet;
import tangram.nn.model.Mlp;
import tangram.nn.text.Sampling;
import tangram.nn.training.Trainer;
import tangram.onnx.OnnxModel;
import tangram.onnx.OnnxModule;
import tangram.onnx.OnnxValue;
import tangram.onnx.OnnxWriter;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

class ExamplesTest {
  private final Device device = Devices.get("vector");

  @TempDir private Path folder;

  @Test
  void aLineIsFound() throws IOException {
    StringBuilder table = new StringBuilder("a,b,y\n");
    for (int i = 0; i < 50; i++) {
      double a = Math.sin(i);
      double b = Math.cos(3 * i);
      table.append(a).append(',').append(b).append(',').append(2 * a - b + 0.5).append('\n');
    }
    Path file = Files.writeString(folder.resolve("table.csv"), table);
    Linear line = LinearRegression.fit(file, device);
    assertArrayEquals(
        new double[] {2, -1}, line.parameters().get("weight").flatten().toDoubles(), 1e-4);
    assertEquals(0.5, line.parameters().get("bias").item(), 1e-4);
  }

  /** Real digits, where the environment says they are: see {@code .ci/run}. */
  @Test
  void digitsAreRead() {
    String mnist = System.getenv("TANGRAM_MNIST");
    if (mnist == null) {
      String reason = "Digits are skipped: TANGRAM_MNIST does not name the folder of MNIST";
      System.out.println(reason);
      Assumptions.abort(reason);
    }
    Init init = new Init(device, 0);
    double mlp = Digits.train(new Mlp(init, 28 * 28, 128, 10), Path.of(mnist), device);
    double cnn = Digits.train(new LeNet(init, 1, 10), Path.of(mnist), device);
    System.out.printf("accuracy on 10,000 digits: MLP %.4f, CNN %.4f%n", mlp, cnn);
    assertTrue(mlp > 0.94, "MLP " + mlp);
    assertTrue(cnn >= 0.97, "CNN " + cnn);
  }

  /** The text of this repository: what there is without a download. */
  private static String text() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("docs/tour.md"))) {
      root = root.getParent();
    }
    return Files.readString(root.resolve("docs/tour.md"))
        + Files.readString(root.resolve("docs/decisions.md"));
  }

  @Test
  void theTransformerBeatsPairsOfCharacters() throws IOException {
    String text = text();
    Characters characters = Characters.of(text);
    int[] all = characters.encode(text);
    int split = all.length * 9 / 10;
    Tensor tokens = device.tensor(all);
    CharModel model = new CharModel(new Init(device, 0), characters.size(), 64, 2);
    DataLoader batches =
        new DataLoader(new TokenWindows(tokens.narrow(0, 0, split), CharModel.CONTEXT), 32)
            .shuffle(0);
    new Trainer(model, new AdamW(model.parameters(), 3e-3), batches)
        .loss(model::loss)
        .terminal(null)
        .run(300);
    Tensor rest = tokens.narrow(0, split, all.length - split);
    DataLoader test =
        new DataLoader(new TokenWindows(rest, CharModel.CONTEXT).subset(every(rest)), 16);
    model.train(false);
    double loss = Trainer.mean(test, model::loss);
    double bigram = bigram(all, split, characters.size());
    System.out.printf("nats a character: transformer %.3f, bigram %.3f%n", loss, bigram);
    assertTrue(loss < bigram - 0.1, loss + " against " + bigram);
    assertEquals(100, characters.decode(model.write(device, 100)).codePoints().count());
  }

  /** Windows that do not overlap. */
  private static int[] every(Tensor rest) {
    int count = (rest.dim(0) - 1) / CharModel.CONTEXT;
    int[] starts = new int[count / 16 * 16];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = i * CharModel.CONTEXT;
    }
    return starts;
  }

  /** Nats a character of the best guess from the character before, with one added to each count. */
  private static double bigram(int[] all, int split, int characters) {
    double[][] counts = new double[characters][characters];
    double[] sums = new double[characters];
    for (int i = 1; i < split; i++) {
      counts[all[i - 1]][all[i]]++;
      sums[all[i - 1]]++;
    }
    double nats = 0;
    for (int i = split + 1; i < all.length; i++) {
      nats -= Math.log((counts[all[i - 1]][all[i]] + 1) / (sums[all[i - 1]] + characters));
    }
    return nats / (all.length - split - 1);
  }

  @Test
  void aFormulaHasItsDerivative() {
    Tensor x = device.tensor(new float[] {-3, -0.5f, 0, 0.25f, 2}).requireGrad();
    Tensor loss = CustomOperation.smoothL1(x, device.zeros(5), 1);
    assertArrayEquals(new double[] {2.5, 0.125, 0, 0.03125, 1.5}, loss.toDoubles(), 1e-6);
    loss.sum().backward();
    assertArrayEquals(new double[] {-1, -0.5, 0, 0.25, 1}, x.grad().toDoubles(), 1e-6);
  }

  @Test
  void aModelIsServedToManyAtOnce() throws Exception {
    Conv2d conv = new Conv2d(new Init(device, 0), 1, 2, 3);
    conv.train(false);
    Path file = folder.resolve("conv.onnx");
    new OnnxWriter(
            new OnnxValue("x", "", List.of("1", "1", "4", "4")),
            new OnnxValue("y", "", List.of("1", "2", "2", "2")))
        .write("conv", conv, conv::forward, Shape.of(1, 1, 4, 4), file);
    OnnxModule model = new OnnxModule(OnnxModel.read(file), device);
    HttpServer server = OnnxServer.start(model, 0, 1, 1, 4, 4);
    URI address = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
    try (HttpClient client = HttpClient.newHttpClient()) {
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        float[] image = new float[16];
        Arrays.fill(image, i);
        expected.add(
            Arrays.toString(conv.forward(device.tensor(image, 1, 1, 4, 4)).toFloats()) + "\n");
        ByteBuffer body = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        body.asFloatBuffer().put(image);
        answers.add(
            client.sendAsync(
                HttpRequest.newBuilder(address)
                    .POST(BodyPublishers.ofByteArray(body.array()))
                    .build(),
                BodyHandlers.ofString()));
      }
      for (int i = 0; i < 20; i++) {
        assertEquals(expected.get(i), answers.get(i).get().body());
      }
      HttpRequest shorter =
          HttpRequest.newBuilder(address).POST(BodyPublishers.ofString("x")).build();
      HttpResponse<String> refusal = client.send(shorter, BodyHandlers.ofString());
      assertEquals(400, refusal.statusCode());
      assertEquals("send 16 numbers, 64 bytes\n", refusal.body());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aModelIsTrainedFurther() {
    Init init = new Init(device, 0);
    Layer first =
        new Sequential(
            new Conv2d(init, 1, 3, 3),
            Layer.of(Tensor::relu),
            Layer.of(x -> x.flatten(1, -1)),
            new Linear(init, 12, 2));
    first.train(false);
    Path file = folder.resolve("first.onnx");
    new OnnxWriter(
            new OnnxValue("x", "", List.of("n", "1", "4", "4")),
            new OnnxValue("y", "", List.of("n", "2")))
        .write("first", first, first::forward, Shape.of(1, 1, 4, 4), file);
    OnnxModule model = new OnnxModule(OnnxModel.read(file), device);
    assertEquals(first.parameters().keySet(), model.parameters().keySet());
    Tensor images = device.rand(new Generator(1), 128, 1, 4, 4);
    Tensor classes = images.select(3, 0).mean(1, 2).gt(0.5).to(DType.I32);
    FineTune.train(model, Dataset.of(images, classes), 2000);
    Path again = folder.resolve("again.onnx");
    FineTune.write(model, Shape.of(1, 1, 4, 4), again);
    OnnxModule read = new OnnxModule(OnnxModel.read(again), device);
    double before = share(first.forward(images), classes);
    double after = share(read.forward(images), classes);
    assertTrue(after > before + 0.1 && after > 0.8, before + " to " + after);
  }

  private static double share(Tensor scores, Tensor classes) {
    return scores.argmax(1).eq(classes).to(DType.F32).mean().item();
  }

  @Test
  void aTextIsContinued() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        "{\"model\":{\"vocab\":{\"a\":0,\"b\":1,\"c\":2,\"ab\":3},\"merges\":[\"a b\"]},"
            + "\"decoder\":{\"type\":\"Fuse\"}}");
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\":\"gpt2\",\"vocab_size\":4,\"n_positions\":40,\"n_embd\":8,\"n_layer\":1,"
            + "\"n_head\":2}");
    Gpt2.Config config = Gpt2.Config.read(folder.resolve("config.json"));
    Gpt2 model = new Gpt2(new Init(device, 0), config);
    Weights.save(model, folder.resolve("model.safetensors"), Map.of());
    StringBuilder text = new StringBuilder();
    Generate.write(folder, "cab", Sampling.random(20, 0).temperature(2), text::append);
    assertTrue(text.toString().matches("[abc]{20,40}"), text.toString());
  }

  @Test
  void examplesFitOnAPage() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/java/tangram/examples"))) {
      List<Path> all = files.filter(f -> !f.endsWith("package-info.java")).toList();
      for (Path file : all) {
        int lines = Files.readAllLines(file).size();
        assertTrue(lines <= 80, file + " has " + lines + " lines");
      }
    }
  }
}
