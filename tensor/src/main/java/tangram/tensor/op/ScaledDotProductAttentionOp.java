package tangram.tensor.op;

import java.util.Arrays;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionOperands;

/**
 * Scaled dot-product attention, {@code softmax(scale q k^T + mask) v}, with PyTorch's meaning
 * (Vaswani et al., 2017, eq. 1). Neither scores nor probabilities are kept.
 */
public final class ScaledDotProductAttentionOp {
  private static final String NAME = "scaledDotProductAttention";
  private static final double[] NONE = {};

  /** What is added to a score that takes part, or does not. */
  private static final Formula HIDE =
      Formula.of(x -> Expr.where(x.ne(Expr.of(0)), Expr.of(0), Expr.of(Double.NEGATIVE_INFINITY)));

  private ScaledDotProductAttentionOp() {}

  /**
   * Attends. Dimensions before the last two are broadcast. A query that may see no key gives 0, and
   * so are its gradients, as in PyTorch from version 2.5 on.
   *
   * @param query [.., L, E]
   * @param key [.., S, E]
   * @param value [.., S, Ev]
   * @param mask broadcast to [.., L, S]: true where a key takes part, or real numbers that are
   *     added to the scores and have a gradient; or null
   * @param causal whether query i sees the keys 0 to i only; together with a mask both count
   * @param scale factor of the products; null for 1 / sqrt(E)
   * @param grouped whether the third last dimension of the query may be a multiple of that of key
   *     and value, each of which then serves as many queries in a row (PyTorch's {@code
   *     enable_gqa})
   * @return [.., L, Ev]
   */
  public static Tensor scaledDotProductAttention(
      Tensor query,
      Tensor key,
      Tensor value,
      Tensor mask,
      boolean causal,
      Double scale,
      boolean grouped) {
    check(query, key, value, mask);
    double factor = scale == null ? 1 / Math.sqrt(query.dim(-1)) : scale;
    if (grouped && query.shape().rank() > 2) {
      return grouped(query, key, value, mask, causal, factor);
    }
    int[] batch = MapOp.broadcast(NAME, 2, query, key, value);
    Tensor q = repeated(query, batch);
    Tensor k = repeated(key, batch);
    Tensor v = repeated(value, batch);
    int[] scores = Arrays.copyOf(batch, batch.length + 2);
    scores[batch.length] = query.dim(-2);
    scores[batch.length + 1] = key.dim(-2);
    boolean fits = mask == null || mask.shape().rank() <= scores.length;
    for (int d = 1; fits && mask != null && d <= mask.shape().rank(); d++) {
      fits = mask.dim(-d) == 1 || mask.dim(-d) == scores[scores.length - d];
    }
    Checks.that(
        fits,
        () -> NAME + ": the mask " + mask.shape() + " does not broadcast to " + Shape.of(scores));
    int[] dims = scores.clone();
    dims[dims.length - 1] = value.dim(-1);
    if (Shape.of(scores).size() == 0 || value.dim(-1) == 0) {
      // Sums of nothing, that remember what they were computed from.
      return q.narrow(-1, 0, 0).sum(new int[] {-1}, true).expand(dims);
    }
    if (Tracer.isStarted()) {
      return composed(query, key, value, mask, causal, factor);
    }
    Tensor y = attend(q, k, v, mask, scores, causal, factor, dims);
    releaseUnless(query, q);
    releaseUnless(key, k);
    releaseUnless(value, v);
    return y;
  }

  /** The same, of operations that tracers know. */
  private static Tensor composed(
      Tensor query, Tensor key, Tensor value, Tensor mask, boolean causal, double scale) {
    Tensor scores = query.mul(scale).matmul(key.transpose(-2, -1));
    if (causal) {
      Tensor last = query.device().arange(query.dim(-2), DType.I32).unsqueeze(1);
      Tensor places = query.device().arange(key.dim(-2), DType.I32);
      scores = scores.maskedFill(places.gt(last), Double.NEGATIVE_INFINITY);
    }
    if (mask != null) {
      scores =
          mask.type().isReal()
              ? scores.add(mask)
              : scores.maskedFill(mask.logicalNot(), Double.NEGATIVE_INFINITY);
    }
    Tensor weights = scores.softmax(-1);
    if (mask != null) {
      weights = weights.maskedFill(weights.isNaN(), 0);
    }
    return weights.matmul(value);
  }

  private static void check(Tensor query, Tensor key, Tensor value, Tensor mask) {
    for (Tensor t : new Tensor[] {query, key, value}) {
      Checks.sameDevice(NAME, query, t);
    }
    Checks.alike(NAME, query, key, value);
    Checks.that(
        query.shape().rank() >= 2
            && key.shape().rank() >= 2
            && value.shape().rank() >= 2
            && query.dim(-1) == key.dim(-1)
            && key.dim(-2) == value.dim(-2),
        () ->
            "%s: query %s, key %s and value %s are not of the form [.., L, E], [.., S, E], [.., S, Ev]"
                .formatted(NAME, query.shape(), key.shape(), value.shape()));
    if (mask != null) {
      Checks.sameDevice(NAME, query, mask);
      Checks.that(
          mask.type() == DType.BOOL || mask.type() == query.type(),
          () ->
              "%s: a mask is BOOL or, like the query, %s, not %s"
                  .formatted(NAME, query.type(), mask.type()));
    }
  }

  /** Heads [.., g h] as [.., h, g], of which keys and values have one. */
  private static Tensor grouped(
      Tensor query, Tensor key, Tensor value, Tensor mask, boolean causal, double scale) {
    int heads = query.dim(-3);
    int shared = key.shape().rank() < 3 ? 0 : key.dim(-3);
    Checks.that(
        shared > 0 && heads % shared == 0 && value.shape().rank() > 2 && value.dim(-3) == shared,
        () ->
            "%s: %s heads of the query %s do not share those of key %s and value %s evenly"
                .formatted(NAME, heads, query.shape(), key.shape(), value.shape()));
    Tensor q = split(query, shared);
    Tensor k = key.unsqueeze(-3);
    Tensor v = value.unsqueeze(-3);
    Tensor m = mask;
    if (mask != null && mask.shape().rank() > 2) {
      m = mask.dim(-3) == 1 ? mask.unsqueeze(-3) : split(mask, shared);
    }
    Tensor y = scaledDotProductAttention(q, k, v, m, causal, scale, false);
    int rank = y.shape().rank();
    q.release();
    k.release();
    v.release();
    releaseUnless(mask, m);
    return y.then(apart -> apart.flatten(rank - 4, rank - 3));
  }

  private static Tensor split(Tensor x, int heads) {
    int[] from = x.shape().dims();
    int rank = from.length;
    int[] dims = new int[rank + 1];
    System.arraycopy(from, 0, dims, 0, rank - 3);
    dims[rank - 3] = heads;
    dims[rank - 2] = from[rank - 3] / heads;
    dims[rank - 1] = from[rank - 2];
    dims[rank] = from[rank - 1];
    return x.reshape(dims);
  }

  private static Tensor repeated(Tensor x, int[] batch) {
    int[] dims = Arrays.copyOf(batch, batch.length + 2);
    dims[batch.length] = x.dim(-2);
    dims[batch.length + 1] = x.dim(-1);
    return x.shape().equals(Shape.of(dims)) ? x : x.expand(dims);
  }

  private static void releaseUnless(Tensor mine, Tensor x) {
    if (x != mine) {
      x.release();
    }
  }

  private static Tensor attend(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor mask,
      int[] scores,
      boolean causal,
      double scale,
      int[] dims) {
    Device device = q.device();
    boolean adds = mask != null && mask.type().isReal();
    Tensor bias = adds ? mask : null;
    Tensor hidden = mask == null || adds ? null : hidden(mask, q.type());
    AttentionOperands o =
        new AttentionOperands(
            q.asView(),
            k.asView(),
            v.asView(),
            bias == null ? null : bias.asView().expand(scores),
            hidden == null ? null : hidden.asView().expand(scores),
            causal,
            scale);
    Tensor y = device.uninitialized(q.type(), Shape.of(dims));
    Tensor logSumExp =
        device.uninitialized(q.type(), Shape.of(Arrays.copyOf(scores, scores.length - 1)));
    Attention kernel = device.kernels().attention();
    kernel.attention(o, y.asView(), logSumExp.buffer());
    return Autograd.record(
        NAME + "(query, key, value, mask)",
        y,
        new Tensor[] {q, k, v, bias},
        present(q, k, v, bias, hidden, y, logSumExp),
        gy -> {
          Tensor gq = Checks.like(q);
          Tensor gk = Checks.like(k);
          Tensor gv = Checks.like(v);
          Tensor gBias = null;
          if (bias != null && bias.requiresGrad()) {
            int[] of = expandedBias(bias, scores);
            gBias = device.uninitialized(q.type(), Shape.of(of));
          }
          kernel.attentionBackward(
              o,
              y.asView(),
              logSumExp.buffer(),
              gy.asView(),
              gq.asView(),
              gk.asView(),
              gv.asView(),
              gBias == null ? null : gBias.asView());
          if (gBias != null) {
            Tensor whole = gBias;
            gBias =
                MapOp.sumTo(
                    bias, Formula.IDENTITY, NONE, new View[] {whole.asView()}, whole.shape());
            whole.close();
          }
          return new Tensor[] {gq, gk, gv, gBias};
        });
  }

  /** The shape of a bias as the kernel sums its gradient: of all queries and keys. */
  private static int[] expandedBias(Tensor bias, int[] scores) {
    int[] dims = scores.clone();
    for (int d = 0; d < dims.length - 2; d++) {
      int from = d - (dims.length - bias.shape().rank());
      dims[d] = from < 0 ? 1 : bias.dim(from);
    }
    return dims;
  }

  private static Tensor hidden(Tensor mask, DType type) {
    Tensor y = mask.device().uninitialized(type, mask.shape());
    mask.device().kernels().maps().map(HIDE, NONE, new View[] {mask.asView()}, y.asView());
    return y;
  }

  private static Tensor[] present(Tensor... x) {
    return Arrays.stream(x).filter(t -> t != null).toArray(Tensor[]::new);
  }
}
