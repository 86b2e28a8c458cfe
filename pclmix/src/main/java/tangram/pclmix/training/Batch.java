package tangram.pclmix.training;

import tangram.pclmix.data.Augmentation;
import tangram.pclmix.data.BatchSampler;
import tangram.pclmix.data.CutMix;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.objective.StepInput;

/** Assembles the input of a step on the host: which slices, how augmented, how mixed. */
final class Batch {
  private final Dataset data;
  private final BatchSampler sampler;
  private final Augmentation augmentation;
  private final long seed;
  private final int size;
  private final int batch;
  private final int[] index;
  private final float[] images;
  private final int[] scribbles;
  private final float[] mask1;
  private final float[] mask2;

  Batch(Dataset data, TrainingConfig config) {
    this.data = data;
    this.seed = config.seed();
    this.size = config.imageSize();
    this.batch = config.batch();
    this.sampler = new BatchSampler(seed, data.size(), batch);
    this.augmentation = new Augmentation(seed);
    this.index = new int[batch];
    int pixels = size * size;
    this.images = new float[batch * pixels];
    this.scribbles = new int[batch * pixels];
    this.mask1 = new float[batch * pixels];
    this.mask2 = new float[batch * pixels];
  }

  void load(long step, StepInput input) {
    sampler.indices(step, index);
    int pixels = size * size;
    for (int i = 0; i < batch; i++) {
      augmentation.apply(
          data.slice(index[i]), step, i, images, i * pixels, scribbles, i * pixels, null, 0);
    }
    CutMix.fillMask(mask1, 0, batch, size, size, seed, step, 0);
    CutMix.fillMask(mask2, 0, batch, size, size, seed, step, 1);
    input.load(images, scribbles, mask1, mask2, seed, step);
  }
}
