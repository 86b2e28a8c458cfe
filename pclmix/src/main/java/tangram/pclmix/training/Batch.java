package tangram.pclmix.training;

import java.util.function.LongFunction;
import tangram.nn.data.BatchSampler;
import tangram.pclmix.data.Augmentation;
import tangram.pclmix.data.ByteMap;
import tangram.pclmix.data.CutMix;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.IntensityAugmentation;
import tangram.pclmix.data.Motion;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Window;
import tangram.pclmix.data.Windows;
import tangram.pclmix.objective.StepInput;

/** Assembles the input of a step on the host: which slices, how augmented, how mixed. */
public final class Batch {
  private final Dataset data;
  private final LongFunction<int[]> order;
  private final Windows windows;
  private final Augmentation augmentation;

  /** Null where intensities stay. */
  private final IntensityAugmentation intensity;

  private final long seed;
  private final int size;
  private final int batch;
  private final float[] images;
  private final int[] scribbles;

  /** The slices' further maps, [maps][batch, size, size]. */
  private final int[][] maps;

  /** [batch, classes], or null where the step is not told. */
  private final float[] absent;

  private final float[] mask1;
  private final float[] mask2;

  /** Batches of slices in a random order by the run's seed, another in every epoch. */
  Batch(Dataset data, TrainingConfig config) {
    this(
        data,
        config,
        BatchSampler.shuffled(data.size(), config.batch(), BatchSampler.Last.FILL, config.seed())
            ::indices);
  }

  /**
   * Batches of slices in a given order.
   *
   * @param order the numbers of a step's slices, as many as a batch has
   */
  public Batch(Dataset data, TrainingConfig config, LongFunction<int[]> order) {
    this.data = data;
    this.order = order;
    this.seed = config.seed();
    this.size = config.imageSize();
    this.batch = config.batch();
    this.windows =
        new Windows(
            seed, size, config.integer(Setting.CROP_JITTER), config.real(Setting.FAR_WINDOWS));
    this.augmentation = new Augmentation(seed, config.flag(Setting.SCALE_AUGMENTATION));
    this.intensity =
        config.flag(Setting.INTENSITY_AUGMENTATION) ? new IntensityAugmentation(seed) : null;
    int pixels = size * size;
    this.images = new float[batch * pixels];
    this.scribbles = new int[batch * pixels];
    this.maps = new int[data.mapNames().size()][batch * pixels];
    this.absent =
        config.scribbleLoss().absentWeight() > 0
            ? new float[batch * config.network().classes()]
            : null;
    this.mask1 = new float[batch * pixels];
    this.mask2 = new float[batch * pixels];
  }

  /**
   * Loads a step, or the part of it that the input holds.
   *
   * @param input says which shard of the batch it is to hold
   */
  void load(long step, StepInput input) {
    int[] index = order.apply(step);
    int pixels = size * size;
    int count = input.size();
    int first = input.shard() * count;
    for (int i = 0; i < count; i++) {
      int sample = first + i;
      Slice slice = data.slice(index[sample]);
      Window window = windows.of(slice, step, sample);
      Motion motion = augmentation.motion(step, sample);
      motion.move(slice.image(), window, images, i * pixels);
      motion.move(slice.scribble(), window, data.labels().unlabelled(), scribbles, i * pixels);
      for (int m = 0; m < maps.length; m++) {
        ByteMap map = slice.maps().get(m);
        motion.move(map.values(), window, map.fill(), maps[m], i * pixels);
      }
      if (absent != null) {
        markAbsent(slice, i);
      }
      if (intensity != null) {
        intensity.apply(images, i * pixels, size, step, sample);
      }
    }
    CutMix.fillMask(mask1, 0, first, count, size, size, seed, step, 0);
    CutMix.fillMask(mask2, 0, first, count, size, size, seed, step, 1);
    input.load(images, scribbles, mask1, mask2, seed, step);
    if (absent != null) {
      input.loadAbsent(absent);
    }
    for (int m = 0; m < maps.length; m++) {
      input.loadMap(data.mapNames().get(m), maps[m]);
    }
  }

  /** Structures without a scribble are not there, unless nothing at all is scribbled. */
  private void markAbsent(Slice slice, int sample) {
    int classes = absent.length / batch;
    for (int c = 0; c < classes; c++) {
      boolean there = c == 0 || slice.scribbled().isEmpty() || slice.scribbled().get(c);
      absent[sample * classes + c] = there ? 0 : 1;
    }
  }
}
