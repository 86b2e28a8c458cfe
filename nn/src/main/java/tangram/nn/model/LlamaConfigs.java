package tangram.nn.model;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.json.Json;

/** Reads configurations of Llama and its like. */
final class LlamaConfigs {
  private static final double BASE = 10_000;
  private static final List<String> TYPES = List.of("llama", "mistral", "qwen2");

  private LlamaConfigs() {}

  static Llama.Config read(Json json) {
    String type = json.get("model_type").text();
    if (!TYPES.contains(type)) {
      throw json.get("model_type")
          .error("is a network that is not supported; what is: gpt2, " + TYPES);
    }
    if (!json.text("hidden_act", "silu").equals("silu")) {
      throw json.get("hidden_act").error("is not silu");
    }
    Configs.require(json, "use_sliding_window", false);
    int features = json.get("hidden_size").integer(1);
    int heads = json.get("num_attention_heads").integer(1);
    int headFeatures = json.integer("head_dim", 2, features / heads);
    int context = json.integer("max_position_embeddings", 1, 2048);
    if (type.equals("mistral")) {
      // Within a window attention is as without.
      context = Math.min(context, json.integer("sliding_window", 1, context));
    }
    int places = context;
    boolean bias = json.flag("attention_bias", false);
    return Configs.checked(
        json,
        () ->
            new Llama.Config(
                json.get("vocab_size").integer(1),
                places,
                features,
                json.get("num_hidden_layers").integer(1),
                heads,
                json.integer("num_key_value_heads", 1, heads),
                headFeatures,
                json.get("intermediate_size").integer(1),
                json.number("rms_norm_eps", 1e-6),
                frequencies(json, headFeatures),
                bias || type.equals("qwen2"),
                bias,
                json.flag("mlp_bias", false),
                json.flag("tie_word_embeddings", false)));
  }

  private static List<Double> frequencies(Json json, int features) {
    Json scaling = json.get(json.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
    double base = json.number("rope_theta", BASE);
    if (!scaling.isNull()) {
      base = scaling.number("rope_theta", base);
    }
    List<Double> frequencies = new ArrayList<>();
    for (int i = 0; i < features / 2; i++) {
      frequencies.add(Math.pow(base, -2.0 * i / features));
    }
    String kind =
        scaling.isNull() ? "default" : scaling.text("rope_type", scaling.text("type", "default"));
    switch (kind) {
      case "default":
        break;
      case "linear":
        double factor = scaling.get("factor").number();
        frequencies.replaceAll(f -> f / factor);
        break;
      case "llama3":
        frequencies.replaceAll(f -> llama3(scaling, f));
        break;
      default:
        throw scaling.error("has a rope_type that is not supported; use default, linear, llama3");
    }
    return frequencies;
  }

  /** Llama 3.1's: waves longer than the context of before are stretched, short ones are not. */
  private static double llama3(Json scaling, double frequency) {
    double factor = scaling.get("factor").number();
    double low = scaling.get("low_freq_factor").number();
    double high = scaling.get("high_freq_factor").number();
    double before = scaling.get("original_max_position_embeddings").integer(1);
    double waves = before * frequency / (2 * Math.PI);
    if (waves < low) {
      return frequency / factor;
    }
    if (waves > high) {
      return frequency;
    }
    double smooth = (waves - low) / (high - low);
    return (1 - smooth) * frequency / factor + smooth * frequency;
  }
}
