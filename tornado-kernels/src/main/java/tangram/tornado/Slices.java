package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;

/**
 * How groups share the elements of a channel. A channel of [N, C, HW] is cut into slices, each for
 * one group, and the slices' results are joined by a second kernel. What is cut where depends on
 * sizes alone and every sum has a fixed order, so results can be repeated bit by bit.
 */
final class Slices {
  /** Threads of a group. */
  static final int THREADS = 256;

  /** Threads that add up what all threads of a group have, and the number of terms of each. */
  static final int COLUMNS = 16;

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

  /**
   * The sum of a number of every thread of a group, which all of them get. Takes local memory of
   * its own at every call; see {@link Kernel} for why.
   */
  static float total(KernelContext c, float value) {
    float[] terms = c.allocateFloatLocalArray(THREADS);
    float[] columns = c.allocateFloatLocalArray(COLUMNS);
    int t = c.localIdx;
    terms[t] = value;
    c.localBarrier();
    if (t < COLUMNS) {
      float sum = 0f;
      for (int i = 0; i < THREADS / COLUMNS; i++) {
        sum += terms[i * COLUMNS + t];
      }
      columns[t] = sum;
    }
    c.localBarrier();
    float total = 0f;
    for (int i = 0; i < COLUMNS; i++) {
      total += columns[i];
    }
    return total;
  }
}
