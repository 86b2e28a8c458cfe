package tangram.nn.model;

import java.util.ArrayList;
import java.util.List;
import tangram.nn.Conv2d;
import tangram.nn.ConvTranspose2d;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.Sequential;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;

/**
 * U-Net (Ronneberger et al. 2015) with padding and batch normalisation: pairs of 3x3 convolutions,
 * halved by maxima on the way down and doubled by transposed convolutions on the way up.
 */
public final class Unet extends Layer {
  private final List<Layer> down = new ArrayList<>();
  private final List<Layer> up = new ArrayList<>();
  private final List<Layer> merge = new ArrayList<>();
  private final Layer head;

  /**
   * Creates the network.
   *
   * @param inChannels channels of the image
   * @param classes channels of the result
   * @param width channels at full size, doubled at every level
   * @param depth how often the size is halved
   */
  public Unet(Init given, int inChannels, int classes, int width, int depth) {
    if (depth < 1 || width < 1) {
      throw new IllegalArgumentException("a U-Net has depth and width of 1 or more");
    }
    Init init = given.weights(Initializer.kaimingNormal()).biases(Initializer.zeros());
    int in = inChannels;
    for (int level = 0; level <= depth; level++) {
      int out = width << level;
      down.add(child("down." + level, pair(init, in, out)));
      in = out;
    }
    for (int level = depth - 1; level >= 0; level--) {
      int out = width << level;
      up.add(
          child(
              "up." + level,
              new ConvTranspose2d(init, 2 * out, out, 2, ConvOptions.DEFAULT.stride(2))));
      merge.add(child("merge." + level, pair(init, 2 * out, out)));
    }
    head = child("head", new Conv2d(init, width, classes, 1, ConvOptions.DEFAULT));
  }

  private static Layer pair(Init init, int in, int out) {
    return new Sequential(ConvBlock.relu(init, in, out), ConvBlock.relu(init, out, out));
  }

  /**
   * Segments images.
   *
   * @param x [N, channels, H, W], sides multiples of 2^depth
   * @return logits [N, classes, H, W]
   */
  @Override
  public Tensor forward(Tensor x) {
    int unit = 1 << up.size();
    if (x.dim(-1) % unit != 0 || x.dim(-2) % unit != 0) {
      throw new IllegalArgumentException(
          "the image's sides must be multiples of " + unit + ", not " + x.shape());
    }
    List<Tensor> skips = new ArrayList<>();
    Tensor y = down.get(0).forward(x);
    for (Layer level : down.subList(1, down.size())) {
      skips.add(y);
      y = y.maxPool2d(PoolOptions.of(2)).then(level::forward);
    }
    for (int i = 0; i < up.size(); i++) {
      Tensor skip = skips.removeLast();
      y = y.then(up.get(i)::forward).then(wide -> Tensor.cat(1, skip, wide));
      skip.release();
      y = y.then(merge.get(i)::forward);
    }
    return y.then(head::forward);
  }
}
