package tangram.nn.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.FileFormatException;
import tangram.nn.Init;
import tangram.nn.SafeTensors;
import tangram.nn.SafeTensorsWriter;
import tangram.nn.json.Json;
import tangram.nn.text.Sampling;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.CrossEntropyOp;

/** Against plain PyTorch: {@code tools/parity/language.py} wrote the numbers. */
class LanguageModelTest {
  private static final int VOCABULARY = 13;
  private static final int LENGTH = 7;

  @TempDir Path folder;

  private record Case(String device, Json json) {
    @Override
    public String toString() {
      return json.get("name").text() + " on " + device;
    }

    double[] numbers(String name) {
      return json.get(name).list().stream().mapToDouble(Json::number).toArray();
    }

    int[] tokens() {
      return json.get("tokens").list().stream().mapToInt(t -> t.integer(0)).toArray();
    }

    /** Error that is allowed, relative to the largest number. */
    double tolerance() {
      return device.equals("reference") ? 1e-6 : 1e-5;
    }
  }

  private static Stream<Case> cases() throws URISyntaxException {
    Path file = Path.of(LanguageModelTest.class.getResource("language.json").toURI());
    return Json.read(file).list().stream()
        .flatMap(json -> Stream.of("reference", "vector").map(device -> new Case(device, json)));
  }

  private static Case first() throws URISyntaxException {
    return cases().filter(c -> c.device.equals("vector")).findFirst().orElseThrow();
  }

  /** The network of a case, its weights filled by their names. */
  private LanguageModel network(Case c) {
    Device device = Devices.get(c.device);
    Path file = folder.resolve("config.json");
    try {
      Files.writeString(file, c.json.get("config").text());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    boolean gpt2 = c.json.get("name").text().equals("gpt2");
    LanguageModel network =
        gpt2
            ? new Gpt2(Init.unset(device), Gpt2.Config.read(file))
            : new Llama(Init.unset(device), Llama.Config.read(file));
    network.state().forEach(ModelsTest::fill);
    network.train(false);
    return network;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logitsAndGradients(Case c) {
    LanguageModel network = network(c);
    network.train(true);
    double[] expected = c.numbers("logits");
    try (Scope scope = Scope.open()) {
      Tensor tokens = Devices.get(c.device).tensor(c.tokens(), 2, LENGTH);
      Tensor logits = network.forward(tokens);
      assertEquals(Shape.of(2, LENGTH, VOCABULARY), logits.shape());
      assertClose(expected, logits.toDoubles(), c.tolerance(), "logits");
      Tensor before = logits.narrow(1, 0, LENGTH - 1).reshape(-1, VOCABULARY);
      Tensor after = tokens.narrow(1, 1, LENGTH - 1).reshape(-1);
      CrossEntropyOp.crossEntropy(before, after).backward();
      Map<String, Tensor> parameters = network.parameters();
      TreeSet<String> names = new TreeSet<>();
      c.json
          .get("gradients")
          .members(
              (name, pair) -> {
                names.add(name);
                double[] g = parameters.get(name).grad().flatten().toDoubles();
                double norm = 0;
                double product = 0;
                for (int i = 0; i < g.length; i++) {
                  norm += g[i] * g[i];
                  product += g[i] * ModelsTest.table(i, 7, 3);
                }
                double size = pair.list().get(0).number();
                double allowed = 10 * c.tolerance() * Math.max(size, 1e-2);
                assertEquals(size, Math.sqrt(norm), allowed, name);
                assertEquals(pair.list().get(1).number(), product, allowed, name);
              });
      assertEquals(names, new TreeSet<>(parameters.keySet()));
    }
  }

  private static void assertClose(
      double[] expected, double[] actual, double relative, String what) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertArrayEquals(expected, actual, relative * largest, what);
  }

  /** With a cache logits are those without, up to the order of sums in products. */
  @ParameterizedTest
  @MethodSource("cases")
  void aCacheChangesNothing(Case c) {
    LanguageModel network = network(c);
    int[] tokens = Arrays.copyOf(c.tokens(), LENGTH);
    Device device = Devices.get(c.device);
    for (int[] cut : new int[][] {{7}, {3, 1, 1, 1, 1}, {1, 2, 4}, {1, 1, 1, 1, 1, 1, 1}}) {
      try (Scope scope = Scope.open();
          Autograd.Guard guard = Autograd.noGrad();
          LanguageModel.Cache cache = network.cache(1, LENGTH)) {
        double[] whole = network.forward(device.tensor(tokens, 1, LENGTH)).toDoubles();
        int at = 0;
        for (int count : cut) {
          int[] part = Arrays.copyOfRange(tokens, at, at + count);
          double[] logits = network.forward(device.tensor(part, 1, count), cache).toDoubles();
          double[] same = Arrays.copyOfRange(whole, at * VOCABULARY, (at + count) * VOCABULARY);
          assertClose(same, logits, 1e-6, "from " + at);
          at += count;
        }
        assertEquals(LENGTH, cache.length());
      }
    }
  }

  /** What comes later has no part in a logit: it is the same, bit by bit. */
  @ParameterizedTest
  @MethodSource("cases")
  void laterTokensChangeNothing(Case c) {
    LanguageModel network = network(c);
    int[] tokens = Arrays.copyOf(c.tokens(), LENGTH);
    Device device = Devices.get(c.device);
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      float[] before = network.forward(device.tensor(tokens, 1, LENGTH)).toFloats();
      for (int t = LENGTH - 1; t > 0; t--) {
        tokens[t] = (tokens[t] + 5) % VOCABULARY;
        float[] after = network.forward(device.tensor(tokens, 1, LENGTH)).toFloats();
        int same = t * VOCABULARY;
        assertArrayEquals(Arrays.copyOf(before, same), Arrays.copyOf(after, same));
        assertFalse(Arrays.equals(before, after));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void generates(Case c) {
    LanguageModel network = network(c);
    int[] prompt = {3, 1, 4};
    List<Integer> seen = new ArrayList<>();
    int[] made = network.generate(prompt, Sampling.greedy(9), seen::add);
    assertEquals(Arrays.stream(made).boxed().toList(), seen);
    int[] all = prompt.clone();
    for (int token : made) {
      try (Scope scope = Scope.open()) {
        Tensor logits = network.forward(Devices.get(c.device).tensor(all, 1, all.length));
        long best = logits.select(1, all.length - 1).flatten().argmax(0).toLongs()[0];
        assertEquals(best, token);
      }
      all = Arrays.copyOf(all, all.length + 1);
      all[all.length - 1] = token;
    }
    int[] stopped = network.generate(prompt, Sampling.greedy(9).stop(made[4]));
    int end = Arrays.stream(made).boxed().toList().indexOf(made[4]);
    assertArrayEquals(Arrays.copyOf(made, end), stopped);
    Sampling random = Sampling.random(9, 5).topK(6).topP(0.9).temperature(2);
    assertArrayEquals(network.generate(prompt, random), network.generate(prompt, random));
    assertThrows(
        IllegalArgumentException.class, () -> network.generate(prompt, Sampling.greedy(14)));
    assertThrows(
        IllegalArgumentException.class, () -> network.generate(new int[0], Sampling.greedy(1)));
    network.train(true);
    assertThrows(IllegalStateException.class, () -> network.generate(prompt, random));
  }

  @Test
  void threadsShareANetwork() throws Exception {
    LanguageModel network = network(first());
    Sampling sampling = Sampling.random(9, 5);
    int[] expected = network.generate(new int[] {3, 1, 4}, sampling);
    List<FutureTask<int[]>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(new FutureTask<>(() -> network.generate(new int[] {3, 1, 4}, sampling)));
      new Thread(tasks.get(i)).start();
    }
    for (FutureTask<int[]> task : tasks) {
      assertArrayEquals(expected, task.get());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"whole", "bare", "shards"})
  void readsFolders(String kind) throws Exception {
    Case c = first();
    LanguageModel network = network(c);
    Map<String, Tensor> state = new LinkedHashMap<>(network.state());
    if (kind.equals("shards")) {
      write("model-1.safetensors", state, (name, i) -> i % 2 == 0, "");
      write("model-2.safetensors", state, (name, i) -> i % 2 == 1, "");
      List<String> map = new ArrayList<>();
      List<String> names = List.copyOf(state.keySet());
      for (int i = 0; i < names.size(); i++) {
        map.add("\"%s\":\"model-%d.safetensors\"".formatted(names.get(i), 1 + i % 2));
      }
      index(String.join(",", map));
    } else {
      boolean bare = kind.equals("bare");
      // Causal masks of old files, and tied weights that were written twice.
      Tensor mask = Devices.get("vector").ones(1, 1, 16, 16);
      state.put("transformer.h.0.attn.bias", mask);
      state.put("transformer.h.1.attn.masked_bias", mask);
      if (!bare) {
        state.put("lm_head.weight", state.get("transformer.wte.weight"));
      }
      write("model.safetensors", state, (name, i) -> true, bare ? "transformer." : "");
    }
    assertSame(network, LanguageModel.read(Devices.get("vector"), folder), 0);
  }

  private void index(String map) throws IOException {
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"metadata\":{\"total_size\":1},\"weight_map\":{" + map + "}}");
  }

  private interface Choice {
    boolean has(String name, int number);
  }

  private void write(String file, Map<String, Tensor> state, Choice choice, String prefix) {
    SafeTensorsWriter writer = SafeTensors.writer();
    int i = 0;
    for (Map.Entry<String, Tensor> entry : state.entrySet()) {
      if (choice.has(entry.getKey(), i++)) {
        writer.put(entry.getKey().substring(prefix.length()), entry.getValue());
      }
    }
    writer.write(folder.resolve(file));
  }

  private static void assertSame(LanguageModel a, LanguageModel b, double tolerance) {
    try (Scope scope = Scope.open()) {
      Tensor tokens = Devices.get("vector").tensor(new int[] {1, 2, 3}, 1, 3);
      float[] expected = a.forward(tokens).toFloats();
      assertArrayEquals(expected, b.forward(tokens).toFloats(), (float) tolerance);
    }
  }

  /** Half precision: numbers are those of the file. */
  @Test
  void readsHalfPrecision() throws Exception {
    Case c = first();
    LanguageModel network = network(c);
    StringBuilder header = new StringBuilder("{");
    ByteBuffer data = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    network
        .state()
        .forEach(
            (name, tensor) -> {
              boolean brain = name.contains("weight");
              header
                  .append(header.length() > 1 ? "," : "")
                  .append("\"%s\":{\"dtype\":\"%s\"".formatted(name, brain ? "BF16" : "F16"))
                  .append(",\"shape\":" + Arrays.toString(tensor.shape().dims()))
                  .append(",\"data_offsets\":[" + data.position());
              float[] values = tensor.toFloats();
              for (int i = 0; i < values.length; i++) {
                int bits = Float.floatToIntBits(values[i]) >>> Short.SIZE;
                short half = brain ? (short) bits : Float.floatToFloat16(values[i]);
                data.putShort(half);
                values[i] =
                    brain ? Float.intBitsToFloat(bits << Short.SIZE) : Float.float16ToFloat(half);
              }
              tensor.copyFrom(values, 0);
              header.append("," + data.position() + "]}");
            });
    byte[] text = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + text.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text).put(data.flip());
    Files.write(folder.resolve("model.safetensors"), file.array());
    assertSame(network, Gpt2.read(Devices.get("vector"), folder), 0);
  }

  @Test
  void wrongFoldersAreRefused() throws Exception {
    Device device = Devices.get("vector");
    assertThrows(FileFormatException.class, () -> Gpt2.read(device, folder.resolve("none")));
    Case c = first();
    LanguageModel network = network(c);
    assertThrows(FileFormatException.class, () -> Gpt2.read(device, folder));
    write("part.safetensors", network.state(), (name, i) -> i > 0, "");
    index("\"transformer.wte.weight\":\"part.safetensors\"");
    assertRefused(() -> Gpt2.read(device, folder), "which holds no such tensor");
    index("\"transformer.wte.weight\":\"../part.safetensors\"");
    assertRefused(() -> Gpt2.read(device, folder), "should be the name of a file beside");
    index("\"transformer.wpe.weight\":\"part.safetensors\"");
    assertRefused(() -> Gpt2.read(device, folder), "tensors are missing");
  }

  private static void assertRefused(org.junit.jupiter.api.function.Executable run, String part) {
    FileFormatException e = assertThrows(FileFormatException.class, run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void otherConfigurationsAreRefused() throws IOException {
    Path file = folder.resolve("config.json");
    String gpt2 = "{\"n_embd\":8,\"n_head\":2,%s}";
    for (String wrong :
        new String[] {
          "\"model_type\":\"bert\"",
          "\"scale_attn_by_inverse_layer_idx\":true",
          "\"activation_function\":\"swish2\"",
          "\"n_layer\":0",
          "\"n_embed\":1,\"resid_pdrop\":0.2",
          "\"n_inner\":-1"
        }) {
      Files.writeString(file, gpt2.formatted(wrong));
      assertRefused(() -> Gpt2.Config.read(file), "config.json: ");
    }
    String llama =
        "{\"hidden_size\":8,\"num_attention_heads\":2,\"vocab_size\":9,\"num_hidden_layers\":1,"
            + "\"intermediate_size\":8,%s}";
    Files.writeString(
        file,
        llama.formatted(
            "\"model_type\":\"llama\",\"rope_scaling\":{\"type\":\"linear\",\"factor\":2}"));
    assertEquals(List.of(0.5, 0.005), Llama.Config.read(file).rotary());
    Files.writeString(
        file,
        llama.formatted(
            "\"model_type\":\"mistral\",\"max_position_embeddings\":90,\"sliding_window\":40"));
    assertEquals(40, Llama.Config.read(file).context());
    for (String wrong :
        new String[] {
          "\"model_type\":\"gemma\"",
          "\"hidden_act\":\"gelu\"",
          "\"num_key_value_heads\":3",
          "\"head_dim\":3",
          "\"rope_scaling\":{\"rope_type\":\"yarn\"}",
          "\"rope_scaling\":{\"rope_type\":\"llama3\"}",
          "\"use_sliding_window\":true"
        }) {
      String type = wrong.contains("model_type") ? "" : "\"model_type\":\"llama\",";
      Files.writeString(file, llama.formatted(type + wrong));
      assertRefused(() -> Llama.Config.read(file), "config.json: ");
    }
  }

  @Test
  void gpt2SmallHasItsNumbers() {
    Gpt2.Config small = Gpt2.Config.small();
    long block = 12L * 768 * 768 + 13 * 768;
    long all = (50257L + 1024) * 768 + small.layers() * block + 2 * 768;
    assertEquals(124_439_808, all);
    Gpt2 tiny = new Gpt2(new Init(Devices.get("vector"), 1), Gpt2.Config.of(9, 5, 6, 1, 2));
    assertEquals((9L + 5) * 6 + 12 * 36 + 13 * 6 + 12, tiny.parameterCount());
  }
}
