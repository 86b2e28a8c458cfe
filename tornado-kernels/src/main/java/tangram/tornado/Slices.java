package tangram.tornado;

/**
 * How groups share the elements of a channel. A channel of [N, C, HW] is cut into slices, each for
 * one group, and the slices' results are joined by a second kernel. What is cut where depends on
 * sizes alone and every sum has a fixed order, so results can be repeated bit by bit.
 */
final class Slices {
  /** Threads of a group. */
  static final int THREADS = Trees.THREADS;

  /** Elements of a slice: 16 for each thread, as long as channels alone do not fill a GPU. */
  private static final int SMALL = 16 * THREADS;

  private static final int LARGE = 64 * THREADS;
  private static final int MANY_CHANNELS = 128;

  private Slices() {}

  /** Elements of a slice. */
  static int length(int channels) {
    return channels < MANY_CHANNELS ? SMALL : LARGE;
  }

  /** Slices of a channel. */
  static int count(int channels, int elements) {
    int length = length(channels);
    return (elements + length - 1) / length;
  }

  /** The end of a slice, of which the last may be shorter. */
  static int end(int part, int length, int elements) {
    int end = part * length + length;
    if (end > elements) {
      end = elements;
    }
    return end;
  }

  /** Position of an element of a channel in [N, C, HW], counting from x[0, 0, 0]. */
  static int position(int element, int channel, int channels, int hw) {
    int sample = element / hw;
    return (sample * channels + channel) * hw + element - sample * hw;
  }
}
