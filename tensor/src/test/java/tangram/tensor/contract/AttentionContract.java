package tangram.tensor.contract;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.kernel.AttentionShape;

/** Window attention from one token to the windows of the paper, with and without mask. */
public abstract class AttentionContract extends KernelContract {
  @ParameterizedTest(name = "{0} windows, {1} an image, {2} tokens, {3} heads of {4}")
  @CsvSource({
    "1, 1, 1, 1, 1",
    "2, 1, 4, 1, 3",
    "6, 3, 9, 2, 5",
    "4, 2, 16, 3, 16",
    "4, 4, 49, 3, 32",
    "3, 1, 64, 2, 32",
    "10, 5, 7, 1, 17",
    "2, 2, 33, 6, 8",
    "70, 35, 5, 2, 4",
    "2, 1, 70, 1, 40"
  })
  void attention(int windows, int perImage, int tokens, int heads, int headDim) {
    AttentionShape shape = new AttentionShape(windows, perImage, tokens, heads, headDim);
    double[] mask = new double[perImage * tokens * tokens];
    int[] hidden = integers(1, mask.length, 0, 3);
    for (int i = 0; i < mask.length; i++) {
      boolean diagonal = i / tokens % tokens == i % tokens;
      mask[i] = hidden[i] == 0 && !diagonal ? -100 : 0;
    }
    compare(shape, mask);
    compare(shape, null);
  }

  private void compare(AttentionShape shape, double[] mask) {
    int scores = shape.heads() * shape.tokens() * shape.tokens();
    int values = shape.windows() * shape.tokens() * shape.heads() * shape.headDim();
    String what = shape + (mask == null ? "" : " masked");
    double[] qkv = normal(2, 3 * values);
    KernelCheck forward =
        check(what)
            .input("qkv", qkv)
            .input("bias", normal(3, scores))
            .output("probabilities", shape.windows() * scores)
            .output("out", values);
    if (mask != null) {
      forward.input("mask", mask);
    }
    double[] probabilities =
        forward
            .run(
                (k, b) ->
                    k.attention()
                        .windowAttention(
                            shape,
                            b.get("qkv"),
                            b.get("bias"),
                            mask == null ? null : b.get("mask"),
                            b.get("probabilities"),
                            b.get("out")))
            .rounded("probabilities");
    check(what + " backward")
        .input("qkv", qkv)
        .input("probabilities", probabilities)
        .input("gOut", normal(4, values))
        .output("gQkv", 3 * values)
        .output("gBias", scores)
        .scale("gQkv", 1)
        .scale("gBias", Math.sqrt(shape.windows() * shape.headDim()))
        .run(
            (k, b) ->
                k.attention()
                    .windowAttentionBackward(
                        shape,
                        b.get("qkv"),
                        b.get("probabilities"),
                        b.get("gOut"),
                        b.get("gQkv"),
                        b.get("gBias")));
  }
}
