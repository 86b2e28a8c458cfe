package tangram.nn.model;

import java.nio.file.Path;
import java.util.List;
import tangram.nn.CausalSelfAttention;
import tangram.nn.Init;
import tangram.nn.KeyValueCache;
import tangram.nn.Linear;
import tangram.nn.RMSNorm;
import tangram.nn.RotaryEmbedding;
import tangram.nn.json.Json;
import tangram.tensor.Device;
import tangram.tensor.Fused;
import tangram.tensor.Tensor;

/**
 * Llama (Touvron et al. 2023; Llama 3: Grattafiori et al. 2024) with the names and shapes of
 * Hugging Face's {@code LlamaForCausalLM}, whose files load as they are; Mistral and Qwen 2 are the
 * same network with other options.
 */
public final class Llama extends LanguageModel {
  /** SwiGLU (Shazeer 2020): a gate and what it lets through. */
  private static final Fused GATE = Fused.of(2, x -> x[0].mul(x[0].sigmoid()).mul(x[1]));

  /**
   * What is built.
   *
   * @param vocabulary number of tokens
   * @param context most tokens of a text
   * @param features of a token
   * @param layers blocks
   * @param heads of queries
   * @param keyHeads of keys and values, a divisor of the heads
   * @param headFeatures features of a head, an even number
   * @param inner features between the linear maps of a block
   * @param eps added to mean squares
   * @param rotary frequencies of the positions, half as many as a head has features
   * @param bias whether queries, keys and values have biases
   * @param outBias whether the output of attention has
   * @param innerBias whether the other linear maps of a block have
   * @param tied whether tokens and logits share their weights
   */
  public record Config(
      int vocabulary,
      int context,
      int features,
      int layers,
      int heads,
      int keyHeads,
      int headFeatures,
      int inner,
      double eps,
      List<Double> rotary,
      boolean bias,
      boolean outBias,
      boolean innerBias,
      boolean tied) {
    /** Checks the numbers. */
    public Config {
      rotary = List.copyOf(rotary);
      if (vocabulary < 1 || context < 1 || features < 1 || layers < 1 || inner < 1) {
        throw new IllegalArgumentException("Llama of nothing: a size is below 1");
      }
      if (heads < 1 || keyHeads < 1 || heads % keyHeads != 0) {
        throw new IllegalArgumentException(
            heads + " heads of queries do not share " + keyHeads + " of keys");
      }
      if (headFeatures < 2 || headFeatures != 2 * rotary.size()) {
        throw new IllegalArgumentException(
            headFeatures + " features of a head need half as many frequencies");
      }
    }

    /**
     * Reads a {@code config.json} of Hugging Face.
     *
     * @throws tangram.nn.FileFormatException if it is not one of a Llama, Mistral or Qwen 2, or
     *     asks for what is not supported
     */
    public static Config read(Path file) {
      return LlamaConfigs.read(Json.read(file));
    }

    CausalSelfAttention.Options attention() {
      double[] frequencies = rotary.stream().mapToDouble(f -> f).toArray();
      return new CausalSelfAttention.Options(
          heads, keyHeads, headFeatures, bias, outBias, new RotaryEmbedding(frequencies, false), 0);
    }
  }

  private final Config config;

  /** Creates the network with first weights. */
  public Llama(Init init, Config config) {
    super(first(init), "model", new Model(first(init), config), config.context(), config.tied());
    this.config = config;
  }

  /**
   * Reads a network from a folder with {@code config.json} and {@code model.safetensors}, or
   * several files with an index. It is in evaluation mode.
   *
   * @throws tangram.nn.FileFormatException if something is wrong with a file
   */
  public static Llama read(Device device, Path folder) {
    Llama network = new Llama(Init.unset(device), Config.read(folder.resolve("config.json")));
    network.load(folder);
    return network;
  }

  /** What was built. */
  public Config config() {
    return config;
  }

  /** {@code LlamaModel}. */
  private static final class Model extends Body {
    private final RMSNorm norm;

    Model(Init init, Config config) {
      super(init, "embed_tokens", config.vocabulary(), config.features());
      blocks("layers", config.layers(), () -> new LlamaBlock(init, config));
      norm = child("norm", new RMSNorm(init, config.eps(), config.features()));
    }

    @Override
    Tensor norm(Tensor features) {
      return norm.forward(features);
    }
  }

  private static final class LlamaBlock extends Block {
    private final RMSNorm norm1;
    private final CausalSelfAttention attention;
    private final RMSNorm norm2;
    private final Linear gate;
    private final Linear up;
    private final Linear down;

    LlamaBlock(Init init, Config config) {
      int features = config.features();
      int inner = config.inner();
      boolean bias = config.innerBias();
      attention = child("self_attn", new CausalSelfAttention(init, features, config.attention()));
      gate = child("mlp.gate_proj", new Linear(init, features, inner, bias));
      up = child("mlp.up_proj", new Linear(init, features, inner, bias));
      down = child("mlp.down_proj", new Linear(init, inner, features, bias));
      norm1 = child("input_layernorm", new RMSNorm(init, config.eps(), features));
      norm2 = child("post_attention_layernorm", new RMSNorm(init, config.eps(), features));
      // Frequencies, which old files have.
      unused("self_attn.rotary_emb.inv_freq");
    }

    @Override
    KeyValueCache cache(Device device, int batch, int capacity) {
      return attention.cache(device, batch, capacity);
    }

    @Override
    Tensor forward(Tensor x, KeyValueCache cache) {
      Tensor y = norm1.forward(x).then(t -> attention.forward(t, cache, null)).then(x::add);
      return y.then(
          residual ->
              norm2
                  .forward(residual)
                  .then(t -> GATE.apply(gate.forward(t), up.forward(t)))
                  .then(down::forward)
                  .then(residual::add));
    }
  }
}
