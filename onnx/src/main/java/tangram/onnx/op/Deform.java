package tangram.onnx.op;

import tangram.onnx.OnnxTensor;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Convolution of elements at places that move. Source: Dai et al. 2017, Zhu et al. 2019. */
final class Deform {
  private Deform() {}

  /**
   * Two spatial dimensions, by products of sampled columns: offsets [N, 2 groups taps, H, W], masks
   * [N, groups taps, H, W].
   */
  static OnnxTensor conv(Call c) {
    Tensor[] t = c.together(c.real(0), c.real(1), c.real(2), c.real(3), c.real(4));
    Tensor x = t[0];
    Tensor w = t[1];
    if (x.shape().rank() != 4) {
      throw c.refuse("it has 2 spatial dimensions, not " + (x.shape().rank() - 2));
    }
    Convolutions.Windows win =
        Convolutions.Windows.of(
            c, c.attrInts("kernel_shape", Convolutions.spatial(w)), Convolutions.spatial(x));
    int n = x.dim(0);
    int channels = x.dim(1);
    int groups = (int) c.attr("group", 1);
    int parts = (int) c.attr("offset_group", 1);
    int kh = win.kernel()[0];
    int kw = win.kernel()[1];
    int taps = kh * kw;
    int h = t[2].dim(2);
    int wide = t[2].dim(3);
    // Where each tap of each output lies: [N, parts, taps, H, W] of rows and of columns.
    Tensor offset = t[2].reshape(n, parts, taps, 2, h, wide);
    Tensor rows = offset.select(3, 0).add(places(x, win, 0, h, wide));
    Tensor columns = offset.select(3, 1).add(places(x, win, 1, h, wide));
    Tensor grouped = x.reshape(n * parts, channels / parts, x.dim(2), x.dim(3));
    Tensor sampled =
        Sampling.linear(
            grouped,
            rows.reshape(n * parts, taps * h * wide),
            columns.reshape(n * parts, taps * h * wide));
    // [N, parts, C / parts, taps, H W]
    Tensor values = sampled.reshape(n, parts, channels / parts, taps, h * wide);
    if (t[4] != null) {
      values = values.mul(t[4].reshape(n, parts, 1, taps, h * wide));
    }
    Tensor left = w.reshape(1, groups, w.dim(0) / groups, w.dim(1) * taps);
    Tensor right = values.reshape(n, groups, channels / groups * taps, h * wide);
    Tensor y = left.matmul(right).reshape(n, w.dim(0), h, wide);
    return c.like(0, t[3] == null ? y : y.add(t[3].reshape(w.dim(0), 1, 1)));
  }

  private static Tensor places(Tensor x, Convolutions.Windows w, int d, int h, int wide) {
    int taps = w.kernel()[0] * w.kernel()[1];
    float[] places = new float[taps * h * wide];
    for (int i = 0; i < places.length; i++) {
      int[] at = Moves.indices(i, new int[] {w.kernel()[0], w.kernel()[1], h, wide});
      places[i] = at[2 + d] * w.strides()[d] + at[d] * w.dilations()[d] - w.begin()[d];
    }
    Tensor t = x.device().uninitialized(x.type(), Shape.of(taps, h, wide));
    return t.copyFrom(places, 0);
  }
}
