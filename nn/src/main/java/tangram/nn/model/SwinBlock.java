package tangram.nn.model;

import static tangram.tensor.op.WindowPartitionOp.windowPartition;
import static tangram.tensor.op.WindowPartitionOp.windowReverse;

import tangram.nn.DropPath;
import tangram.nn.Init;
import tangram.nn.LayerNorm;
import tangram.nn.Linear;
import tangram.nn.Module;
import tangram.tensor.Tensor;

/**
 * Swin Transformer block (Liu et al. 2021): {@code x + W-MSA(LN(x))}, then {@code x + MLP(LN(x))},
 * on tokens [N, H, W, C]. With a shift the windows are moved by half a window.
 */
final class SwinBlock extends Module {
  private final int window;
  private final boolean shifted;
  private final LayerNorm norm1;
  private final WindowAttention attention;
  private final LayerNorm norm2;
  private final Linear fc1;
  private final Linear fc2;
  private final DropPath dropAttention;
  private final DropPath dropMlp;

  SwinBlock(
      Init init, int dim, int heads, int window, boolean shifted, int mlpRatio, double dropPath) {
    this.window = window;
    this.shifted = shifted;
    norm1 = child("norm1", new LayerNorm(init, dim));
    attention = child("attn", new WindowAttention(init, dim, heads, window));
    norm2 = child("norm2", new LayerNorm(init, dim));
    fc1 = child("mlp.fc1", new Linear(init, dim, mlpRatio * dim));
    fc2 = child("mlp.fc2", new Linear(init, mlpRatio * dim, dim));
    dropAttention = child("drop_path1", new DropPath(init, dropPath));
    dropMlp = child("drop_path2", new DropPath(init, dropPath));
  }

  Tensor forward(Tensor x) {
    int n = x.dim(0);
    int h = x.dim(1);
    int w = x.dim(2);
    int shift = shifted ? window / 2 : 0;
    Tensor y =
        norm1
            .forward(x)
            .then(tokens -> windowPartition(tokens, window, shift))
            .then(windows -> attention.forward(windows, h, w, shift))
            .then(windows -> windowReverse(windows, n, h, w, window, shift))
            .then(dropAttention::forward)
            .then(branch -> x.add(branch));
    return y.then(
        residual ->
            norm2
                .forward(residual)
                .then(fc1::forward)
                .then(Tensor::gelu)
                .then(fc2::forward)
                .then(dropMlp::forward)
                .then(branch -> residual.add(branch)));
  }
}
