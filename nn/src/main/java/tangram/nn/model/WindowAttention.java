package tangram.nn.model;

import static tangram.tensor.op.WindowAttentionOp.windowAttention;

import java.util.List;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Linear;
import tangram.nn.Module;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.op.WindowShape;

/**
 * Multi-head self-attention inside windows, with a learned bias for every relative position (Liu et
 * al. 2021, eq. 4). Tokens of different regions of a rolled or padded map do not see each other.
 */
final class WindowAttention extends Module {
  /** Added to scores between tokens that must not see each other, as in Swin. */
  private static final float MASKED = -100;

  /** Beyond the four regions that rolling makes. */
  private static final int PADDING = 4;

  private final Init init;
  private final int window;
  private final int heads;
  private final boolean masksPadding;
  private final Linear qkv;
  private final Linear proj;
  private final Tensor biasTable;
  private final Tensor relativeIndex;

  /**
   * Creates the layer.
   *
   * @param masksPadding whether the padding of maps that windows do not tile is not seen
   */
  WindowAttention(Init init, int dim, int heads, int window, boolean masksPadding) {
    if (heads < 1 || window < 1) {
      throw new IllegalArgumentException(
          "attention needs a head and a window, not " + heads + " heads and a side of " + window);
    }
    if (dim % heads != 0) {
      throw new IllegalArgumentException(dim + " channels do not split into " + heads + " heads");
    }
    this.init = init;
    this.window = window;
    this.heads = heads;
    this.masksPadding = masksPadding;
    // A buffer of torchvision, which follows from the window.
    unused("relative_position_index");
    int side = 2 * window - 1;
    biasTable =
        parameter(
            "relative_position_bias_table",
            init.weight(Initializer.truncatedNormal(0.02), side * side, heads));
    qkv = child("qkv", new Linear(init, dim, 3 * dim));
    proj = child("proj", new Linear(init, dim, dim));
    try (Scope persistent = Scope.detached()) {
      relativeIndex =
          init.device().tensor(relativePositions(window), window * window, window * window);
    }
  }

  /**
   * Attends.
   *
   * @param x windows [N * windows, window^2, C]
   * @param h height of the map the windows were cut from
   * @param w its width
   * @param shift by how much it was rolled
   */
  Tensor forward(Tensor x, int h, int w, int shift) {
    Tensor bias =
        biasTable.embedding(relativeIndex).then(b -> b.permute(2, 0, 1)).then(Tensor::contiguous);
    return qkv.forward(x)
        .then(y -> windowAttention(y, bias, mask(h, w, shift)))
        .then(proj::forward);
  }

  /** For every pair of tokens the row of the bias table that belongs to their offset. */
  static int[] relativePositions(int window) {
    int tokens = window * window;
    int[] index = new int[tokens * tokens];
    for (int i = 0; i < tokens; i++) {
      for (int j = 0; j < tokens; j++) {
        int dy = i / window - j / window + window - 1;
        int dx = i % window - j % window + window - 1;
        index[i * tokens + j] = dy * (2 * window - 1) + dx;
      }
    }
    return index;
  }

  private Tensor mask(int h, int w, int shift) {
    WindowShape map = new WindowShape(1, h, w, 1, window, shift);
    boolean padded = masksPadding && (h % window != 0 || w % window != 0);
    if (map.shiftH() == 0 && map.shiftW() == 0 && !padded) {
      return null;
    }
    // Of the device, not of this layer: several threads may share a network in evaluation.
    return init.device()
        .constant(
            Tensor.class,
            List.of(WindowAttention.class, map, masksPadding),
            () -> {
              int tokens = window * window;
              return init.device()
                  .tensor(maskValues(map, masksPadding), map.rows() * map.cols(), tokens, tokens);
            });
  }

  /**
   * Scores to add for each window and pair of tokens: 0 within a region, {@link #MASKED} across.
   * Regions are the parts of the rolled map that were neighbours before rolling; padding may be a
   * region of its own.
   */
  static float[] maskValues(WindowShape map, boolean masksPadding) {
    int window = map.window();
    int height = map.rows() * window;
    int width = map.cols() * window;
    int tokens = window * window;
    float[] mask = new float[map.rows() * map.cols() * tokens * tokens];
    int[] region = new int[tokens];
    for (int win = 0; win < map.rows() * map.cols(); win++) {
      for (int t = 0; t < tokens; t++) {
        int y = win / map.cols() * window + t / window;
        int x = win % map.cols() * window + t % window;
        boolean padded =
            masksPadding
                && ((y + map.shiftH()) % height >= map.h()
                    || (x + map.shiftW()) % width >= map.w());
        region[t] =
            padded
                ? PADDING
                : 2 * rollRegion(y, height, map.shiftH()) + rollRegion(x, width, map.shiftW());
      }
      for (int i = 0; i < tokens; i++) {
        for (int j = 0; j < tokens; j++) {
          mask[(win * tokens + i) * tokens + j] = region[i] == region[j] ? 0 : MASKED;
        }
      }
    }
    return mask;
  }

  /** 1 for what was rolled over from the other end, else 0. */
  private static int rollRegion(int position, int size, int shift) {
    return position < size - shift ? 0 : 1;
  }
}
