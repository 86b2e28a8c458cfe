package tangram.nn.data;

import tangram.tensor.Tensor;

/**
 * Runs of a long text for a model that predicts the next token: sample i is the tokens i, ..., i +
 * length - 1 and the same moved by one, which are to be predicted.
 */
public final class TokenWindows implements Dataset {
  private final Tensor tokens;
  private final int length;

  /**
   * Creates the samples.
   *
   * @param tokens integers [n]
   */
  public TokenWindows(Tensor tokens, int length) {
    if (tokens.shape().rank() != 1 || length < 1 || tokens.dim(0) <= length) {
      throw new IllegalArgumentException(
          "windows of %d need a line of more tokens, not %s".formatted(length, tokens.shape()));
    }
    this.tokens = tokens;
    this.length = length;
  }

  @Override
  public int size() {
    return tokens.dim(0) - length;
  }

  @Override
  public Tensor[] get(int index) {
    return new Tensor[] {tokens.narrow(0, index, length), tokens.narrow(0, index + 1, length)};
  }
}
