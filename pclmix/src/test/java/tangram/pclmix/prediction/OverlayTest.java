package tangram.pclmix.prediction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OverlayTest {
  @Test
  void fewAreAllShown() {
    assertEquals(List.of(1, 2, 3), Overlay.evenly(List.of(1, 2, 3), 3));
    assertEquals(List.of(1, 2, 3), Overlay.evenly(List.of(1, 2, 3), 12));
  }

  @Test
  void manyAreSpreadFromTheFirstToTheLast() {
    List<Integer> slices = IntStream.range(0, 100).boxed().toList();
    assertEquals(List.of(0, 9, 18, 27, 36, 45, 54, 63, 72, 81, 90, 99), Overlay.evenly(slices, 12));
    assertEquals(List.of(0, 1, 3, 4, 5), Overlay.evenly(slices.subList(0, 6), 5));
  }
}
