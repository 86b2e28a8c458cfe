package tangram.pclmix.component;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tangram.pclmix.component.Components.Component;
import tangram.pclmix.data.Labels;

/**
 * Which connected components of a segmented volume are kept; the others become background. Voxels
 * of one class that share a face are connected.
 *
 * <p>A network that learns from scribbles takes round things far from the heart for parts of it.
 * The filter removes such islands. It is no part of the paper.
 */
public enum ComponentFilter {
  /** All of them. */
  NONE {
    @Override
    public byte[] apply(byte[] classes, Labels labels, int depth, int height, int width) {
      return classes;
    }
  },

  /** Of every class the largest; the first in memory of equal ones. */
  LARGEST {
    @Override
    public byte[] apply(byte[] classes, Labels labels, int depth, int height, int width) {
      Components components = Components.of(classes, depth, height, width);
      Set<Component> kept = new HashSet<>();
      components.labels().forEach(label -> kept.add(components.of(label).get(0)));
      return components.only(kept);
    }
  },

  /**
   * Those of one heart, which has an LV within a Myo beside an RV, classes of these names. Among
   * the five largest LV components a, with M the largest Myo component that a meets when it grows
   * by three pixels, the a of greatest {@code min(|a|, |M|) + 0.1 (|a| + |M|)} is the heart's, and
   * so is its M and the largest RV component that a and M meet when they grow by five pixels. They
   * grow within their slices, diagonally too. A volume without LV stays as it is. Unlike {@link
   * #LARGEST} it keeps a small RV beside the heart where an island is larger.
   */
  ANCHORED {
    @Override
    public byte[] apply(byte[] classes, Labels labels, int depth, int height, int width) {
      Components components = Components.of(classes, depth, height, width);
      List<Component> anchors = components.of(label(labels, LV));
      if (anchors.isEmpty()) {
        return classes;
      }
      Set<Component> best = Set.of();
      double most = 0;
      for (Component anchor : anchors.subList(0, Math.min(ANCHORS, anchors.size()))) {
        Optional<Component> wall =
            components.largestMet(Set.of(anchor), WALL_DISTANCE, label(labels, MYO));
        int a = anchor.size();
        int m = wall.map(Component::size).orElse(0);
        double score = Math.min(a, m) + 0.1 * ((double) a + m);
        if (score > most) {
          most = score;
          best = new HashSet<>(Set.of(anchor));
          wall.ifPresent(best::add);
        }
      }
      components.largestMet(best, RV_DISTANCE, label(labels, RV)).ifPresent(best::add);
      return components.only(best);
    }

    @Override
    public List<String> needed() {
      return List.of(RV, MYO, LV);
    }
  };

  private static final String RV = "RV";
  private static final String MYO = "Myo";
  private static final String LV = "LV";
  private static final int ANCHORS = 5;
  private static final int WALL_DISTANCE = 3;
  private static final int RV_DISTANCE = 5;

  /**
   * Filters a volume.
   *
   * @param classes [depth, height, width], 0 for background; not written
   * @param labels what they are; those that are {@link #needed} must be among them
   * @return the classes kept, [depth, height, width]; the same array where nothing can change
   * @throws IllegalArgumentException if the array is no such volume
   */
  public abstract byte[] apply(byte[] classes, Labels labels, int depth, int height, int width);

  /** The names of the classes that it needs. */
  public List<String> needed() {
    return List.of();
  }

  private static int label(Labels labels, String name) {
    return labels.find(name).orElseThrow();
  }
}
