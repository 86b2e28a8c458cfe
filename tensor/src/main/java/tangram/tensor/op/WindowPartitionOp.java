package tangram.tensor.op;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.Autograd;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.View;
import tangram.tensor.kernel.Maps;

/**
 * Windows of a map, shifted cyclically, and the map of them; each is the derivative of the other.
 * Source: Liu et al., Swin Transformer, 2021. Both copy between views: what is rolled over the end
 * of an axis is a part of its own, so there are at most nine.
 */
public final class WindowPartitionOp {
  private WindowPartitionOp() {}

  /**
   * Pads a map with zeros at the bottom and right to multiples of the window, rolls it by -shift
   * and cuts it into windows.
   *
   * @param x [N, H, W, C]
   * @param window window side
   * @param shift cyclic shift, below the window side
   * @return [N * windows, window^2, C]
   */
  public static Tensor windowPartition(Tensor x, int window, int shift) {
    Checks.rank("window_partition", x, 4);
    WindowShape s = new WindowShape(x.dim(0), x.dim(1), x.dim(2), x.dim(3), window, shift);
    int down = s.rows() * window - s.h();
    int across = s.cols() * window - s.w();
    if (down + across > 0) {
      return x.pad(0, 0, 0, 0, down, 0, across, 0, 0)
          .then(padded -> windowPartition(padded, window, shift));
    }
    if (Tracer.isStarted()) {
      return x.roll(-s.shiftH(), 1)
          .roll(-s.shiftW(), 2)
          .reshape(s.n(), s.rows(), window, s.cols(), window, s.c())
          .permute(0, 1, 3, 2, 4, 5)
          .reshape(s.n() * s.rows() * s.cols(), window * window, s.c());
    }
    Shape windows = Shape.of(s.n() * s.rows() * s.cols(), window * window, s.c());
    return moved("window_partition(x)", x, windows, s, true);
  }

  /**
   * Puts windows back and crops the padding.
   *
   * @param x [N * windows, window^2, C]
   * @param n batch
   * @param h height before padding
   * @param w width before padding
   * @return [N, H, W, C]
   */
  public static Tensor windowReverse(Tensor x, int n, int h, int w, int window, int shift) {
    Checks.rank("window_reverse", x, 3);
    WindowShape s = new WindowShape(n, h, w, x.dim(2), window, shift);
    Checks.that(
        x.dim(0) == n * s.rows() * s.cols() && x.dim(1) == window * window,
        () -> "window_reverse: " + x.shape() + " for a map of " + h + "x" + w);
    if (Tracer.isStarted()) {
      return x.reshape(n, s.rows(), s.cols(), window, window, s.c())
          .permute(0, 1, 3, 2, 4, 5)
          .reshape(n, s.rows() * window, s.cols() * window, s.c())
          .roll(s.shiftH(), 1)
          .roll(s.shiftW(), 2)
          .narrow(1, 0, h)
          .narrow(2, 0, w);
    }
    Shape map = Shape.of(n, s.rows() * window, s.cols() * window, s.c());
    return moved("window_reverse(x)", x, map, s, false)
        .then(y -> y.narrow(1, 0, h))
        .then(y -> y.narrow(2, 0, w))
        .then(Tensor::contiguous);
  }

  private static Tensor moved(String name, Tensor x, Shape to, WindowShape s, boolean forth) {
    Tensor y = x.device().uninitialized(x.type(), to);
    copy(s, forth ? x : y, forth ? y : x, forth);
    return Autograd.record(
        name,
        y,
        x,
        gy -> {
          Tensor gx = Checks.like(x);
          copy(s, forth ? gx : gy, forth ? gy : gx, !forth);
          return gx;
        });
  }

  /** Copies a map to windows, or back. */
  private static void copy(WindowShape s, Tensor map, Tensor windows, boolean forth) {
    int side = s.window();
    View m = View.dense(map.type(), map.buffer(), s.n(), s.rows(), side, s.cols(), side, s.c());
    View t = View.dense(map.type(), windows.buffer(), s.n(), s.rows(), s.cols(), side, side, s.c());
    t = t.permute(0, 1, 3, 2, 4, 5);
    List<List<Maps.Call>> copies = new ArrayList<>();
    for (int[] down : parts(s.rows(), side, s.shiftH())) {
      for (int[] across : parts(s.cols(), side, s.shiftW())) {
        View ofMap = part(m, 0, down, across);
        View ofWindows = part(t, 1, down, across);
        copies.add(List.of(MapOp.copied(forth ? ofMap : ofWindows, forth ? ofWindows : ofMap)));
      }
    }
    map.device().kernels().maps().mapAll(copies);
  }

  /**
   * The parts of an axis that lie side by side in the map and in the windows: windows, places in
   * each, first window and place in the map, first window and place in the windows.
   */
  private static int[][] parts(int windows, int side, int shift) {
    int rest = side - shift;
    int[] within = {windows, rest, 0, shift, 0, 0};
    return shift == 0
        ? new int[][] {within}
        : new int[][] {
          within, {windows - 1, shift, 1, 0, 0, rest}, {1, shift, 0, 0, windows - 1, rest}
        };
  }

  private static View part(View v, int side, int[] down, int[] across) {
    int at = 2 + 2 * side;
    return v.slice(1, down[at], down[0])
        .slice(2, down[at + 1], down[1])
        .slice(3, across[at], across[0])
        .slice(4, across[at + 1], across[1]);
  }
}
