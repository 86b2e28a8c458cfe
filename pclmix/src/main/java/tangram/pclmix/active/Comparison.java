package tangram.pclmix.active;

import java.util.Map;
import java.util.stream.IntStream;

/** How alike two predictions of the same slices are. */
final class Comparison {
  private final int classes;
  private final long[] first;
  private final long[] second;
  private final long[] both;
  private long voxels;

  /**
   * Compares.
   *
   * @param classes number of classes
   * @param a predictions at one size
   * @param b predictions of the same slices at that size
   */
  Comparison(int classes, Map<SliceKey, SlicePrediction> a, Map<SliceKey, SlicePrediction> b) {
    this.classes = classes;
    this.first = new long[classes];
    this.second = new long[classes];
    this.both = new long[classes];
    a.forEach((key, prediction) -> add(prediction.classes(), b.get(key).classes()));
  }

  private void add(byte[] a, byte[] b) {
    for (int i = 0; i < a.length; i++) {
      first[a[i]]++;
      second[b[i]]++;
      both[a[i]] += a[i] == b[i] ? 1 : 0;
    }
    voxels += a.length;
  }

  /** The part of the voxels whose classes differ; NaN if there are none. */
  double different() {
    long same = 0;
    for (long count : both) {
      same += count;
    }
    return voxels == 0 ? Double.NaN : (double) (voxels - same) / voxels;
  }

  /** The mean Dice of the classes but the background that either finds; NaN if there are none. */
  double dice() {
    return IntStream.range(1, classes)
        .filter(c -> first[c] + second[c] > 0)
        .mapToDouble(c -> 2.0 * both[c] / (first[c] + second[c]))
        .average()
        .orElse(Double.NaN);
  }
}
