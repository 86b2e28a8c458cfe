package tangram.nn.model;

import static tangram.tensor.op.WindowPartitionOp.windowPartition;
import static tangram.tensor.op.WindowPartitionOp.windowReverse;

import tangram.nn.DropPath;
import tangram.nn.Dropout;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.LayerNorm;
import tangram.nn.Linear;
import tangram.tensor.Tensor;

/**
 * Swin Transformer block (Liu et al. 2021): {@code x + W-MSA(LN(x))}, then {@code x + MLP(LN(x))},
 * on tokens [N, H, W, C]. With a shift the windows are moved by half a window.
 */
final class SwinBlock extends Layer {
  private final int window;
  private final boolean shifted;
  private final LayerNorm norm1;
  private final WindowAttention attention;
  private final LayerNorm norm2;
  private final Linear fc1;
  private final Linear fc2;
  private final Layer dropAttention;
  private final Layer dropMlp;

  SwinBlock(
      Init init, int dim, int heads, int window, boolean shifted, int mlpRatio, double dropPath) {
    this(init, dim, heads, window, shifted, mlpRatio, dropPath, false);
  }

  /**
   * Creates the block.
   *
   * @param torchvision whether names, padding, which takes part in attention, and dropped branches
   *     are as in torchvision
   */
  SwinBlock(
      Init init,
      int dim,
      int heads,
      int window,
      boolean shifted,
      int mlpRatio,
      double dropPath,
      boolean torchvision) {
    this.window = window;
    this.shifted = shifted;
    norm1 = child("norm1", new LayerNorm(init, dim));
    attention = child("attn", new WindowAttention(init, dim, heads, window, !torchvision));
    norm2 = child("norm2", new LayerNorm(init, dim));
    fc1 = child(torchvision ? "mlp.0" : "mlp.fc1", new Linear(init, dim, mlpRatio * dim));
    fc2 = child(torchvision ? "mlp.3" : "mlp.fc2", new Linear(init, mlpRatio * dim, dim));
    dropAttention = child("drop_path1", drop(init, dropPath, torchvision));
    dropMlp = child("drop_path2", drop(init, dropPath, torchvision));
  }

  private static Layer drop(Init init, double p, boolean torchvision) {
    return torchvision ? Dropout.ofSamples(init, p) : new DropPath(init, p);
  }

  @Override
  public Tensor forward(Tensor x) {
    int n = x.dim(0);
    int h = x.dim(1);
    int w = x.dim(2);
    int shift = shifted ? window / 2 : 0;
    Tensor y =
        add(
            x,
            dropAttention,
            norm1
                .forward(x)
                .then(tokens -> windowPartition(tokens, window, shift))
                .then(windows -> attention.forward(windows, h, w, shift))
                .then(windows -> windowReverse(windows, n, h, w, window, shift)));
    return y.then(
        residual ->
            add(
                residual,
                dropMlp,
                norm2.forward(residual).then(fc1::forward).then(Tensor::gelu).then(fc2::forward)));
  }

  /** Adds a branch, which is released, to what passes it by. */
  private static Tensor add(Tensor x, Layer drop, Tensor branch) {
    if (drop instanceof DropPath path) {
      return branch.then(b -> path.addTo(x, b));
    }
    return branch.then(drop::forward).then(kept -> x.add(kept));
  }
}
