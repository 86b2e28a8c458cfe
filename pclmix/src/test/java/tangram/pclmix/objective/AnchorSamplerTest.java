package tangram.pclmix.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnchorSamplerTest {
  private static LossConfig config(int maxAnchors, int totalAnchors, int minPixels) {
    LossConfig p = LossConfig.paper();
    return new LossConfig(
        p.terms(),
        true,
        p.lambdaT(),
        p.contrastWeight(),
        p.consistencyWeight(),
        p.mixWeight(),
        p.temperature(),
        p.queueSlots(),
        maxAnchors,
        totalAnchors,
        minPixels,
        p.warmUpFraction());
  }

  /** Half hard and half easy where there are enough of both, else what there is. */
  @ParameterizedTest
  @CsvSource({
    "10, 50, 50, 5",
    "10, 2, 50, 2",
    "10, 50, 3, 7",
    "7, 9, 9, 3",
    "4, 4, 0, 4",
    "4, 0, 4, 0"
  })
  void sharesHardAndEasy(int count, int hard, int easy, int expected) {
    assertEquals(expected, AnchorSampler.hardShare(count, hard, easy));
  }

  @Test
  void takesConfirmedForegroundOnly() {
    int[] labels = {-1, 0, 1, 1, 2, 3, -1, 0};
    Anchors anchors = new AnchorSampler(4, config(100, 64, 1), 7).sample(labels, labels, 2, 0);
    assertEquals(4, anchors.count());
    Set<Integer> chosen = new HashSet<>();
    for (int i = 0; i < anchors.count(); i++) {
      chosen.add(anchors.index()[i]);
      assertEquals(labels[anchors.index()[i]] - 1, anchors.label()[i]);
    }
    assertEquals(Set.of(2, 3, 4, 5), chosen);
    for (int i = anchors.count(); i < 64; i++) {
      assertEquals(-1, anchors.label()[i]);
    }
  }

  @Test
  void sharesTheTotalAmongGroupsAndHalvesHardAndEasy() {
    int pixels = 200;
    int[] labels = new int[2 * pixels];
    int[] predicted = new int[2 * pixels];
    Arrays.fill(labels, 1);
    for (int i = 0; i < labels.length; i++) {
      predicted[i] = i % 4 == 0 ? 2 : 1;
    }
    Anchors anchors = new AnchorSampler(4, config(100, 64, 1), 7).sample(labels, predicted, 2, 3);
    assertEquals(64, anchors.count());
    int hard = 0;
    Set<Integer> distinct = new HashSet<>();
    for (int i = 0; i < 64; i++) {
      distinct.add(anchors.index()[i]);
      assertEquals(i < 32, anchors.index()[i] < pixels, "each image gives its share");
      hard += predicted[anchors.index()[i]] == 2 ? 1 : 0;
    }
    assertEquals(32, hard);
    assertEquals(64, distinct.size(), "no pixel twice");
  }

  @Test
  void smallGroupsAreLeftOut() {
    int[] labels = {1, 1, 2, 2, 2, 0};
    Anchors anchors = new AnchorSampler(4, config(100, 16, 3), 7).sample(labels, labels, 1, 0);
    assertEquals(3, anchors.count());
    assertTrue(Arrays.stream(anchors.label()).allMatch(l -> l == 1 || l == -1));
  }

  @Test
  void withoutForegroundThereIsNoAnchor() {
    int[] labels = {0, -1, 0, -1};
    assertEquals(
        0, new AnchorSampler(4, config(100, 16, 1), 7).sample(labels, labels, 1, 0).count());
  }

  @Test
  void dependsOnSeedAndStepAlone() {
    int[] labels = new int[500];
    Arrays.fill(labels, 3);
    AnchorSampler sampler = new AnchorSampler(4, config(20, 20, 1), 7);
    int[] first = sampler.sample(labels, labels, 1, 5).index();
    assertArrayEquals(first, sampler.sample(labels, labels, 1, 5).index());
    assertTrue(!Arrays.equals(first, sampler.sample(labels, labels, 1, 6).index()));
  }
}
