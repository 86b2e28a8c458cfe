package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.nn.data.DataException;

class SupervisionTest {
  private static Slice slice(String name, float[] image, int... scribble) {
    byte[] bytes = new byte[scribble.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) scribble[i];
    }
    return new Slice(name, 1, 1, bytes.length, image, null, bytes);
  }

  private static final float[] IMAGE = {0, 0.5f, 1, 0.5f, 0};

  @Test
  void soundScribblesRaiseNoDoubts() {
    assertEquals(
        List.of(),
        Supervision.doubts(
            "d", List.of(slice("a", IMAGE, 0, 1, 4, 4, 4), slice("b", IMAGE, 2, 3, 4, 4, 4))));
  }

  @Test
  void unlabelledPixelsThatAreZero() {
    List<String> doubts =
        Supervision.doubts(
            "d", List.of(slice("a", IMAGE, 0, 1, 2, 3, 0), slice("b", IMAGE, 0, 1, 2, 3, 4)));
    assertEquals(
        List.of(
            "d: every pixel has a class and none is 4 (unlabelled) in 1 of 2 slices (a); if"
                + " unlabelled pixels are 0 there, map these to 4."),
        doubts);
  }

  @Test
  void aClassNobodyScribbled() {
    List<String> doubts =
        Supervision.doubts(
            "d", List.of(slice("a", IMAGE, 0, 1, 4, 3, 4), slice("b", IMAGE, 4, 4, 4, 4, 4)));
    assertEquals(2, doubts.size(), doubts.toString());
    assertEquals("d: nothing is scribbled in 1 of 2 slices (b).", doubts.get(0));
    assertTrue(doubts.get(1).startsWith("d: no pixel of class 2 (Myo) is scribbled in any"));
  }

  @Test
  void imagesOfOneValue() {
    List<String> doubts = Supervision.doubts("d", List.of(slice("a", new float[5], 0, 1, 2, 3, 4)));
    assertEquals(
        List.of("d: all pixels of the image have one value in 1 of 1 slices (a)."), doubts);
  }

  @Test
  void nothingScribbledAtAll() {
    DataException e =
        assertThrows(
            DataException.class,
            () -> Supervision.doubts("d", List.of(slice("a", IMAGE, 4, 4, 4, 4, 4))));
    assertTrue(e.getMessage().startsWith("d: nothing is scribbled in any of the 1 slices"));
  }
}
