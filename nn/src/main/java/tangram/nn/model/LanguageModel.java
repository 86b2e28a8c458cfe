package tangram.nn.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import tangram.nn.KeyValueCache;
import tangram.nn.Layer;
import tangram.nn.Module;
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
  private final Device device;
  private final int context;

  /**
   * For subclasses.
   *
   * @param context most tokens of a text
   */
  LanguageModel(Device device, int context) {
    this.device = device;
    this.context = context;
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

    /** That of a layer; none of no cache. */
    static KeyValueCache of(Cache cache, int layer) {
      return cache == null ? null : cache.layers.get(layer);
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
    return features(tokens, cache).then(this::head);
  }

  private Tensor features(Tensor tokens, Cache cache) {
    int start = cache == null ? 0 : cache.length();
    if (tokens.shape().rank() != 2 || tokens.dim(1) < 1) {
      throw new IllegalArgumentException("tokens are [N, L], not " + tokens.shape());
    }
    requirePlaces(start + tokens.dim(1));
    return body(tokens, start, cache);
  }

  private void requirePlaces(int wanted) {
    if (wanted > context) {
      throw new IllegalArgumentException(
          wanted + " tokens are more than the " + context + " that this network can see");
    }
  }

  /**
   * The features of all layers.
   *
   * @param tokens [N, L]
   * @param start place of the first token
   * @param cache may be null
   * @return [N, L, features]
   */
  abstract Tensor body(Tensor tokens, int start, Cache cache);

  /** Features [..., features] to logits [..., vocabulary]. */
  abstract Tensor head(Tensor features);

  /** An empty cache of one layer. */
  abstract KeyValueCache layerCache(int batch, int capacity);

  /** How many layers there are. */
  abstract int layers();

  /** An empty cache for a batch of texts of at most {@code capacity} tokens. */
  public final Cache cache(int batch, int capacity) {
    List<KeyValueCache> caches = new ArrayList<>();
    for (int i = 0; i < layers(); i++) {
      caches.add(layerCache(batch, capacity));
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
      Tensor all = features(device.tensor(tokens, 1, tokens.length), cache);
      return head(all.narrow(1, tokens.length - 1, 1).contiguous()).toFloats();
    }
  }

  /**
   * Reads the weights of a folder into a network, or into a part of it for files without the prefix
   * of its names, and ends training.
   */
  static void load(LanguageModel network, Module body, String prefix, Path folder) {
    try (TensorSource source = SafeTensorsIndex.ofFolder(folder)) {
      boolean prefixed = source.names().stream().anyMatch(name -> name.startsWith(prefix));
      Weights.load(prefixed ? network : body, source, "");
    }
    network.train(false);
  }
}
