package tangram.pclmix.data;

import tangram.tensor.CounterRandom;

/**
 * Which window of a slice a step sees: near the middle, where the heart is, or now and then
 * anywhere, since segmenting sees the whole slice. Where a slice is smaller than the window it lies
 * in its middle. The window depends on (seed, step, sample) alone.
 */
public final class Windows {
  private final long seed;
  private final int side;
  private final int jitter;
  private final double far;

  /**
   * Creates the windows of a run.
   *
   * @param side of a window, pixels
   * @param jitter pixels by which a window may be off the middle, in either direction
   * @param far part of the windows that lie anywhere in the slice
   */
  public Windows(long seed, int side, int jitter, double far) {
    this.seed = seed;
    this.side = side;
    this.jitter = jitter;
    this.far = far;
  }

  /**
   * A window of a slice.
   *
   * @param step the training step
   * @param sample the position in the batch
   */
  public Window of(Slice slice, long step, int sample) {
    int h = slice.height();
    int w = slice.width();
    CounterRandom random = new CounterRandom(seed, Purpose.WINDOW, step, sample);
    if (random.nextDouble() < far) {
      int top = h > side ? random.nextInt(h - side + 1) : Math.floorDiv(h - side, 2);
      int left = w > side ? random.nextInt(w - side + 1) : Math.floorDiv(w - side, 2);
      return new Window(h, w, top, left, side);
    }
    int down = random.nextInt(2 * jitter + 1) - jitter;
    int right = random.nextInt(2 * jitter + 1) - jitter;
    return Window.centred(h, w, side, down, right);
  }
}
