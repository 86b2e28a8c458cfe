package tangram.nn.text;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tangram.tensor.CounterRandom;

/**
 * How the next token is chosen, and how many are.
 *
 * @param tokens most tokens to make
 * @param temperature what logits are divided by; 0 takes the most likely token
 * @param topK how many of the most likely tokens take part; 0 for all
 * @param topP of these the most likely whose probabilities add up to this take part (Holtzman et
 *     al. 2020); 1 for all
 * @param seed of the random numbers; the i-th token is a function of it, i and the logits
 * @param stop tokens after which nothing follows
 */
public record Sampling(
    int tokens, double temperature, int topK, double topP, long seed, Set<Integer> stop) {
  /** The purpose under which choices draw random numbers. */
  private static final int PURPOSE = 4;

  /** Checks the numbers. */
  public Sampling {
    if (tokens < 0 || !(temperature >= 0) || topK < 0 || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "sampling of %d tokens with temperature %s, top k %d and top p %s"
              .formatted(tokens, temperature, topK, topP));
    }
    stop = Set.copyOf(stop);
  }

  /** Always the most likely token, up to a number of them. */
  public static Sampling greedy(int tokens) {
    return new Sampling(tokens, 0, 0, 1, 0, Set.of());
  }

  /** By probability. */
  public static Sampling random(int tokens, long seed) {
    return new Sampling(tokens, 1, 0, 1, seed, Set.of());
  }

  /** Another temperature. */
  public Sampling temperature(double temperature) {
    return new Sampling(tokens, temperature, topK, topP, seed, stop);
  }

  /** Another number of tokens that take part. */
  public Sampling topK(int topK) {
    return new Sampling(tokens, temperature, topK, topP, seed, stop);
  }

  /** Another probability of those that take part. */
  public Sampling topP(double topP) {
    return new Sampling(tokens, temperature, topK, topP, seed, stop);
  }

  /** Other tokens after which nothing follows. */
  public Sampling stop(int... stop) {
    Set<Integer> set = IntStream.of(stop).boxed().collect(Collectors.toSet());
    return new Sampling(tokens, temperature, topK, topP, seed, set);
  }

  /**
   * Chooses the i-th token to be made.
   *
   * @param logits of all tokens
   * @throws IllegalArgumentException if one is NaN, or all are -infinity
   */
  public int choose(float[] logits, int i) {
    int best = 0;
    for (int t = 0; t < logits.length; t++) {
      if (Float.isNaN(logits[t])) {
        throw new IllegalArgumentException("the logit of token " + t + " is NaN");
      }
      best = logits[t] > logits[best] ? t : best;
    }
    if (Float.isInfinite(logits[best])) {
      throw new IllegalArgumentException("the largest logit is " + logits[best]);
    }
    if (temperature == 0) {
      return best;
    }
    double u = new CounterRandom(seed, PURPOSE, i, 0).nextDouble();
    int most = topK == 0 ? logits.length : Math.min(topK, logits.length);
    double total = 0;
    if (most == logits.length) {
      for (float logit : logits) {
        total += weight(logit, logits[best]);
      }
      if (topP == 1) {
        return inOrder(logits, logits[best], u * total);
      }
    }
    int[] ranked = new int[most];
    double[] sums = new double[most];
    Ranking ranking = new Ranking(logits);
    int count = 0;
    double sum = 0;
    // Of a top k all are needed before their sum is known.
    while (count < most && (total == 0 || sum < topP * total)) {
      ranked[count] = ranking.remove();
      sum += weight(logits[ranked[count]], logits[best]);
      sums[count++] = sum;
    }
    double part = topP * (total == 0 ? sum : total);
    int kept = 1;
    while (kept < count && sums[kept - 1] < part) {
      kept++;
    }
    double wanted = u * sums[kept - 1];
    int at = 0;
    while (at < kept - 1 && sums[at] <= wanted) {
      at++;
    }
    return ranked[at];
  }

  private int inOrder(float[] logits, float largest, double wanted) {
    double sum = 0;
    int last = 0;
    for (int t = 0; t < logits.length && (t == 0 || sum <= wanted); t++) {
      double weight = weight(logits[t], largest);
      sum += weight;
      last = weight > 0 ? t : last;
    }
    return last;
  }

  private double weight(float logit, float largest) {
    return Math.exp((logit - (double) largest) / temperature);
  }

  /** A heap of tokens, the most likely first, of equals the one with the lower number. */
  private static final class Ranking {
    private final long[] heap;
    private int count;

    Ranking(float[] logits) {
      count = logits.length;
      heap = new long[count];
      for (int t = 0; t < count; t++) {
        int bits = Float.floatToIntBits(logits[t] + 0f);
        // Falls with the logit.
        int order = bits < 0 ? bits ^ Integer.MIN_VALUE : ~bits;
        heap[t] = (long) order << Integer.SIZE | t;
      }
      for (int at = count / 2 - 1; at >= 0; at--) {
        sink(at, heap[at]);
      }
    }

    int remove() {
      long least = heap[0];
      count--;
      sink(0, heap[count]);
      return (int) least;
    }

    private void sink(int from, long value) {
      int at = from;
      while (2 * at + 1 < count) {
        int child = 2 * at + 1;
        if (child + 1 < count && heap[child + 1] < heap[child]) {
          child++;
        }
        if (heap[child] >= value) {
          break;
        }
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = value;
    }
  }
}
