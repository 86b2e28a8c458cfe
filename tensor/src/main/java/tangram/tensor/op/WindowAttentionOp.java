package tangram.tensor.op;

import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionOperands;

/**
 * Windowed multi-head self-attention with relative position bias, {@code softmax(q k^T / sqrt(d) +
 * bias + mask) v}. Source: Liu et al., Swin Transformer, 2021, eq. 4. Query, key and value are read
 * where one linear layer wrote them, and their gradients go to one tensor.
 */
public final class WindowAttentionOp {
  private WindowAttentionOp() {}

  /**
   * Attends within windows.
   *
   * @param qkv [windows, tokens, 3 * heads * headDim]: query, key and value of every head, as one
   *     linear layer makes them
   * @param bias [heads, tokens, tokens]
   * @param mask [windows of one image, tokens, tokens], added to the scores, or null
   * @return [windows, tokens, heads * headDim]
   */
  public static Tensor windowAttention(Tensor qkv, Tensor bias, Tensor mask) {
    Checks.alike("window_attention", qkv, bias, mask);
    Checks.notEmpty("window_attention", qkv, bias, mask);
    Checks.rank("window_attention", qkv, 3);
    Checks.rank("window_attention bias", bias, 3);
    int windows = qkv.dim(0);
    int tokens = qkv.dim(1);
    int heads = bias.dim(0);
    Checks.that(
        bias.dim(1) == tokens && bias.dim(2) == tokens && qkv.dim(2) % (3 * heads) == 0,
        () -> "window_attention: bias " + bias.shape() + " for " + qkv.shape());
    int perImage = mask == null ? 1 : mask.dim(0);
    Checks.that(
        mask == null || (windows % perImage == 0 && mask.size() == perImage * tokens * tokens),
        () -> "window_attention: the mask does not fit " + qkv.shape());
    int[] batch = {windows / perImage, perImage, heads};
    int headDim = qkv.dim(2) / (3 * heads);
    if (Tracer.isStarted()) {
      return composed(qkv, bias, mask, batch, headDim);
    }
    View x = qkv.asView();
    AttentionOperands operands =
        new AttentionOperands(
            part(x, batch, 3, 0),
            part(x, batch, 3, 1),
            part(x, batch, 3, 2),
            ofHeads(bias).expand(batch[0], perImage, heads, tokens, tokens),
            mask == null
                ? null
                : ofWindows(mask, perImage, tokens)
                    .expand(batch[0], perImage, heads, tokens, tokens),
            false,
            1 / Math.sqrt(headDim));
    Tensor logSumExp = qkv.device().uninitialized(qkv.type(), Shape.of(windows, heads, tokens));
    Tensor y = qkv.device().uninitialized(qkv.type(), Shape.of(windows, tokens, heads * headDim));
    Attention kernel = qkv.device().kernels().attention();
    kernel.attention(operands, part(y.asView(), batch, 1, 0), logSumExp.buffer());
    return Autograd.record(
        "window_attention(qkv, bias, mask)",
        y,
        new Tensor[] {qkv, bias},
        new Tensor[] {mask},
        new Tensor[] {qkv, bias, y, logSumExp},
        gy -> {
          Tensor gQkv = Checks.like(qkv);
          Tensor gBias = bias.requiresGrad() ? Checks.like(bias) : null;
          View gx = gQkv.asView();
          kernel.attentionBackward(
              operands,
              part(y.asView(), batch, 1, 0),
              logSumExp.buffer(),
              part(gy.asView(), batch, 1, 0),
              part(gx, batch, 3, 0),
              part(gx, batch, 3, 1),
              part(gx, batch, 3, 2),
              gBias == null ? null : ofHeads(gBias));
          return new Tensor[] {gQkv, gBias};
        });
  }

  /** The same, of operations that tracers know. */
  private static Tensor composed(Tensor qkv, Tensor bias, Tensor mask, int[] batch, int headDim) {
    int windows = qkv.dim(0);
    int tokens = qkv.dim(1);
    int heads = batch[2];
    Tensor parts = qkv.reshape(windows, tokens, 3, heads, headDim).permute(2, 0, 3, 1, 4);
    Tensor scores = parts.select(0, 0).mul(1 / Math.sqrt(headDim));
    scores = scores.matmul(parts.select(0, 1).transpose(-2, -1)).add(bias);
    if (mask != null) {
      int[] apart = {batch[0], batch[1], heads, tokens, tokens};
      Tensor hidden = mask.reshape(batch[1], 1, tokens, tokens);
      scores = scores.reshape(apart).add(hidden).reshape(windows, heads, tokens, tokens);
    }
    return scores
        .softmax(-1)
        .matmul(parts.select(0, 2))
        .permute(0, 2, 1, 3)
        .reshape(windows, tokens, heads * headDim);
  }

  /** One of several parts of [windows, tokens, parts * heads * headDim]: a head is a matrix. */
  private static View part(View x, int[] batch, int parts, int part) {
    int width = x.dims()[2] / parts;
    int headDim = width / batch[2];
    int[] s = x.strides();
    return x.with(
        x.offset() + part * width * s[2],
        new int[] {batch[0], batch[1], batch[2], x.dims()[1], headDim},
        new int[] {batch[1] * s[0], s[0], headDim * s[2], s[1], s[2]});
  }

  private static View ofHeads(Tensor bias) {
    View x = bias.asView();
    return x.expand(1, 1, x.dims()[0], x.dims()[1], x.dims()[2]);
  }

  private static View ofWindows(Tensor mask, int windows, int tokens) {
    return View.dense(mask.type(), mask.buffer(), 1, windows, 1, tokens, tokens);
  }
}
