package tangram.pclmix.objective;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.CounterRandom;

/**
 * Chooses the pixels to contrast (paper 3.3; docs/method.md, step 7). Every image and foreground
 * class with at least {@code minPixels} confirmed pixels is a group; each group gives up to {@code
 * min(maxAnchors, totalAnchors / groups)} anchors, half hard (the main decoder predicts another
 * class) and half easy where there are enough of both.
 */
public final class AnchorSampler {
  /** The purpose under which anchors draw random numbers. */
  static final int PURPOSE = 0x0B1E_0001;

  private final int classes;
  private final int maxAnchors;
  private final int totalAnchors;
  private final int minPixels;
  private final long seed;

  /**
   * Creates a sampler.
   *
   * @param classes number of classes, background included
   * @param seed the run's seed
   */
  public AnchorSampler(int classes, LossConfig config, long seed) {
    this.classes = classes;
    this.maxAnchors = config.maxAnchors();
    this.totalAnchors = config.totalAnchors();
    this.minPixels = config.minPixels();
    this.seed = seed;
  }

  /** Confirmed pixels of one image and class. */
  private record Group(int label, int[] hard, int[] easy) {
    int size() {
      return hard.length + easy.length;
    }
  }

  /** As the other, of a batch that is not divided. */
  public Anchors sample(int[] labels, int[] predicted, int images, long step) {
    return sample(labels, predicted, images, step, 0);
  }

  /**
   * Samples the anchors of a batch.
   *
   * @param labels confirmed labels [images, pixels], -1 where unconfirmed
   * @param predicted classes that the main decoder predicts [images, pixels]
   * @param images images in the batch
   * @param step the training step
   * @param shard which shard of the step's batch these images are, from 0
   */
  public Anchors sample(int[] labels, int[] predicted, int images, long step, int shard) {
    int pixels = labels.length / images;
    List<Group> groups = new ArrayList<>();
    for (int image = 0; image < images; image++) {
      for (int label = 1; label < classes; label++) {
        Group group = group(labels, predicted, image * pixels, pixels, label);
        if (group.size() > 0 && group.size() >= minPixels) {
          groups.add(group);
        }
      }
    }
    Anchors anchors = Anchors.none(totalAnchors);
    if (groups.isEmpty()) {
      return anchors;
    }
    int wanted = Math.min(maxAnchors, totalAnchors / groups.size());
    int used = 0;
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      CounterRandom random = new CounterRandom(seed, PURPOSE, step, shard * images * classes + g);
      int count = Math.min(wanted, group.size());
      int hard = hardShare(count, group.hard.length, group.easy.length);
      used = choose(group.hard, hard, random, group.label, anchors, used);
      used = choose(group.easy, count - hard, random, group.label, anchors, used);
    }
    return new Anchors(anchors.index(), anchors.label(), used);
  }

  /** How many of count anchors are hard: half, or more or fewer where one side runs short. */
  static int hardShare(int count, int hard, int easy) {
    int half = count / 2;
    return Math.min(hard, Math.max(half, count - easy));
  }

  private static Group group(int[] labels, int[] predicted, int first, int pixels, int label) {
    int hard = 0;
    int easy = 0;
    for (int i = first; i < first + pixels; i++) {
      if (labels[i] == label) {
        if (predicted[i] == label) {
          easy++;
        } else {
          hard++;
        }
      }
    }
    int[] hardPixels = new int[hard];
    int[] easyPixels = new int[easy];
    hard = 0;
    easy = 0;
    for (int i = first; i < first + pixels; i++) {
      if (labels[i] == label) {
        if (predicted[i] == label) {
          easyPixels[easy++] = i;
        } else {
          hardPixels[hard++] = i;
        }
      }
    }
    return new Group(label, hardPixels, easyPixels);
  }

  /** The first count of a random order of the pixels (partial Fisher-Yates). */
  private static int choose(
      int[] pixels, int count, CounterRandom random, int label, Anchors into, int used) {
    for (int i = 0; i < count; i++) {
      int j = i + random.nextInt(pixels.length - i);
      int pixel = pixels[j];
      pixels[j] = pixels[i];
      pixels[i] = pixel;
      into.index()[used + i] = pixel;
      into.label()[used + i] = label - 1;
    }
    return used + count;
  }
}
