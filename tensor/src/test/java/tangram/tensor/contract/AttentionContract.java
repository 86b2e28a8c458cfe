package tangram.tensor.contract;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.Buffer;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.kernel.AttentionOperands;

/**
 * Attention from one token to several blocks of them, with heads side by side in one buffer, with a
 * bias that pictures share, with and without mask.
 */
public abstract class AttentionContract extends KernelContract {
  /**
   * Windows of pictures; query, key and value as one layer makes them.
   *
   * @param images pictures, which share masks and the bias
   * @param windows windows of a picture, each with a mask
   */
  record Windows(int images, int windows, int tokens, int heads, int width) {
    int values() {
      return images * windows * tokens * heads * width;
    }

    int rows() {
      return images * windows * tokens * heads;
    }

    /** One of the parts of [images, windows, tokens, parts, heads, width]. */
    View part(Buffer buffer, int parts, int part) {
      int token = parts * heads * width;
      return new View(
          DType.F32,
          buffer,
          buffer.offset() + part * heads * width,
          new int[] {images, windows, heads, tokens, width},
          new int[] {windows * tokens * token, tokens * token, width, token, 1});
    }

    View bias(Buffer buffer) {
      return View.dense(DType.F32, buffer, 1, 1, heads, tokens, tokens);
    }

    AttentionOperands operands(Buffer qkv, Buffer bias, Buffer mask, boolean causal) {
      int[] scores = {images, windows, heads, tokens, tokens};
      return new AttentionOperands(
          part(qkv, 3, 0),
          part(qkv, 3, 1),
          part(qkv, 3, 2),
          bias(bias).expand(scores),
          mask == null
              ? null
              : View.dense(DType.F32, mask, 1, windows, 1, tokens, tokens).expand(scores),
          causal,
          1 / Math.sqrt(width));
    }
  }

  @ParameterizedTest(name = "{0} images, {1} windows, {2} tokens, {3} heads of {4}")
  @CsvSource({
    "1, 1, 1, 1, 1",
    "2, 1, 4, 1, 3",
    "2, 3, 9, 2, 5",
    "2, 2, 16, 3, 16",
    "1, 4, 49, 3, 32",
    "3, 1, 64, 2, 32",
    "2, 5, 7, 1, 17",
    "1, 2, 33, 6, 8",
    "2, 35, 5, 2, 4",
    "2, 1, 70, 1, 40",
    "1, 1, 200, 1, 5"
  })
  void attention(int images, int windows, int tokens, int heads, int width) {
    Windows shape = new Windows(images, windows, tokens, heads, width);
    double[] mask = new double[windows * tokens * tokens];
    int[] hidden = integers(1, mask.length, 0, 3);
    for (int i = 0; i < mask.length; i++) {
      boolean diagonal = i / tokens % tokens == i % tokens;
      mask[i] = hidden[i] == 0 && !diagonal ? -100 : 0;
    }
    compare(shape, mask, false);
    compare(shape, null, false);
    compare(shape, mask, true);
  }

  private void compare(Windows s, double[] mask, boolean causal) {
    int scores = s.heads() * s.tokens() * s.tokens();
    String what = s + (mask == null ? "" : " masked") + (causal ? " causal" : "");
    double[] qkv = normal(2, 3 * s.values());
    KernelCheck forward =
        check(what)
            .input("qkv", qkv)
            .input("bias", normal(3, scores))
            .output("sums", s.rows())
            .output("out", s.values());
    if (mask != null) {
      forward.input("mask", mask);
    }
    KernelCheck.Results results =
        forward.run(
            (k, b) ->
                k.attention()
                    .attention(
                        operands(s, b, mask, causal), s.part(b.get("out"), 1, 0), b.get("sums")));
    KernelCheck backward =
        check(what + " backward")
            .input("qkv", qkv)
            .input("bias", normal(3, scores))
            .input("out", results.rounded("out"))
            .input("sums", results.rounded("sums"))
            .input("gOut", normal(4, s.values()))
            .output("gQkv", 3 * s.values())
            .output("gBias", scores)
            .scale("gQkv", 1)
            .scale("gBias", Math.sqrt(s.images() * s.windows() * s.width()));
    if (mask != null) {
      backward.input("mask", mask);
    }
    backward.run(
        (k, b) ->
            k.attention()
                .attentionBackward(
                    operands(s, b, mask, causal),
                    s.part(b.get("out"), 1, 0),
                    b.get("sums"),
                    s.part(b.get("gOut"), 1, 0),
                    s.part(b.get("gQkv"), 3, 0),
                    s.part(b.get("gQkv"), 3, 1),
                    s.part(b.get("gQkv"), 3, 2),
                    s.bias(b.get("gBias"))));
  }

  private static AttentionOperands operands(
      Windows s, KernelCheck.Buffers b, double[] mask, boolean causal) {
    return s.operands(b.get("qkv"), b.get("bias"), mask == null ? null : b.get("mask"), causal);
  }
}
