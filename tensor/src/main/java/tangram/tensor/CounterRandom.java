package tangram.tensor;

/**
 * Counter-based random numbers: Philox4x32-10.
 *
 * <p>Every stream is named by (seed, purpose, step, sample), so a number depends on what it is for
 * and not on what was drawn before it or by which thread. That is what makes training restartable
 * and independent of the number of threads.
 *
 * <p>Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The counter
 * words are (index, sample, step, purpose) and the key words are the low and high half of the seed.
 */
public final class CounterRandom {
  /** The purpose of the streams that fill arrays. */
  public static final int ELEMENTS = 0x7e45;

  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;

  private final int key0;
  private final int key1;
  private final int purpose;
  private final int step;
  private final int sample;
  private int index;
  private final int[] block = new int[4];
  private int used = 4;

  /**
   * Opens the stream of random numbers named by the four arguments.
   *
   * @param seed the run's seed
   * @param purpose what the numbers are for; streams of different purposes are unrelated
   * @param step the training step, or 0
   * @param sample the sample within the step, or 0
   */
  public CounterRandom(long seed, int purpose, long step, int sample) {
    this.key0 = (int) seed;
    this.key1 = (int) (seed >>> 32);
    this.purpose = purpose;
    this.step = Math.toIntExact(step);
    this.sample = sample;
  }

  /**
   * The word of a number of the stream that fills arrays, {@code (seed, ELEMENTS, 0, 0)}, which
   * goes on beyond the words of a generator: counter words (low and high half of number / 4, 0,
   * purpose).
   */
  public static int element(long seed, long number) {
    int[] block = new int[4];
    block(seed, number >>> 2, block);
    return block[(int) number & 3];
  }

  /** Words 4 number, ..., 4 number + 3 of the stream of {@link #element}. */
  public static void block(long seed, long number, int[] block) {
    philox(
        (int) number, (int) (number >>> 32), 0, ELEMENTS, (int) seed, (int) (seed >>> 32), block);
  }

  /** Returns 32 random bits. */
  public int nextInt() {
    if (used == 4) {
      philox(index++, sample, step, purpose, key0, key1, block);
      used = 0;
    }
    return block[used++];
  }

  /**
   * Returns a uniform integer in [0, bound).
   *
   * @throws IllegalArgumentException if the bound is not positive
   */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive, got " + bound);
    }
    // Lemire's multiply-shift with rejection: unbiased.
    long product = (nextInt() & 0xFFFFFFFFL) * bound;
    long low = product & 0xFFFFFFFFL;
    if (low < bound) {
      long threshold = (0x100000000L - bound) % bound;
      while (low < threshold) {
        product = (nextInt() & 0xFFFFFFFFL) * bound;
        low = product & 0xFFFFFFFFL;
      }
    }
    return (int) (product >>> 32);
  }

  /** Returns a uniform float in [0, 1) with 24 random bits. */
  public float nextFloat() {
    return (nextInt() >>> 8) * 0x1p-24f;
  }

  /** Returns a uniform double in [0, 1) with 53 random bits. */
  public double nextDouble() {
    long high = nextInt() >>> 5;
    long low = nextInt() >>> 6;
    return ((high << 26) | low) * 0x1p-53;
  }

  /** Returns a standard normal number (Box-Muller). */
  public double nextGaussian() {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * nextDouble());
  }

  /** Returns a uniform random permutation of 0..n-1 (Fisher-Yates). */
  public int[] permutation(int n) {
    int[] p = new int[n];
    for (int i = 0; i < n; i++) {
      int j = nextInt(i + 1);
      p[i] = p[j];
      p[j] = i;
    }
    return p;
  }

  /** The ten rounds of Philox4x32 on one counter. */
  static void philox(int c0, int c1, int c2, int c3, int k0, int k1, int[] out) {
    for (int round = 0; round < 10; round++) {
      long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
