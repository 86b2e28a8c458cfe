package tangram.onnx.op;

import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Attention with its masks and caches. Source: Vaswani et al. 2017. */
final class Attentions {
  private Attentions() {}

  static void register(Operators table) {
    table.put("Attention", Attentions::attention);
    table.one("RotaryEmbedding", Attentions::rotary);
    table.one("ai.onnx.preview.FlexAttention", Attentions::flexible);
  }

  /** [batch, length, heads size] as [batch, heads, length, size]. */
  static Tensor heads(Tensor x, int heads) {
    if (x.dim(2) % heads != 0) {
      throw new IllegalArgumentException(heads + " heads of " + x.shape());
    }
    return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads).transpose(1, 2);
  }

  /** The reverse of {@link #heads}. */
  static Tensor joined(Tensor x) {
    return x.transpose(1, 2).reshape(x.dim(0), x.dim(2), x.dim(1) * x.dim(3));
  }

  /** Each head as often as queries share it. */
  static Tensor shared(Tensor x, int queries) {
    int heads = x.dim(1);
    if (heads == queries) {
      return x;
    }
    if (heads == 0 || queries % heads != 0) {
      throw new IllegalArgumentException(queries + " heads of queries for " + heads);
    }
    return x.unsqueeze(2)
        .expand(x.dim(0), heads, queries / heads, x.dim(2), x.dim(3))
        .reshape(x.dim(0), queries, x.dim(2), x.dim(3));
  }

  private static OnnxData[] attention(Call c) {
    Tensor[] t = c.together(c.real(0), c.real(1), c.real(2), c.real(4), c.real(5));
    boolean flat = t[0].shape().rank() == 3;
    Tensor q = flat ? heads(t[0], c.attr("q_num_heads")) : t[0];
    Tensor k = flat ? heads(t[1], c.attr("kv_num_heads")) : t[1];
    Tensor v = flat ? heads(t[2], c.attr("kv_num_heads")) : t[2];
    if ((t[3] == null) != (t[4] == null) || (t[3] != null && c.has(6))) {
      throw new IllegalArgumentException(
          "past_key and past_value go together, and without nonpad_kv_seqlen");
    }
    k = t[3] == null ? k : Tensor.cat(2, t[3], k);
    v = t[4] == null ? v : Tensor.cat(2, t[4], v);
    Tensor bias = bias(c, q, k);
    Double scale = c.attrReal("scale") == null ? null : c.attr("scale", 0.0);
    boolean plain = bias == null && !c.wants(3) && c.attr("softcap", 0.0) == 0;
    Tensor shown = null;
    Tensor y;
    if (plain) {
      y = q.scaledDotProductAttention(k, v, null, false, scale, q.dim(1) != k.dim(1));
    } else {
      Tensor[] both = scores(c, q, shared(k, q.dim(1)), bias, scale);
      shown = both[1];
      y = both[0].matmul(shared(v, q.dim(1)));
    }
    return new OnnxData[] {
      c.like(0, flat ? joined(y) : y),
      c.wants(1) ? c.like(1, k) : null,
      c.wants(2) ? c.like(2, v) : null,
      c.wants(3) ? c.like(0, shown) : null
    };
  }

  /** Probabilities, and what the fourth output shows of how they came about. */
  private static Tensor[] scores(Call c, Tensor q, Tensor k, Tensor bias, Double scale) {
    double root = Math.sqrt(scale == null ? 1 / Math.sqrt(q.dim(3)) : scale);
    Tensor raw = q.mul(root).matmul(k.mul(root).transpose(2, 3));
    double cap = c.attr("softcap", 0.0);
    Tensor capped = cap > 0 ? raw.div(cap).tanh().mul(cap) : raw;
    Tensor biased = bias == null ? capped : capped.add(bias);
    Tensor probabilities;
    if (bias == null) {
      probabilities = biased.softmax(-1);
    } else {
      // A query that sees nothing takes nothing.
      Tensor blind = bias.max(new int[] {-1}, true).eq(Double.NEGATIVE_INFINITY);
      Tensor zero = q.device().zeros(q.type(), Shape.of());
      Tensor safe = Tensor.where(blind, zero, biased);
      probabilities = Tensor.where(blind, zero, safe.softmax(-1));
    }
    Tensor shown =
        switch ((int) c.attr("qk_matmul_output_mode", 0)) {
          case 0 -> raw;
          case 1 -> capped;
          case 2 -> biased;
          case 3 -> probabilities;
          default -> throw c.refuse("qk_matmul_output_mode is 0 to 3");
        };
    return new Tensor[] {probabilities, shown};
  }

  /** What is added to scores: negative infinity where a query does not see a key; null of none. */
  private static Tensor bias(Call c, Tensor q, Tensor k) {
    Tensor bias = seen(c, q, k);
    if (!c.has(3)) {
      return bias;
    }
    Tensor mask = c.t(3).to(q.device());
    int length = k.dim(2);
    int more = length - mask.dim(-1);
    int[] after = new int[mask.shape().rank()];
    after[after.length - 1] = more;
    if (c.type(3) == ElementType.BOOL) {
      mask = more > 0 && mask.dim(-1) > 1 ? padded(mask, more) : mask;
      mask = Tensor.where(mask, number(q, 0), number(q, Double.NEGATIVE_INFINITY));
    } else {
      mask = Call.precise(mask).to(q.type());
      mask =
          more > 0 && mask.dim(-1) > 1
              ? Padding.constant(mask, new int[after.length], after, Double.NEGATIVE_INFINITY)
              : mask;
    }
    return bias == null ? mask : bias.add(mask);
  }

  private static Tensor padded(Tensor mask, int more) {
    int[] dims = mask.shape().dims();
    dims[dims.length - 1] = more;
    return Tensor.cat(-1, mask, mask.device().zeros(mask.type(), Shape.of(dims)));
  }

  private static Tensor number(Tensor like, double value) {
    return like.device().full(value, like.type(), Shape.of());
  }

  /**
   * Causality, windows and padding, for query i at place {@code i + offset}: [batch or 1, 1,
   * queries, keys]; null where every query sees every key.
   */
  private static Tensor seen(Call c, Tensor q, Tensor k) {
    boolean causal = c.flag("is_causal");
    long left = c.attr("left_window_size", -1);
    long right = c.attr("right_window_size", -1);
    if (!causal && left < 0 && right < 0 && !c.has(6)) {
      return null;
    }
    int queries = q.dim(2);
    int keys = k.dim(2);
    long[] lengths = c.has(6) ? c.longs(6) : null;
    int batches = lengths == null ? 1 : lengths.length;
    long past = c.has(4) ? c.in(4).dims()[2] : 0;
    boolean[] seen = new boolean[batches * queries * keys];
    for (int at = 0; at < seen.length; at++) {
      int b = at / (queries * keys);
      long place = at / keys % queries + (lengths == null ? past : lengths[b] - queries);
      int j = at % keys;
      seen[at] =
          (!causal || j <= place)
              && (left < 0 || place - j <= left)
              && (right < 0 || j - place <= right)
              && (lengths == null || j < lengths[b]);
    }
    Device device = q.device();
    Tensor mask = device.tensor(seen, batches, 1, queries, keys);
    return Tensor.where(mask, number(q, 0), number(q, Double.NEGATIVE_INFINITY));
  }

  /** Pairs of features turned by an angle of their place. Source: Su et al. 2021, RoFormer. */
  private static OnnxTensor rotary(Call c) {
    Tensor[] t = c.together(c.real(0), c.real(1), c.real(2));
    boolean flat = t[0].shape().rank() == 3;
    Tensor x = flat ? heads(t[0], c.attr("num_heads")) : t[0];
    int size = x.dim(3);
    int turned = (int) c.attr("rotary_embedding_dim", 0);
    turned = turned == 0 ? size : turned;
    Tensor cos = angles(c, t[1]);
    Tensor sin = angles(c, t[2]);
    if (2 * cos.dim(-1) != turned || 2 * sin.dim(-1) != turned) {
      throw new IllegalArgumentException(
          "caches of %s for %s features".formatted(cos.shape(), turned));
    }
    Tensor part = x.narrow(3, 0, turned);
    boolean pairs = c.flag("interleaved");
    Tensor a = pairs ? part.slice(3, 0, turned, 2) : part.narrow(3, 0, turned / 2);
    Tensor b = pairs ? part.slice(3, 1, turned, 2) : part.narrow(3, turned / 2, turned / 2);
    Tensor first = a.mul(cos).sub(b.mul(sin));
    Tensor second = a.mul(sin).add(b.mul(cos));
    Tensor y =
        pairs
            ? Tensor.stack(4, first, second).reshape(part.shape().dims())
            : Tensor.cat(3, first, second);
    y = turned == size ? y : Tensor.cat(3, y, x.narrow(3, turned, size - turned));
    return c.like(0, flat ? joined(y) : y);
  }

  /** For each place of each sample, beside all heads: [batch, 1, length, features]. */
  private static Tensor angles(Call c, Tensor cache) {
    if (!c.has(3)) {
      return cache.unsqueeze(1);
    }
    Tensor places = c.indices(3, cache, cache.dim(0));
    return cache
        .indexSelect(0, places.reshape(places.size()))
        .reshape(places.dim(0), 1, places.dim(1), cache.dim(1));
  }

  /** Attention whose scores and probabilities go through graphs of the model. */
  private static OnnxTensor flexible(Call c) {
    Tensor[] t = c.together(c.real(0), c.real(1), c.real(2));
    Tensor q = t[0];
    ElementType type =
        c.attrElement(
            "softmax_precision",
            c.type(0) == ElementType.DOUBLE ? ElementType.DOUBLE : ElementType.FLOAT);
    double root = Math.sqrt(c.attr("scale", 1 / Math.sqrt(q.dim(3))));
    Tensor k = shared(t[1], q.dim(1));
    Tensor scores = q.mul(root).matmul(k.mul(root).transpose(2, 3));
    scores = modified(c, "score_mod", type, scores);
    Tensor probabilities = modified(c, "prob_mod", type, scores.softmax(-1));
    Tensor v = shared(t[2], q.dim(1));
    Tensor[] x = c.together(probabilities, v.to(probabilities.type()));
    return c.like(0, x[0].matmul(x[1]));
  }

  private static Tensor modified(Call c, String name, ElementType type, Tensor x) {
    OnnxTensor given = c.result(type, x.device().has(type.storage()) ? x : x.to(c.host()));
    if (!c.hasAttribute(name)) {
      return Call.precise(given.tensor());
    }
    OnnxTensor made = (OnnxTensor) c.run(c.body(name), given)[0];
    return Call.precise(made.tensor());
  }
}
