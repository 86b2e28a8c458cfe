package tangram.pclmix.data;

/** Counts scribbled pixels and the slices that hold a scribble of each class. */
final class ScribbleStatistics {
  private final long[] pixels = new long[Labels.HEART.count() + 1];
  private final int[] slicesWith = new int[Labels.HEART.count() + 1];
  private long all;
  private int slices;

  void add(byte[] scribble) {
    long[] counts = new long[Labels.HEART.count() + 1];
    for (byte value : scribble) {
      counts[value]++;
    }
    for (int c = 0; c < counts.length; c++) {
      pixels[c] += counts[c];
      slicesWith[c] += counts[c] > 0 ? 1 : 0;
    }
    all += scribble.length;
    slices++;
  }

  /** Percentage of all pixels that carry a scribble of a class. */
  double pixelPercent(int c) {
    return 100.0 * pixels[c] / all;
  }

  /** Percentage of the slices that hold a scribble of a class. */
  double slicePercent(int c) {
    return 100.0 * slicesWith[c] / slices;
  }
}
