package tangram.tensor;

/**
 * Random numbers for arrays: a seed, and how many words were taken. Numbers are a function of both,
 * the same on every device and with any number of threads, so saving them saves the state.
 */
public final class Generator {
  private final long seed;
  private long offset;

  /** A generator at its beginning. */
  public Generator(long seed) {
    this(seed, 0);
  }

  /** A generator that goes on where another with that seed was. */
  public Generator(long seed, long offset) {
    this.seed = seed;
    seek(offset);
  }

  /** Goes on where a number of words were taken. */
  public final synchronized void seek(long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("a generator counts words from 0, not " + offset);
    }
    this.offset = offset;
  }

  /** The seed. */
  public long seed() {
    return seed;
  }

  /** How many words were taken. */
  public synchronized long offset() {
    return offset;
  }

  /** Takes a number of words and returns where they begin. */
  public synchronized long take(long words) {
    long first = offset;
    offset = Math.addExact(offset, words);
    return first;
  }
}
