package tangram.pclmix.active;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tangram.pclmix.active.ActiveModel.Candidate;

/** What is to be drawn next. */
class NextSlicesTest {
  private final PhantomSession session = new PhantomSession(32, 6, 5);
  private final NextSlices next = new NextSlices(session, 1);

  private static List<SliceKey> keys(List<Candidate> candidates) {
    return candidates.stream().map(Candidate::key).toList();
  }

  @Test
  void entropyCountsWhereSomethingIsSeenOrNear() {
    byte[] classes = new byte[64];
    byte[] entropy = new byte[64];
    Arrays.fill(entropy, (byte) 255);
    // 5x5 pixels around one of the foreground, of which 15 are undecided.
    classes[3 * 8 + 3] = 2;
    Arrays.fill(entropy, 0, 3 * 8, (byte) 0);
    NextSlices.Score score = NextSlices.Score.of(new SlicePrediction(0, 8, 8, classes, entropy));
    assertEquals(15.0 / 25, score.uncertainty(), 1e-12);
    // Nothing is seen: the whole slice counts.
    score = NextSlices.Score.of(new SlicePrediction(0, 8, 8, new byte[64], entropy));
    assertEquals(40.0 / 64, score.uncertainty(), 1e-12);
    assertTrue(score.empty());
  }

  @Test
  void leastCertainFirstOneAScanNoneDrawnSkippedOrBesideDrawn() {
    session.draw(new SliceKey(0, 0, 3), new Deaf());
    session.skip(new SliceKey(1, 0, 9));
    // The deeper and the later, the less certain; one has no prediction yet.
    List<Candidate> found =
        next.next(
            4,
            key ->
                key.equals(new SliceKey(4, 0, 9))
                    ? null
                    : new NextSlices.Score(key.slice() * 0.1 + key.scan() * 0.01, false));
    assertEquals(
        List.of(
            new SliceKey(3, 0, 9),
            new SliceKey(2, 0, 9),
            new SliceKey(0, 0, 9),
            // Not at random yet: the fourth offered is the fifth in all.
            found.get(3).key()),
        keys(found));
    assertEquals("most of it undecided", found.get(0).why());
    assertEquals("at random, as every fifth", found.get(3).why());
    // The scan that is held out is never among them, and neighbours of what is drawn are not.
    Set<SliceKey> all = new HashSet<>();
    for (int drawn = 0; drawn < 20; drawn++) {
      List<Candidate> now = next.next(9, key -> new NextSlices.Score(0.3, false));
      assertEquals(now.size(), now.stream().map(c -> c.key().scan()).distinct().count());
      for (SliceKey key : keys(now)) {
        assertTrue(key.scan() != 5 && all.add(key), key + " was offered and drawn before");
        assertTrue(
            session.drawn().stream()
                .noneMatch(d -> d.scan() == key.scan() && Math.abs(d.slice() - key.slice()) <= 1));
        session.draw(key, new Deaf());
      }
    }
    assertEquals(List.of(), next.next(9, key -> new NextSlices.Score(0.3, false)));
  }
}
