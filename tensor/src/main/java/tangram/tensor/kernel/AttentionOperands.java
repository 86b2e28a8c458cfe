package tangram.tensor.kernel;

import tangram.tensor.View;

/**
 * What attention reads: views of one rank with the same dimensions before the last two, the batch;
 * strides of 0 repeat elements.
 *
 * @param query [batch, L, E]
 * @param key [batch, S, E]
 * @param value [batch, S, Ev]
 * @param bias added to the scores, [batch, L, S], or null
 * @param mask likewise; the gradient is taken by the bias alone
 * @param causal whether query i sees the keys 0 to i only
 * @param scale factor of the products of queries and keys
 */
public record AttentionOperands(
    View query, View key, View value, View bias, View mask, boolean causal, double scale) {
  /** Number of attentions: the product of the dimensions before the last two. */
  public int batch() {
    return batch(query);
  }

  /** Number of matrices in a view. */
  public static int batch(View view) {
    int batch = 1;
    for (int d = 0; d < view.dims().length - 2; d++) {
      batch *= view.dims()[d];
    }
    return batch;
  }

  /** L, the number of queries. */
  public int queries() {
    return last(query, 2);
  }

  /** S, the number of keys. */
  public int keys() {
    return last(key, 2);
  }

  /** E, the elements of a query or key. */
  public int width() {
    return last(query, 1);
  }

  /** Ev, the elements of a value. */
  public int valueWidth() {
    return last(value, 1);
  }

  /** Floating-point operations of a number of products of [L, S] with rows. */
  public long flops(int products) {
    return (long) products * batch() * queries() * keys() * (width() + valueWidth());
  }

  /** Where one attention's part of a view begins in the storage. */
  public static int begin(View view, int attention) {
    int place = view.offset();
    int rest = attention;
    for (int d = view.dims().length - 3; d >= 0; d--) {
      place += rest % view.dims()[d] * view.strides()[d];
      rest /= view.dims()[d];
    }
    return place;
  }

  /** Elements between rows of a view. */
  public static int rowStep(View view) {
    return view.strides()[view.strides().length - 2];
  }

  /** Elements between columns of a view. */
  public static int colStep(View view) {
    return view.strides()[view.strides().length - 1];
  }

  private static int last(View view, int from) {
    return view.dims()[view.dims().length - from];
  }
}
