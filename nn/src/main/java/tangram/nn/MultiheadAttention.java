package tangram.nn;

import static tangram.tensor.op.LinearOp.linear;

import tangram.tensor.Tensor;

/**
 * Attention of several heads (Vaswani et al. 2017), with PyTorch's names: {@code in_proj_weight},
 * {@code in_proj_bias}, {@code out_proj.weight}, {@code out_proj.bias}, and {@code q_proj_weight},
 * {@code k_proj_weight}, {@code v_proj_weight} where keys or values have another number of
 * features.
 *
 * <p>For decoders with a cache, shared key heads or rotary positions there is {@link
 * CausalSelfAttention}.
 */
public final class MultiheadAttention extends Module {
  /**
   * What is built.
   *
   * @param dropout probability with which weights are dropped in training
   * @param bias whether projections have biases
   * @param batchFirst whether inputs are [N, L, E] instead of [L, N, E]
   * @param keyFeatures features of the keys; 0 for those of the queries
   * @param valueFeatures features of the values; 0 for those of the queries
   */
  public record Options(
      double dropout, boolean bias, boolean batchFirst, int keyFeatures, int valueFeatures) {
    /** PyTorch's: no dropout, biases, [L, N, E]. */
    public static final Options DEFAULT = new Options(0, true, false, 0, 0);

    /** Another probability of dropout. */
    public Options dropout(double dropout) {
      return new Options(dropout, bias, batchFirst, keyFeatures, valueFeatures);
    }

    /** Whether projections have biases. */
    public Options bias(boolean bias) {
      return new Options(dropout, bias, batchFirst, keyFeatures, valueFeatures);
    }

    /** Whether inputs are [N, L, E] instead of [L, N, E]. */
    public Options batchFirst(boolean batchFirst) {
      return new Options(dropout, bias, batchFirst, keyFeatures, valueFeatures);
    }

    /** Other numbers of features of keys and values. */
    public Options features(int keyFeatures, int valueFeatures) {
      return new Options(dropout, bias, batchFirst, keyFeatures, valueFeatures);
    }
  }

  /**
   * What attention gives.
   *
   * @param output [L, N, E], or as the queries are
   * @param weights their mean over the heads, [N, L, S]
   */
  public record Weighted(Tensor output, Tensor weights) {}

  private final int features;
  private final int heads;
  private final Options options;
  private final Tensor inWeight;
  private final Tensor[] weights;
  private final Tensor inBias;
  private final Linear out;
  private final Dropout dropout;

  /** Creates attention with PyTorch's defaults. */
  public MultiheadAttention(Init init, int features, int heads) {
    this(init, features, heads, Options.DEFAULT);
  }

  /** Creates attention of a number of features, E, which the heads divide. */
  public MultiheadAttention(Init init, int features, int heads, Options options) {
    if (heads < 1 || features % heads != 0) {
      throw new IllegalArgumentException(
          features + " features do not split into " + heads + " heads");
    }
    this.features = features;
    this.heads = heads;
    this.options = options;
    int kFeatures = options.keyFeatures() == 0 ? features : options.keyFeatures();
    int vFeatures = options.valueFeatures() == 0 ? features : options.valueFeatures();
    Initializer xavier = Initializer.xavierUniform(1);
    if (kFeatures == features && vFeatures == features) {
      inWeight = parameter("in_proj_weight", init.weight(xavier, 3 * features, features));
      weights = null;
    } else {
      inWeight = null;
      weights =
          new Tensor[] {
            parameter("q_proj_weight", init.weight(xavier, features, features)),
            parameter("k_proj_weight", init.weight(xavier, features, kFeatures)),
            parameter("v_proj_weight", init.weight(xavier, features, vFeatures))
          };
    }
    boolean bias = options.bias();
    inBias = bias ? parameter("in_proj_bias", init.bias(Initializer.zeros(), 3 * features)) : null;
    Tensor outWeight = init.weight(Linear.WEIGHTS, features, features);
    out =
        child(
            "out_proj",
            new Linear(outWeight, bias ? init.bias(Initializer.zeros(), features) : null));
    dropout = options.dropout() > 0 ? child("dropout", new Dropout(init, options.dropout())) : null;
  }

  /** Attention of a sequence to itself; every element sees all. */
  public Tensor forward(Tensor x) {
    return forward(x, x, x, AttentionMask.NONE);
  }

  /**
   * Attends.
   *
   * @param query [L, N, E], with {@code batchFirst} [N, L, E], or [L, E] of one sample
   * @param key [S, N, features], likewise
   * @param value as the key
   */
  public Tensor forward(Tensor query, Tensor key, Tensor value, AttentionMask mask) {
    return forward(query, key, value, mask, false).output();
  }

  /** As the other, with the weights of the keys, which takes more time and memory. */
  public Weighted forwardWithWeights(Tensor query, Tensor key, Tensor value, AttentionMask mask) {
    return forward(query, key, value, mask, true);
  }

  private Weighted forward(
      Tensor query, Tensor key, Tensor value, AttentionMask mask, boolean needWeights) {
    int rank = query.shape().rank();
    if (rank == 2) {
      Tensor q = unbatched(query);
      Tensor k = key == query ? q : unbatched(key);
      Weighted y = forward(q, k, value == key ? k : unbatched(value), mask, needWeights);
      Tensor w = y.weights() == null ? null : y.weights().squeeze(0);
      return new Weighted(y.output().squeeze(options.batchFirst() ? 0 : 1), w);
    }
    Tensor[] parts = new Tensor[3];
    if (query == key && key == value && inWeight != null) {
      // One product for all three.
      Tensor all = linear(query, inWeight, inBias);
      parts = all.chunk(3, -1);
      all.release();
    } else {
      Tensor[] inputs = {query, key, value};
      for (int i = 0; i < 3; i++) {
        parts[i] = projected(inputs[i], i);
      }
    }
    for (int i = 0; i < 3; i++) {
      parts[i] = parts[i].then(this::heads);
    }
    Attention.Result y = Attention.attend(parts[0], parts[1], parts[2], mask, dropout, needWeights);
    for (Tensor part : parts) {
      part.release();
    }
    Tensor output = y.output().then(Attention::merge).then(out::forward);
    return new Weighted(
        options.batchFirst() ? output : output.then(t -> t.transpose(0, 1)),
        needWeights ? y.weights().mean(1) : null);
  }

  private Tensor unbatched(Tensor x) {
    return x.unsqueeze(options.batchFirst() ? 0 : 1);
  }

  private Tensor projected(Tensor x, int part) {
    Tensor weight = weights == null ? inWeight.narrow(0, part * features, features) : weights[part];
    Tensor bias = inBias == null ? null : inBias.narrow(0, part * features, features);
    return linear(x, weight, bias);
  }

  /** [N, heads, L, E / heads]. */
  private Tensor heads(Tensor x) {
    return options.batchFirst()
        ? Attention.split(x, heads)
        : x.transpose(0, 1).then(t -> Attention.split(t, heads));
  }
}
