package tangram.pclmix.active;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tangram.pclmix.active.ActiveModel.Candidate;
import tangram.tensor.CounterRandom;

/**
 * Which slices to draw in next: those of which the network is least certain where it sees something
 * or near that, at most one of a scan, none that is drawn, skipped or beside a drawn one; every
 * fifth is taken at random, since a network may be certain and wrong (docs/annotate.md).
 */
public final class NextSlices {
  private static final int PURPOSE = 0xAC71_0001;

  /** Frames of a scan among which to choose: those of a series are much alike. */
  private static final int FRAMES = 4;

  /** Each so many is taken at random. */
  private static final int RANDOM = 5;

  /** Pixels by which the predicted foreground grows, so that a border that moves is within. */
  private static final int GROWTH = 2;

  private final ActiveData data;
  private final long seed;

  /**
   * Creates the choice of a session.
   *
   * @param seed draws what is taken at random
   */
  public NextSlices(ActiveData data, long seed) {
    this.data = data;
    this.seed = seed;
  }

  /**
   * A slice's score.
   *
   * @param uncertainty mean entropy in parts of ln K over the predicted foreground and what is
   *     near; over the whole slice where there is none
   * @param empty whether there is none
   */
  public record Score(double uncertainty, boolean empty) {
    /** The score of a prediction. */
    public static Score of(SlicePrediction p) {
      int[] near = new int[p.classes().length];
      boolean empty = true;
      for (int i = 0; i < near.length; i++) {
        if (p.classes()[i] != 0) {
          empty = false;
          mark(near, p, i / p.width(), i % p.width());
        }
      }
      double sum = 0;
      int count = 0;
      for (int i = 0; i < near.length; i++) {
        if (empty || near[i] != 0) {
          sum += (p.entropy()[i] & 0xFF) / 255.0;
          count++;
        }
      }
      return new Score(sum / count, empty);
    }

    private static void mark(int[] near, SlicePrediction p, int y, int x) {
      for (int v = Math.max(0, y - GROWTH); v <= Math.min(p.height() - 1, y + GROWTH); v++) {
        for (int u = Math.max(0, x - GROWTH); u <= Math.min(p.width() - 1, x + GROWTH); u++) {
          near[v * p.width() + u] = 1;
        }
      }
    }

    private String why() {
      String undecided =
          uncertainty > 0.5
              ? "most of it undecided"
              : uncertainty > 0.25
                  ? "much of it undecided"
                  : uncertainty > 0.1 ? "some of it undecided" : "little of it undecided";
      return empty ? "nothing found here, " + undecided : undecided;
    }
  }

  /**
   * All slices among which to choose, drawn or not: of scans that train, of a series only some
   * frames.
   */
  public List<SliceKey> pool() {
    List<ActiveScan> scans = data.scans();
    List<SliceKey> pool = new ArrayList<>();
    for (int s = 0; s < scans.size(); s++) {
      ActiveScan scan = scans.get(s);
      int chosen = Math.min(FRAMES, scan.frames());
      for (int f = 0; f < chosen && scan.usable() && !scan.heldOut(); f++) {
        for (int z = 0; z < scan.depth(); z++) {
          pool.add(new SliceKey(s, f * scan.frames() / chosen, z));
        }
      }
    }
    return pool;
  }

  /**
   * The slices to draw in, the most useful first.
   *
   * @param count the most that are wanted
   * @param scores of the slices, null where there is none yet: these are not offered
   */
  public List<Candidate> next(int count, Function<SliceKey, Score> scores) {
    Set<SliceKey> drawn = data.drawn();
    Set<SliceKey> out = new HashSet<>(drawn);
    out.addAll(data.skipped());
    drawn.forEach(key -> out.addAll(neighbours(key)));
    Map<SliceKey, Score> open =
        pool().stream()
            .filter(key -> !out.contains(key) && scores.apply(key) != null)
            .collect(Collectors.toMap(key -> key, scores));
    List<SliceKey> left =
        open.keySet().stream()
            .sorted(
                Comparator.comparingDouble((SliceKey key) -> -open.get(key).uncertainty())
                    .thenComparing(Comparator.naturalOrder()))
            .collect(Collectors.toCollection(ArrayList::new));
    List<Candidate> next = new ArrayList<>();
    while (next.size() < count && !left.isEmpty()) {
      int number = drawn.size() + next.size() + 1;
      boolean random = number % RANDOM == 0;
      SliceKey key = random ? any(left, number) : left.get(0);
      Score score = open.get(key);
      next.add(
          new Candidate(
              key, score.uncertainty(), random ? "at random, as every fifth" : score.why()));
      left.removeIf(other -> other.scan() == key.scan());
    }
    return List.copyOf(next);
  }

  private SliceKey any(List<SliceKey> left, int number) {
    List<SliceKey> sorted = left.stream().sorted().toList();
    return sorted.get(new CounterRandom(seed, PURPOSE, number, 0).nextInt(sorted.size()));
  }

  /** The slices above and below, and those and itself in the frames before and after. */
  private static List<SliceKey> neighbours(SliceKey key) {
    return IntStream.rangeClosed(-1, 1)
        .boxed()
        .flatMap(
            frame ->
                IntStream.rangeClosed(-1, 1)
                    .mapToObj(z -> new SliceKey(key.scan(), key.frame() + frame, key.slice() + z)))
        .toList();
  }
}
