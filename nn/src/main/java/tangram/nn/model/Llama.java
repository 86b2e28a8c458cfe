package tangram.nn.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tangram.nn.CausalSelfAttention;
import tangram.nn.Embedding;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.KeyValueCache;
import tangram.nn.Linear;
import tangram.nn.Module;
import tangram.nn.ModuleList;
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
  /** Standard deviation of the weights at the beginning. */
  private static final double DEVIATION = 0.02;

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
  private final Body body;
  private final Linear output;

  /** Creates the network with first weights. */
  public Llama(Init given, Config config) {
    super(given.device(), config.context());
    this.config = config;
    Init init = given.weights(Initializer.normal(0, DEVIATION)).biases(Initializer.zeros());
    body = child("model", new Body(init, config));
    if (config.tied()) {
      // Not a child: files hold the weights once.
      output = new Linear(body.tokens.weight(), null);
      unused("lm_head.weight");
    } else {
      output = child("lm_head", new Linear(init, config.features(), config.vocabulary(), false));
    }
  }

  /**
   * Reads a network from a folder with {@code config.json} and {@code model.safetensors}, or
   * several files with an index. It is in evaluation mode.
   *
   * @throws tangram.nn.FileFormatException if something is wrong with a file
   */
  public static Llama read(Device device, Path folder) {
    Llama network = new Llama(Init.unset(device), Config.read(folder.resolve("config.json")));
    load(network, network.body, "model.", folder);
    return network;
  }

  /** What was built. */
  public Config config() {
    return config;
  }

  @Override
  Tensor body(Tensor tokens, int start, Cache cache) {
    return body.forward(tokens, cache);
  }

  @Override
  Tensor head(Tensor features) {
    return output.forward(features);
  }

  @Override
  KeyValueCache layerCache(int batch, int capacity) {
    return body.blocks.get(0).attention.cache(body.tokens.weight().device(), batch, capacity);
  }

  @Override
  int layers() {
    return config.layers();
  }

  /** {@code LlamaModel}: all but the logits. */
  private static final class Body extends Module {
    private final Embedding tokens;
    private final ModuleList<Block> blocks;
    private final RMSNorm norm;

    Body(Init init, Config config) {
      tokens = child("embed_tokens", new Embedding(init, config.vocabulary(), config.features()));
      List<Block> list = new ArrayList<>();
      for (int i = 0; i < config.layers(); i++) {
        list.add(new Block(init, config));
      }
      blocks = child("layers", new ModuleList<>(list));
      norm = child("norm", new RMSNorm(init, config.eps(), config.features()));
    }

    Tensor forward(Tensor ids, Cache cache) {
      Tensor x = tokens.forward(ids);
      for (int i = 0; i < blocks.size(); i++) {
        KeyValueCache layer = Cache.of(cache, i);
        Block block = blocks.get(i);
        x = x.then(t -> block.forward(t, layer));
      }
      return x.then(norm::forward);
    }
  }

  private static final class Block extends Module {
    private final RMSNorm norm1;
    private final CausalSelfAttention attention;
    private final RMSNorm norm2;
    private final Linear gate;
    private final Linear up;
    private final Linear down;

    Block(Init init, Config config) {
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
