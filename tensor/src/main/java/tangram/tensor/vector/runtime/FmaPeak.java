package tangram.tensor.vector.runtime;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The speed that no kernel can exceed: fused multiply-adds on registers alone, with enough
 * independent chains to hide their latency. Benchmarks state results as a share of it.
 */
public final class FmaPeak {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;

  private static final int STEPS = 4_000_000;

  private static final int ROUNDS = 5;

  private FmaPeak() {}

  /** Operations a second of one core: the best of several rounds, since others can only slow it. */
  public static double measure() {
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      float value = run(STEPS);
      double time = (System.nanoTime() - start) * 1e-9;
      if (Float.isNaN(value)) {
        throw new IllegalStateException("the chains of FmaPeak do not diverge");
      }
      best = Math.max(best, flops(STEPS) / time);
    }
    return best;
  }

  /** Floating-point operations of {@link #run}, a multiply-add counting as two. */
  public static long flops(int steps) {
    return 2L * CHAINS * SPECIES.length() * steps;
  }

  /**
   * Runs a number of steps of all chains on the calling thread.
   *
   * @param steps multiply-adds of each chain
   * @return a value that depends on all of them
   */
  public static float run(int steps) {
    FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector a = FloatVector.broadcast(SPECIES, 1f);
    FloatVector b = FloatVector.broadcast(SPECIES, 2f);
    FloatVector c = FloatVector.broadcast(SPECIES, 3f);
    FloatVector d = FloatVector.broadcast(SPECIES, 4f);
    FloatVector e = FloatVector.broadcast(SPECIES, 5f);
    FloatVector f = FloatVector.broadcast(SPECIES, 6f);
    FloatVector g = FloatVector.broadcast(SPECIES, 7f);
    FloatVector h = FloatVector.broadcast(SPECIES, 8f);
    FloatVector i = FloatVector.broadcast(SPECIES, 9f);
    FloatVector j = FloatVector.broadcast(SPECIES, 10f);
    FloatVector k = FloatVector.broadcast(SPECIES, 11f);
    FloatVector l = FloatVector.broadcast(SPECIES, 12f);
    for (int step = 0; step < steps; step++) {
      a = half.fma(half, a);
      b = half.fma(half, b);
      c = half.fma(half, c);
      d = half.fma(half, d);
      e = half.fma(half, e);
      f = half.fma(half, f);
      g = half.fma(half, g);
      h = half.fma(half, h);
      i = half.fma(half, i);
      j = half.fma(half, j);
      k = half.fma(half, k);
      l = half.fma(half, l);
    }
    return a.add(b).add(c).add(d.add(e).add(f)).add(g.add(h).add(i)).add(j.add(k).add(l)).lane(0);
  }
}
