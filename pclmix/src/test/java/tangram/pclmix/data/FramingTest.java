package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Framing.Frame;

/** How large slices become, which windows of them are seen, and where spacings come from. */
class FramingTest {
  @TempDir private Path folder;

  private static Slice slice(int h, int w, double... spacing) {
    float[] image = new float[h * w];
    byte[] scribble = new byte[h * w];
    for (int i = 0; i < image.length; i++) {
      image[i] = i + 1;
      scribble[i] = Labels.HEART.unlabelled();
    }
    scribble[w + 1] = 2;
    return new Slice(
        "patient041_frame01_slice_3",
        41,
        h,
        w,
        Labels.HEART,
        image,
        null,
        scribble,
        spacing.length == 0 ? null : spacing);
  }

  @Test
  void squares() {
    assertEquals(new Frame(64, 64, 64, 64), Framing.square(64).frame("x", 10, 20, null));
  }

  /** 256 x 216 pixels of 1.67969 mm are 286.7 x 241.9 pixels of 1.5 mm. */
  @Test
  void pixelsOfOneSize() {
    Framing framing = new Framing(128, 1.5);
    Frame frame = framing.frame("x", 256, 216, new double[] {10, 1.67969, 1.67969});
    assertEquals(new Frame(287, 242, 288, 256), frame);
    assertEquals(0, frame.top());
    assertEquals(7, frame.left());
    Dataset data = new Dataset(List.of(slice(6, 4, 10, 3, 1.5)), framing);
    assertEquals(12, data.slice(0).height());
    assertEquals(4, data.slice(0).width());
    assertArrayEquals(new double[] {10, 1.5, 1.5}, data.slice(0).spacing(), 1e-12);
  }

  @Test
  void spacingsThatCannotBe() {
    Framing framing = new Framing(128, 1.5);
    DataException unknown =
        assertThrows(DataException.class, () -> framing.frame("x", 256, 216, null));
    assertTrue(unknown.getMessage().contains("x: its voxel spacing is unknown"));
    assertTrue(unknown.getMessage().contains("--spacing-file"));
    DataException huge =
        assertThrows(
            DataException.class, () -> framing.frame("x", 256, 216, new double[] {10, 1000, 1}));
    assertTrue(huge.getMessage().contains("more than 4096"));
  }

  /** What resizing loses is remembered; windows beyond the border are filled. */
  @Test
  void resizingAndWindows() {
    Slice small = slice(40, 40).resized(5, 5);
    assertEquals(BitSet.valueOf(new long[] {4}), small.scribbled());
    for (byte c : small.scribble()) {
      assertEquals(Labels.HEART.unlabelled(), c);
    }
    Slice s = slice(3, 4).with(new ByteMap("m", new byte[12], (byte) 7));
    assertSame(s, s.resized(3, 4));
    Slice window = s.window(new Window(3, 4, 1, 2, 3));
    assertArrayEquals(new float[] {7, 8, 0, 11, 12, 0, 0, 0, 0}, window.image());
    assertArrayEquals(new byte[] {4, 4, 4, 4, 4, 4, 4, 4, 4}, window.scribble());
    assertArrayEquals(new byte[] {0, 0, 7, 0, 0, 7, 7, 7, 7}, window.maps().get(0).values());
    assertArrayEquals(
        new byte[] {4, 4, 4, 4, 2, 4, 4, 4, 4}, s.window(new Window(3, 4, 0, 0, 3)).scribble());
    Slice square = slice(4, 4);
    assertSame(square, square.window(Window.all(4)));
  }

  /** What a motion brings into a window from beyond it is what the slice has there. */
  @Test
  void motionsSeeBeyondTheWindow() {
    Slice s = slice(9, 9);
    Window middle = Window.centred(9, 9, 5, 1, -1);
    assertEquals(new Window(9, 9, 3, 1, 5), middle);
    float[] moved = new float[25];
    Motion.none().enlarged(0.5).move(s.image(), middle, moved, 0);
    // Row 0 of the window comes from row 5 - 4 of the slice, its middle from the middle.
    assertEquals(s.image()[5 * 9 + 3], moved[12], 1e-4f);
    assertEquals(s.image()[1 * 9 + 1], moved[1], 1e-4f);
    assertEquals(0, moved[0]);
  }

  /** Off the middle by the jitter at most, and a part of them anywhere. */
  @Test
  void windowsOfARun() {
    Slice s = slice(100, 60);
    Windows near = new Windows(1, 32, 3, 0);
    Windows far = new Windows(1, 32, 3, 0.25);
    int offTheMiddle = 0;
    for (int step = 0; step < 400; step++) {
      Window w = near.of(s, step, 0);
      assertTrue(Math.abs(w.top() - 34) <= 3 && Math.abs(w.left() - 14) <= 3, w.toString());
      assertEquals(w, near.of(s, step, 0));
      Window anywhere = far.of(s, step, 0);
      assertTrue(anywhere.top() >= 0 && anywhere.top() <= 68 && anywhere.left() <= 28);
      offTheMiddle += Math.abs(anywhere.top() - 34) > 3 ? 1 : 0;
    }
    // A quarter of the windows, of which 62 of 69 rows are off the middle.
    assertEquals(90, offTheMiddle, 25);
    assertEquals(new Window(3, 4, -15, -14, 32), new Windows(1, 32, 0, 1).of(slice(3, 4), 0, 0));
  }

  @Test
  void tablesOfSpacings() throws IOException {
    Path file = folder.resolve("spacing.csv");
    String header = "case,depth,spacing_z,spacing_y,spacing_x\n";
    Files.writeString(file, header + "patient041_frame01,10,10,1.5,1.25\n");
    Spacings spacings = Spacings.read(file);
    assertArrayEquals(new double[] {10, 1.5, 1.25}, spacings.of("patient041_frame01_slice_3"));
    assertArrayEquals(new double[] {10, 1.5, 1.25}, spacings.of("patient41_frame1"));
    assertNull(spacings.of("patient041_frame02"));
    assertNull(spacings.of("something"));
    assertNull(Spacings.NONE.of("patient041_frame01"));
    for (String bad :
        new String[] {
          "patient041_frame01,10,10,0,1\n",
          "patient041_frame01,10,10,,1\n",
          "heart,10,10,1,1\n",
          "patient041_frame01,10,10,1,1\npatient41_frame1,10,10,2,2\n"
        }) {
      Files.writeString(file, header + bad);
      FileFormatException e = assertThrows(FileFormatException.class, () -> Spacings.read(file));
      assertTrue(e.getMessage().startsWith(file + ": row "), e.getMessage());
    }
    for (String bad :
        new String[] {
          header + "patient041_frame01,10,\"10,1,1\n", header.replace(',', ';') + "a;1;1;1;1\n"
        }) {
      Files.writeString(file, bad);
      FileFormatException e = assertThrows(FileFormatException.class, () -> Spacings.read(file));
      assertTrue(
          e.getMessage().contains(bad.contains(";") ? "commas" : "never ends"), e::getMessage);
    }
    Path none = folder.resolve("none.csv");
    assertThrows(FileFormatException.class, () -> Spacings.read(none));
  }

  @Test
  void slicesKeepTheirSpacing() {
    Path file = folder.resolve("patient041_frame01_slice_3.h5");
    Hdf5Writer.writeSlice(file, slice(6, 4, 10, 3, 1.5));
    assertArrayEquals(
        new double[] {10, 3, 1.5}, Hdf5Reader.readSlice(file, Labels.HEART, false).spacing());
    Hdf5Writer.writeSlice(file, slice(6, 4));
    assertNull(Hdf5Reader.readSlice(file, Labels.HEART, false).spacing());
  }
}
