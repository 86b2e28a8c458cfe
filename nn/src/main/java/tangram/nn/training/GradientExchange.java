package tangram.nn.training;

/**
 * Sums vectors over the workers of a training that is spread over several processes. All workers
 * call the same methods in the same order, and all get the same bits: the workers' vectors are the
 * leaves of a {@link TreeSum}, in the order of their ranks. The number of workers is a power of
 * two, so that a worker that has already summed a part of the leaves changes no bit.
 */
public interface GradientExchange extends AutoCloseable {
  /** One worker, which has nothing to exchange. */
  GradientExchange ALONE =
      new GradientExchange() {
        @Override
        public int workers() {
          return 1;
        }

        @Override
        public int rank() {
          return 0;
        }

        @Override
        public void sum(float[] values) {}

        @Override
        public void close() {}
      };

  /** The number of workers, a power of two. */
  int workers();

  /** This worker's number, from 0. */
  int rank();

  /**
   * Replaces numbers by their sums over all workers; waits for the others.
   *
   * @param values as many with every worker
   * @throws ExchangeException if another worker ended or does not answer
   */
  void sum(float[] values);

  /** Ends the connections to the others. */
  @Override
  void close();
}
