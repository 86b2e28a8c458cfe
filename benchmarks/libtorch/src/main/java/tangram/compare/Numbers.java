package tangram.compare;

import tangram.tensor.CounterRandom;

/** Inputs. */
final class Numbers {
  /** Apart from the purposes of training. */
  private static final int PURPOSE = 0x0C03_0000;

  private Numbers() {}

  /**
   * Standard normal numbers.
   *
   * @param number which of a case's inputs they are
   */
  static float[] gaussian(int size, int number) {
    CounterRandom random = new CounterRandom(0, PURPOSE + number, 0, 0);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
