package tangram.nn.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import tangram.nn.Attention;
import tangram.nn.AttentionMask;
import tangram.nn.Dropout;
import tangram.nn.Embedding;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.KeyValueCache;
import tangram.nn.LayerNorm;
import tangram.nn.Module;
import tangram.nn.json.Json;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * GPT-2 (Radford et al. 2019) with the names and shapes of Hugging Face's {@code GPT2LMHeadModel},
 * whose files load as they are, those of {@code GPT2Model} too.
 */
public final class Gpt2 extends LanguageModel {
  /** What {@code activation_function} may be. */
  private static final Map<String, UnaryOperator<Tensor>> ACTIVATIONS =
      Map.of(
          "gelu_new", Tensor::geluTanh,
          "gelu_pytorch_tanh", Tensor::geluTanh,
          "gelu", Tensor::gelu,
          "relu", Tensor::relu,
          "silu", Tensor::silu);

  /**
   * What is built.
   *
   * @param vocabulary number of tokens
   * @param context most tokens of a text
   * @param features of a token
   * @param layers blocks
   * @param heads of attention, a divisor of the features
   * @param inner features between the two linear maps of a block
   * @param dropout probability of all dropout
   * @param eps added to variances
   * @param activation of a block: gelu_new, gelu, relu, silu
   * @param tied whether tokens and logits share their weights
   */
  public record Config(
      int vocabulary,
      int context,
      int features,
      int layers,
      int heads,
      int inner,
      double dropout,
      double eps,
      String activation,
      boolean tied) {
    /** Checks the numbers. */
    public Config {
      if (vocabulary < 1 || context < 1 || layers < 1 || inner < 1 || heads < 1) {
        throw new IllegalArgumentException("GPT-2 of nothing: a size is below 1");
      }
      if (features < heads || features % heads != 0) {
        throw new IllegalArgumentException(
            features + " features do not split into " + heads + " heads");
      }
      if (!ACTIVATIONS.containsKey(activation)) {
        throw new IllegalArgumentException(
            "the activation " + activation + " is none of " + ACTIVATIONS.keySet());
      }
    }

    /** The smallest of the paper: 124 million numbers. */
    public static Config small() {
      return of(50257, 1024, 768, 12, 12);
    }

    /** As the paper's, of other sizes. */
    public static Config of(int vocabulary, int context, int features, int layers, int heads) {
      return new Config(
          vocabulary,
          context,
          features,
          layers,
          heads,
          4 * features,
          0.1,
          LayerNorm.EPS,
          "gelu_new",
          true);
    }

    /**
     * Reads a {@code config.json} of Hugging Face.
     *
     * @throws tangram.nn.FileFormatException if it is not one of a GPT-2, or asks for what is not
     *     supported
     */
    public static Config read(Path file) {
      Json json = Json.read(file);
      if (!json.text("model_type", "gpt2").equals("gpt2")) {
        throw json.get("model_type").error("is not gpt2");
      }
      Configs.require(json, "scale_attn_weights", true);
      Configs.require(json, "scale_attn_by_inverse_layer_idx", false);
      Configs.require(json, "add_cross_attention", false);
      double dropout = json.number("resid_pdrop", 0.1);
      for (String other : List.of("attn_pdrop", "embd_pdrop")) {
        if (json.number(other, 0.1) != dropout) {
          throw json.error("has a " + other + " that is not the resid_pdrop, " + dropout);
        }
      }
      int features = json.integer("n_embd", 1, 768);
      return Configs.checked(
          json,
          () ->
              new Config(
                  json.integer("vocab_size", 1, 50257),
                  json.integer("n_positions", 1, 1024),
                  features,
                  json.integer("n_layer", 1, 12),
                  json.integer("n_head", 1, 12),
                  json.integer("n_inner", 1, 4 * features),
                  dropout,
                  json.number("layer_norm_epsilon", LayerNorm.EPS),
                  json.text("activation_function", "gelu_new"),
                  json.flag("tie_word_embeddings", true)));
    }
  }

  private final Config config;

  /** Creates the network with first weights. */
  public Gpt2(Init init, Config config) {
    super(
        first(init),
        "transformer",
        new Transformer(first(init), config),
        config.context(),
        config.tied());
    this.config = config;
  }

  /**
   * Reads a network from a folder with {@code config.json} and {@code model.safetensors}, or
   * several files with an index. It is in evaluation mode.
   *
   * @throws tangram.nn.FileFormatException if something is wrong with a file
   */
  public static Gpt2 read(Device device, Path folder) {
    Gpt2 network = new Gpt2(Init.unset(device), Config.read(folder.resolve("config.json")));
    network.load(folder);
    return network;
  }

  /** What was built. */
  public Config config() {
    return config;
  }

  /** {@code GPT2Model}. */
  private static final class Transformer extends Body {
    private final Embedding places;
    private final Dropout dropout;
    private final LayerNorm norm;

    Transformer(Init init, Config config) {
      super(init, "wte", config.vocabulary(), config.features());
      places = child("wpe", new Embedding(init, config.context(), config.features()));
      dropout = child("drop", new Dropout(init, config.dropout()));
      blocks("h", config.layers(), () -> new Gpt2Block(init, config));
      norm = child("ln_f", Gpt2.norm(init, config));
    }

    @Override
    Tensor embed(Tensor features, int start) {
      Tensor place = places.weight().narrow(0, start, features.dim(1));
      return features.add(place).then(dropout::forward);
    }

    @Override
    Tensor norm(Tensor features) {
      return norm.forward(features);
    }
  }

  private static LayerNorm norm(Init init, Config config) {
    return new LayerNorm(init, Shape.of(config.features()), config.eps(), true, true);
  }

  private static final class Gpt2Block extends Block {
    private final LayerNorm norm1;
    private final SelfAttention attention;
    private final LayerNorm norm2;
    private final Conv1D in;
    private final Conv1D out;
    private final Dropout dropout;
    private final UnaryOperator<Tensor> activation;

    Gpt2Block(Init init, Config config) {
      norm1 = child("ln_1", norm(init, config));
      attention = child("attn", new SelfAttention(init, config));
      norm2 = child("ln_2", norm(init, config));
      in = child("mlp.c_fc", new Conv1D(init, config.features(), config.inner()));
      out =
          child(
              "mlp.c_proj", new Conv1D(residual(init, config), config.inner(), config.features()));
      dropout = child("mlp.dropout", new Dropout(init, config.dropout()));
      activation = ACTIVATIONS.get(config.activation());
    }

    @Override
    KeyValueCache cache(Device device, int batch, int capacity) {
      return attention.cache(device, batch, capacity);
    }

    @Override
    Tensor forward(Tensor x, KeyValueCache cache) {
      Tensor y = norm1.forward(x).then(t -> attention.forward(t, cache)).then(x::add);
      return y.then(
          residual ->
              norm2
                  .forward(residual)
                  .then(in::forward)
                  .then(activation)
                  .then(out::forward)
                  .then(dropout::forward)
                  .then(residual::add));
    }
  }

  /** What is added to the residual sum begins smaller, the more is added (section 2.3). */
  private static Init residual(Init init, Config config) {
    double deviation = DEVIATION / Math.sqrt(2.0 * config.layers());
    return init.weights(Initializer.normal(0, deviation));
  }

  private static final class SelfAttention extends Module {
    private final int heads;
    private final int headFeatures;
    private final Conv1D in;
    private final Conv1D out;
    private final Dropout weights;
    private final Dropout dropout;

    SelfAttention(Init init, Config config) {
      int features = config.features();
      heads = config.heads();
      headFeatures = features / heads;
      in = child("c_attn", new Conv1D(init, features, 3 * features));
      out = child("c_proj", new Conv1D(residual(init, config), features, features));
      weights = child("attn_dropout", new Dropout(init, config.dropout()));
      dropout = child("resid_dropout", new Dropout(init, config.dropout()));
      // Causal masks, which old files have.
      unused("bias");
      unused("masked_bias");
    }

    KeyValueCache cache(Device device, int batch, int capacity) {
      return new KeyValueCache(device, batch, heads, capacity, headFeatures);
    }

    Tensor forward(Tensor x, KeyValueCache cache) {
      return in.forward(x)
          .then(
              all -> {
                Tensor[] parts = all.chunk(3, -1);
                Tensor query = Attention.split(parts[0], heads);
                Tensor key = Attention.split(parts[1], heads);
                Tensor value = Attention.split(parts[2], heads);
                if (cache != null) {
                  KeyValueCache.Entries seen = cache.append(key, value);
                  key = seen.keys();
                  value = seen.values();
                }
                return Attention.attend(query, key, value, AttentionMask.CAUSAL, weights);
              })
          .then(Attention::merge)
          .then(out::forward)
          .then(dropout::forward);
    }
  }

  /** A linear map whose weights are [in, out]. */
  private static final class Conv1D extends Module {
    private final Tensor weight;
    private final Tensor bias;

    Conv1D(Init init, int in, int out) {
      weight = parameter("weight", init.weight(Initializer.normal(0, DEVIATION), in, out));
      bias = parameter("bias", init.bias(Initializer.zeros(), out));
    }

    Tensor forward(Tensor x) {
      return x.matmul(weight).then(y -> y.add(bias));
    }
  }
}
