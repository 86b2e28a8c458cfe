package tangram.onnx.op;

import tangram.onnx.OnnxData;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;

/** Operators that carry a state along a sequence. */
final class StateSpaces {
  private StateSpaces() {}

  static void register(Operators table) {
    table.put("LinearAttention", StateSpaces::linear);
    table.put("CausalConvWithState", StateSpaces::conv);
  }

  /** A state [batch, heads, keys, values] that each step decays, corrects and reads. */
  private static OnnxData[] linear(Call c) {
    Tensor[] t = c.together(c.real(0), c.real(1), c.real(2), c.real(3), c.real(4), c.real(5));
    int queries = c.attr("q_num_heads");
    int heads = c.attr("kv_num_heads");
    String rule = c.attr("update_rule", "gated_delta");
    boolean decays = rule.startsWith("gated");
    boolean corrects = rule.endsWith("delta");
    if (!decays && !corrects && !rule.equals("linear")) {
      throw c.refuse("update_rule is linear, gated, delta or gated_delta");
    }
    if (decays != (t[4] != null) || corrects != (t[5] != null)) {
      throw new IllegalArgumentException("update_rule " + rule + " and its inputs do not agree");
    }
    Tensor q = Attentions.heads(t[0], queries);
    Tensor k = Attentions.heads(t[1], heads);
    Tensor v = Attentions.heads(t[2], heads);
    // Of each key and head, or of each head.
    Tensor decay = decays ? Attentions.heads(t[4], heads).exp() : null;
    Tensor rate = corrects ? Attentions.heads(t[5], t[5].dim(2)) : null;
    int batch = q.dim(0);
    int steps = q.dim(2);
    double scale = c.attr("scale", 0.0);
    scale = scale == 0 ? 1 / Math.sqrt(q.dim(3)) : scale;
    Tensor state =
        t[3] != null
            ? t[3].to(q.type())
            : q.device().zeros(q.type(), Shape.of(batch, heads, k.dim(3), v.dim(3)));
    Tensor[] outputs = new Tensor[steps];
    for (int i = 0; i < steps; i++) {
      Tensor key = k.select(2, i).unsqueeze(3);
      Tensor value = v.select(2, i).unsqueeze(2);
      if (decays) {
        state = state.mul(decay.select(2, i).unsqueeze(3));
      }
      if (corrects) {
        Tensor known = key.transpose(2, 3).matmul(state);
        value = value.sub(known).mul(rate.select(2, i).unsqueeze(3));
      }
      state = state.add(key.matmul(value));
      Tensor query = q.select(2, i).unsqueeze(2);
      outputs[i] = query.matmul(Attentions.shared(state, queries)).squeeze(2).mul(scale);
    }
    Tensor y = Attentions.joined(Tensor.stack(2, outputs));
    return new OnnxData[] {c.like(0, y), c.like(c.has(3) ? 3 : 0, state)};
  }

  /** A convolution of each channel with what came before, which goes on to the next call. */
  private static OnnxData[] conv(Call c) {
    Tensor[] t = c.together(c.real(0), c.real(1), c.real(2), c.real(3));
    Tensor x = t[0];
    int before = t[1].dim(2) - 1;
    Tensor past =
        t[3] != null ? t[3] : x.device().zeros(x.type(), Shape.of(x.dim(0), x.dim(1), before));
    Tensor all = before == 0 ? x : Tensor.cat(2, past, x);
    Tensor y = ConvOp.conv(1, all, t[1], t[2], ConvOptions.DEFAULT.groups(x.dim(1)));
    y =
        switch (c.attr("activation", "none")) {
          case "none" -> y;
          case "silu", "swish" -> y.silu();
          default -> throw c.refuse("activation is none, silu or swish");
        };
    return new OnnxData[] {c.like(0, y), c.like(0, all.narrow(2, all.dim(2) - before, before))};
  }
}
