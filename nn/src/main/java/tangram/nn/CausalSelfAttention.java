package tangram.nn;

import tangram.tensor.Device;
import tangram.tensor.Tensor;

/**
 * Attention of decoders such as GPT-2's and Llama's: every place sees itself and what is before.
 * Heads of keys may serve several heads of queries each (Ainslie et al. 2023), positions may be
 * rotary, and a {@link KeyValueCache} continues a text place by place. Names are Llama's: {@code
 * q_proj}, {@code k_proj}, {@code v_proj}, {@code o_proj}.
 */
public final class CausalSelfAttention extends Module {
  /**
   * What is built.
   *
   * @param heads of queries
   * @param keyHeads of keys and values, a divisor of heads
   * @param headFeatures features of a head
   * @param bias whether the projections of queries, keys and values have biases
   * @param outBias whether that of the output has one
   * @param rotary positions, or null
   * @param dropout probability with which weights are dropped in training
   */
  public record Options(
      int heads,
      int keyHeads,
      int headFeatures,
      boolean bias,
      boolean outBias,
      RotaryEmbedding rotary,
      double dropout) {
    /** Checks the heads. */
    public Options {
      if (heads < 1 || keyHeads < 1 || heads % keyHeads != 0 || headFeatures < 1) {
        throw new IllegalArgumentException(
            "%d heads of queries and %d of keys, of %d features"
                .formatted(heads, keyHeads, headFeatures));
      }
    }

    /** Heads of their own keys with biases, no rotary positions: GPT-2's. */
    public static Options gpt2(int heads, int headFeatures) {
      return new Options(heads, heads, headFeatures, true, true, null, 0);
    }

    /** Shared heads of keys without biases, rotary positions: Llama's. */
    public static Options llama(int heads, int keyHeads, int headFeatures, double base) {
      RotaryEmbedding rotary = new RotaryEmbedding(headFeatures, base, false);
      return new Options(heads, keyHeads, headFeatures, false, false, rotary, 0);
    }

    /** Another probability of dropout. */
    public Options dropout(double dropout) {
      return new Options(heads, keyHeads, headFeatures, bias, outBias, rotary, dropout);
    }
  }

  private final Options options;
  private final Linear query;
  private final Linear key;
  private final Linear value;
  private final Linear out;
  private final Dropout dropout;

  /** Creates attention of a number of features. */
  public CausalSelfAttention(Init init, int features, Options options) {
    this.options = options;
    int width = options.heads() * options.headFeatures();
    int keyWidth = options.keyHeads() * options.headFeatures();
    query = child("q_proj", new Linear(init, features, width, options.bias()));
    key = child("k_proj", new Linear(init, features, keyWidth, options.bias()));
    value = child("v_proj", new Linear(init, features, keyWidth, options.bias()));
    out = child("o_proj", new Linear(init, width, features, options.outBias()));
    dropout = options.dropout() > 0 ? child("dropout", new Dropout(init, options.dropout())) : null;
  }

  /** Attends from place 0 on. */
  public Tensor forward(Tensor x) {
    return forward(x, null, null);
  }

  /**
   * Attends.
   *
   * @param x [N, L, features]; with a cache the places behind those that it holds
   * @param cache to read and add to, or null
   * @param hidden keys that are padding [N, S], true hides, or null
   */
  public Tensor forward(Tensor x, KeyValueCache cache, Tensor hidden) {
    int start = cache == null ? 0 : cache.length();
    RotaryEmbedding rotary = options.rotary();
    Tensor q = query.forward(x).then(t -> Attention.split(t, options.heads()));
    Tensor k = key.forward(x).then(t -> Attention.split(t, options.keyHeads()));
    Tensor v = value.forward(x).then(t -> Attention.split(t, options.keyHeads()));
    if (rotary != null) {
      q = q.then(t -> rotary.apply(t, start));
      k = k.then(t -> rotary.apply(t, start));
    }
    if (cache != null) {
      KeyValueCache.Entries all = cache.append(k, v);
      k.release();
      v.release();
      k = all.keys();
      v = all.values();
    }
    AttentionMask mask = AttentionMask.CAUSAL.keyPadding(hidden);
    Tensor y = Attention.attend(q, k, v, mask, dropout);
    for (Tensor t : new Tensor[] {q, k, v}) {
      t.release();
    }
    return y.then(Attention::merge).then(out::forward);
  }

  /** An empty cache for this layer. */
  public KeyValueCache cache(Device device, int batch, int capacity) {
    return new KeyValueCache(device, batch, options.keyHeads(), capacity, options.headFeatures());
  }
}
