package tangram.nn.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tangram.nn.Embedding;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.KeyValueCache;
import tangram.nn.Layer;
import tangram.nn.Linear;
import tangram.nn.Module;
import tangram.nn.ModuleList;
import tangram.nn.SafeTensorsIndex;
import tangram.nn.TensorSource;
import tangram.nn.Weights;
import tangram.nn.json.Json;
import tangram.nn.text.Sampling;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * A network that tells of every token of a text which may come next, from what came before: {@link
 * Gpt2}, {@link Llama}.
 *
 * <pre>{@code
 * Tokenizer tokenizer = Tokenizer.read(folder.resolve("tokenizer.json"));
 * LanguageModel network = LanguageModel.read(device, folder);
 * int[] more = network.generate(tokenizer.encode("Once"), Sampling.greedy(50));
 * String text = tokenizer.decode(more);
 * }</pre>
 */
public abstract class LanguageModel extends Layer {
  /** Standard deviation of the weights at the beginning. */
  static final double DEVIATION = 0.02;

  private final int context;
  private final String prefix;
  private final Body body;
  private final Linear output;

  /**
   * For subclasses.
   *
   * @param init makes the first weights of the output, as {@link #first} has it
   * @param name of the body in files
   * @param context most tokens of a text
   * @param tied whether tokens and logits share their weights
   */
  LanguageModel(Init init, String name, Body body, int context, boolean tied) {
    this.context = context;
    prefix = name + ".";
    this.body = child(name, body);
    Tensor tokens = body.tokens.weight();
    if (tied) {
      // Not a child: files hold the weights once.
      output = new Linear(tokens, null);
      unused("lm_head.weight");
    } else {
      output = child("lm_head", new Linear(init, tokens.dim(1), tokens.dim(0), false));
    }
  }

  /** The weights at the beginning. */
  static Init first(Init given) {
    return given.weights(Initializer.normal(0, DEVIATION)).biases(Initializer.zeros());
  }

  /** All but the logits. */
  abstract static class Body extends Module {
    private final Embedding tokens;
    private ModuleList<? extends Block> blocks;

    /**
     * Starts with the embedding of tokens.
     *
     * @param name of the embedding in files
     */
    Body(Init init, String name, int vocabulary, int features) {
      tokens = child(name, new Embedding(init, vocabulary, features));
    }

    /** Adds the blocks, under a name in files. */
    final void blocks(String name, int count, Supplier<? extends Block> make) {
      blocks = child(name, new ModuleList<>(Stream.generate(make).limit(count).toList()));
    }

    /**
     * What the first block gets.
     *
     * @param features of tokens [N, L, features]
     * @param start place of the first token
     */
    Tensor embed(Tensor features, int start) {
      return features;
    }

    /** What follows the last block. */
    abstract Tensor norm(Tensor features);

    /** Tokens [N, L] to features [N, L, features]. */
    final Tensor forward(Tensor ids, int start, Cache cache) {
      Tensor x = tokens.forward(ids).then(t -> embed(t, start));
      for (int i = 0; i < blocks.size(); i++) {
        KeyValueCache layer = cache == null ? null : cache.layers.get(i);
        Block block = blocks.get(i);
        x = x.then(t -> block.forward(t, layer));
      }
      return x.then(this::norm);
    }
  }

  /** Attention and what follows it. */
  abstract static class Block extends Module {
    /** Features [N, L, features] of tokens behind those of a cache, which may be null. */
    abstract Tensor forward(Tensor x, KeyValueCache cache);

    /** An empty cache. */
    abstract KeyValueCache cache(Device device, int batch, int capacity);
  }

  /**
   * Reads a network of Hugging Face from a folder with {@code config.json}, which says of which
   * kind it is, and {@code model.safetensors}, or several files with an index. It is in evaluation
   * mode.
   *
   * @throws tangram.nn.FileFormatException if something is wrong with a file, or the kind is not
   *     supported
   */
  public static LanguageModel read(Device device, Path folder) {
    Json config = Json.read(folder.resolve("config.json"));
    return config.text("model_type", "").equals("gpt2")
        ? Gpt2.read(device, folder)
        : Llama.read(device, folder);
  }

  /** Keys and values of the tokens that a network has seen, layer by layer. */
  public record Cache(List<KeyValueCache> layers) implements AutoCloseable {
    /** How many tokens it holds. */
    public int length() {
      return layers.get(0).length();
    }

    @Override
    public void close() {
      layers.forEach(KeyValueCache::close);
    }
  }

  /** Most tokens of a text. */
  public final int context() {
    return context;
  }

  /**
   * The logits of what comes next.
   *
   * @param tokens integers [N, L]
   * @return [N, L, vocabulary]
   */
  @Override
  public final Tensor forward(Tensor tokens) {
    return forward(tokens, null);
  }

  /**
   * The logits of what comes next, behind the tokens that a cache holds, to which these are added.
   *
   * @param cache may be null
   */
  public final Tensor forward(Tensor tokens, Cache cache) {
    return features(tokens, cache).then(output::forward);
  }

  private Tensor features(Tensor tokens, Cache cache) {
    int start = cache == null ? 0 : cache.length();
    if (tokens.shape().rank() != 2 || tokens.dim(1) < 1) {
      throw new IllegalArgumentException("tokens are [N, L], not " + tokens.shape());
    }
    requirePlaces(start + tokens.dim(1));
    return body.forward(tokens, start, cache);
  }

  private void requirePlaces(int wanted) {
    if (wanted > context) {
      throw new IllegalArgumentException(
          wanted + " tokens are more than the " + context + " that this network can see");
    }
  }

  /** An empty cache for a batch of texts of at most {@code capacity} tokens. */
  public final Cache cache(int batch, int capacity) {
    List<KeyValueCache> caches = new ArrayList<>();
    for (int i = 0; i < body.blocks.size(); i++) {
      caches.add(body.blocks.get(i).cache(device(), batch, capacity));
    }
    return new Cache(List.copyOf(caches));
  }

  /** Continues a text. */
  public final int[] generate(int[] prompt, Sampling sampling) {
    return generate(prompt, sampling, token -> {});
  }

  /**
   * Continues a text.
   *
   * @param prompt the tokens to continue, at least one
   * @param each is given every new token as soon as it is chosen
   * @return the new tokens; one that stops the text is not among them
   * @throws IllegalArgumentException if prompt and new tokens are more than the network can see
   * @throws IllegalStateException if the network is in training
   */
  public final int[] generate(int[] prompt, Sampling sampling, IntConsumer each) {
    if (isTraining()) {
      throw new IllegalStateException("the network is in training; call train(false) first");
    }
    if (prompt.length == 0) {
      throw new IllegalArgumentException("there is no token to continue");
    }
    int places = Math.addExact(prompt.length, sampling.tokens());
    requirePlaces(places);
    int[] made = new int[sampling.tokens()];
    int count = 0;
    try (Autograd.Guard guard = Autograd.noGrad();
        Cache cache = cache(1, places)) {
      int[] seen = prompt;
      while (count < made.length) {
        int token = sampling.choose(lastLogits(seen, cache), count);
        if (sampling.stop().contains(token)) {
          break;
        }
        each.accept(token);
        made[count++] = token;
        seen = new int[] {token};
      }
    }
    return Arrays.copyOf(made, count);
  }

  private float[] lastLogits(int[] tokens, Cache cache) {
    try (Scope scope = Scope.open()) {
      Tensor all = features(device().tensor(tokens, 1, tokens.length), cache);
      return output.forward(all.narrow(1, tokens.length - 1, 1).contiguous()).toFloats();
    }
  }

  private Device device() {
    return body.tokens.weight().device();
  }

  /**
   * Reads the weights of a folder, also of files without the name of the body before its names, and
   * ends training.
   */
  final void load(Path folder) {
    try (TensorSource source = SafeTensorsIndex.ofFolder(folder)) {
      boolean prefixed = source.names().stream().anyMatch(name -> name.startsWith(prefix));
      Weights.load(prefixed ? this : body, source, "");
    }
    train(false);
  }
}
