package tangram.web.annotate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Volume;
import tangram.web.annotate.SessionScan.State;

/** A session's files, and what is wrong with some. */
class SessionTest {
  private static final int W = 5;
  private static final int H = 4;
  private static final int D = 3;

  @TempDir private Path folder;
  @TempDir private Path elsewhere;

  private Session open() {
    return Session.open(folder, null);
  }

  private static SliceKey key(int scan, int frame, int slice) {
    return new SliceKey(scan, frame, slice);
  }

  private static void draw(Session session, SliceKey key, byte[] labels) {
    SessionScan scan = session.all().get(key.scan());
    long revision = ScribbleStore.revision(session.store().contents(scan, key));
    session.put(scan, key, labels, revision);
  }

  private ByteBuffer scan(String name, int... dim) throws IOException {
    ByteBuffer file = TestScans.make(dim);
    TestScans.store(folder.resolve(name + ".nii.gz"), file);
    return file;
  }

  private void scribble(String name, ByteBuffer scan, byte[] values) throws IOException {
    TestScans.store(folder.resolve(name + "_scribble.nii.gz"), TestScans.masks(scan, values));
  }

  private ByteBuffer written(String name) throws IOException {
    return TestScans.load(folder.resolve(name + "_scribble.nii.gz"));
  }

  private static byte[] filled(int length, int value) {
    byte[] values = new byte[length];
    Arrays.fill(values, (byte) value);
    return values;
  }

  @Test
  void scribblesLieOnTheScanVoxelByVoxel() throws IOException {
    ByteBuffer volume = scan("a", W, H, D);
    ByteBuffer series = scan("b", W, H, D, 2);
    try (Session session = open()) {
      draw(session, key(0, 0, 1), TestPage.slice(W * H, 3, 7));
      draw(session, key(1, 1, 2), TestPage.slice(W * H, 0, 11));
      session.store().flush();
    }
    byte[] first = filled(W * H * D, 4);
    first[W * H + 7] = 3;
    assertArrayEquals(first, TestScans.values(written("a")));
    byte[] second = filled(W * H * D * 2, 4);
    second[W * H * D + 2 * W * H + 11] = 0;
    assertArrayEquals(second, TestScans.values(written("b")));
    assertArrayEquals(TestScans.geometry(volume), TestScans.geometry(written("a")));
    assertArrayEquals(TestScans.geometry(series), TestScans.geometry(written("b")));
    try (Session session = open()) {
      assertEquals(Set.of(key(0, 0, 1), key(1, 1, 2)), session.drawn());
      assertArrayEquals(
          TestPage.slice(W * H, 3, 7), session.store().get(key(0, 0, 1)), "unlabelled is lost");
      assertEquals(4, session.scribble(key(0, 0, 1))[0]);
      assertNull(session.scribble(key(0, 0, 0)));
      // Slope and intercept are applied.
      assertEquals(2 * (W * H + 3) - 5, session.image(key(0, 0, 1))[3]);
    }
  }

  @Test
  void theEyeSeesRightAtTheLeftAndAnteriorAtTheTop() throws IOException {
    scan("a", W, H, D);
    try (Session session = open()) {
      Orientation turned = Orientation.of(session.all().get(0).header);
      // Columns run to the left, rows to the back: all is as it should be.
      assertFalse(turned.flipX());
      assertFalse(turned.flipY());
      assertArrayEquals(new String[] {"R", "L", "A", "P"}, turned.edges());
    }
    ByteBuffer mirrored = TestScans.make(W, H, D);
    for (int at : new int[] {280, 284, 296, 300, 312, 316}) {
      mirrored.putFloat(at, -mirrored.getFloat(at));
    }
    TestScans.store(folder.resolve("b.nii.gz"), mirrored);
    ByteBuffer nowhere = TestScans.make(W, H, D).putShort(252, (short) 0).putShort(254, (short) 0);
    TestScans.store(folder.resolve("c.nii.gz"), nowhere);
    try (Session session = open()) {
      Orientation turned = Orientation.of(session.all().get(1).header);
      assertTrue(turned.flipX() && turned.flipY());
      assertArrayEquals(new String[] {"R", "L", "A", "P"}, turned.edges());
      assertNull(Orientation.of(session.all().get(2).header).edges());
    }
  }

  @Test
  void whatWasSavedIsThereWhetherOrNotFilesWereWritten() throws IOException {
    scan("a", W, H, D);
    byte[] labels = TestPage.slice(W * H, 2, 1, 2);
    try (Session session = open()) {
      draw(session, key(0, 0, 0), labels);
      session.all().get(0).heldOut = true;
      session.all().get(0).window = new double[] {1, 2.5};
      session.all().get(0).skipped.add(key(0, 0, 2));
      session.keep();
    }
    assertFalse(Files.exists(folder.resolve("a_scribble.nii.gz")), "nothing was to be written");
    try (Session session = open()) {
      assertArrayEquals(labels, session.store().get(key(0, 0, 0)));
      assertEquals(1, session.store().unsaved());
      SessionScan scan = session.all().get(0);
      assertTrue(scan.heldOut);
      assertArrayEquals(new double[] {1, 2.5}, scan.window);
      assertEquals(Set.of(key(0, 0, 2)), session.skipped());
      session.store().flush();
      assertEquals(0, session.store().unsaved());
      assertEquals(8, Files.size(folder.resolve("annotate/journal")));
    }
    assertEquals(2, TestScans.values(written("a"))[1]);
  }

  @Test
  void aFolderIsAnnotatedOnceAtATime() throws IOException {
    scan("a", W, H, D);
    try (Session session = open()) {
      FileWriteException e = assertThrows(FileWriteException.class, this::open);
      assertTrue(e.getMessage().contains("another process"), e.getMessage());
    }
    open().close();
  }

  @Test
  void aFolderThatCannotBeWrittenIsShown() throws IOException {
    scan("a", W, H, D);
    // A file where the folder is to be keeps even root from writing.
    Files.writeString(folder.resolve("annotate"), "");
    try (Session session = open()) {
      assertTrue(session.readOnly().contains("cannot be written to"), session.readOnly());
      assertEquals(State.OK, session.all().get(0).state);
    }
  }

  private static void assertRefused(SessionScan scan, String... words) {
    assertEquals(State.REFUSED, scan.state);
    for (String word : words) {
      assertTrue(scan.reason.contains(word), scan.reason);
    }
    assertTrue(scan.reason.endsWith(".") && !scan.reason.contains(". "), scan.reason);
  }

  @Test
  void whatIsWrongWithAScanIsOneSentenceAndTheOthersWork() throws IOException {
    scan("a", W, H, D);
    byte[] whole = Files.readAllBytes(folder.resolve("a.nii.gz"));
    Files.write(folder.resolve("b.nii.gz"), Arrays.copyOf(whole, whole.length / 2));
    ByteBuffer huge = TestScans.make(W, H, D);
    huge.putShort(42, (short) 512).putShort(44, (short) 512).putShort(46, (short) 250);
    huge.putShort(40, (short) 4).putShort(48, (short) 8).putShort(70, (short) 16);
    TestScans.store(folder.resolve("c.nii.gz"), huge.putShort(72, (short) 32));
    ByteBuffer nan = TestScans.make(2 * W, H, D).putShort(42, (short) W);
    nan.putShort(70, (short) 16).putShort(72, (short) 32).putFloat(TestScans.DATA + 40, Float.NaN);
    TestScans.store(folder.resolve("d.nii.gz"), nan);
    Path outside = Files.write(elsewhere.resolve("x.nii.gz"), whole);
    Files.createSymbolicLink(folder.resolve("e.nii.gz"), outside);
    Files.createSymbolicLink(folder.resolve("a_scribble.nii.gz"), outside);
    Files.write(folder.resolve("f.h5"), new byte[100]);
    Files.copy(folder.resolve("a.nii.gz"), folder.resolve("g.nii.gz"));
    Files.write(folder.resolve("g.nii"), TestScans.make(W, H, D).array());
    try (Session session = open()) {
      List<SessionScan> scans = session.all();
      assertRefused(scans.get(0), "a_scribble.nii.gz: is a link to a file outside");
      assertRefused(scans.get(1), "gzip stream is damaged or cut short");
      assertRefused(scans.get(2), "512 MiB");
      assertRefused(scans.get(3), "NaN");
      assertRefused(scans.get(4), "is a link to a file outside");
      assertRefused(scans.get(5), "is HDF5");
      assertEquals(State.OK, scans.get(6).state);
      assertRefused(scans.get(7), "same name");
      draw(session, key(6, 0, 0), TestPage.slice(W * H, 1, 1));
    }
  }

  @Test
  void anEmptyFolderIsASentence() throws IOException {
    try (Session session = open()) {
      assertTrue(session.notice().contains("holds no scan"), session.notice());
      scan("a", W, H, D);
      session.look();
      assertNull(session.notice());
      assertEquals(1, session.all().size());
    }
    assertThrows(DataException.class, () -> Session.open(folder.resolve("none"), null));
  }

  @Test
  void foreignScribblesAreReadAskedAboutOrRefused() throws IOException {
    int voxels = W * H * D;
    ByteBuffer a = scan("a", W, H, D);
    byte[] mostlyZero = new byte[voxels];
    mostlyZero[5] = 2;
    scribble("a", a, mostlyZero);
    scribble("b", scan("b", W, H, D), filled(voxels, 7));
    scan("c", W, H, D, 2);
    scribble("c", a, new byte[voxels]);
    ByteBuffer moved = scan("d", W, H, D);
    moved.putFloat(292, moved.getFloat(292) + 40);
    scribble("d", moved, filled(voxels, 4));
    byte[] dense = filled(voxels, 1);
    dense[0] = 0;
    scribble("e", scan("e", W, H, D), dense);
    Files.write(
        folder.resolve("f_scribble.nii"), TestScans.masks(scan("f", W, H, D), dense).array());
    try (Session session = open()) {
      List<SessionScan> scans = session.all();
      assertEquals(State.QUESTION, scans.get(0).state);
      assertRefused(scans.get(1), "holds class 7", "0..3 and 4 for unlabelled");
      assertRefused(scans.get(2), "is 3x4x5 voxels", "2x3x4x5");
      assertRefused(scans.get(3), "does not lie on the grid");
      assertEquals(State.OK, scans.get(4).state);
      assertEquals(
          D, session.store().counts().keySet().stream().filter(k -> k.scan() == 4).count());
      assertEquals(State.OK, scans.get(5).state);
      session.answer(scans.get(0), true);
      assertEquals(State.OK, scans.get(0).state);
    }
    byte[] expected = filled(voxels, 4);
    expected[5] = 2;
    assertArrayEquals(expected, TestScans.values(written("a")));
    assertArrayEquals(
        mostlyZero, TestScans.values(TestScans.load(folder.resolve("a_scribble.nii.gz.bak"))));
    // Now it is as any other.
    try (Session session = open()) {
      assertEquals(State.OK, session.all().get(0).state);
    }
  }

  @Test
  void zerosThatAreBackgroundAreAskedAboutOnce() throws IOException {
    scribble("a", scan("a", W, H, D), new byte[W * H * D]);
    try (Session session = open()) {
      session.answer(session.all().get(0), false);
      assertEquals(D, session.drawn().size());
    }
    try (Session session = open()) {
      assertEquals(State.OK, session.all().get(0).state);
      assertEquals(D, session.drawn().size());
    }
    assertFalse(Files.exists(folder.resolve("a_scribble.nii.gz.bak")));
  }

  @Test
  void aScanThatChangedIsReadOnlyOnceItIsDrawnOn() throws IOException {
    scan("a", W, H, D);
    open().close();
    TestScans.store(folder.resolve("a.nii.gz"), TestScans.make(W, H, D).putShort(400, (short) 9));
    try (Session session = open()) {
      assertEquals(State.OK, session.all().get(0).state, "nothing depended on it");
      draw(session, key(0, 0, 0), TestPage.slice(W * H, 1, 1));
    }
    TestScans.store(folder.resolve("a.nii.gz"), TestScans.make(W, H, D).putShort(400, (short) 8));
    try (Session session = open()) {
      assertEquals(State.CHANGED, session.all().get(0).state);
      assertTrue(session.all().get(0).reason.contains("not the file that was drawn on"));
    }
  }

  private static Labels five() {
    return Labels.parse("background=#009E73,RV=#E69F00,Myo=#56B4E9,LV=#CC79A7,scar=#0000FF");
  }

  @Test
  void anotherClassMovesUnlabelledInAllFilesAndKeepsTheOldOnes() throws IOException {
    scan("a", W, H, D);
    try (Session session = open()) {
      draw(session, key(0, 0, 0), TestPage.slice(W * H, 3, 1));
      session.relabel(five());
      draw(session, key(0, 0, 1), TestPage.slice(W * H, 4, 2));
      session.store().flush();
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> session.relabel(Labels.HEART));
      assertTrue(e.getMessage().contains("cannot be removed"), e.getMessage());
    }
    byte[] expected = filled(W * H * D, 5);
    expected[1] = 3;
    expected[W * H + 2] = 4;
    assertArrayEquals(expected, TestScans.values(written("a")));
    byte[] old = TestScans.values(TestScans.load(folder.resolve("a_scribble.nii.gz.bak")));
    assertEquals(4, old[0]);
    try (Session session = Session.open(folder, null)) {
      assertEquals(five(), session.labels());
      assertEquals(2, session.drawn().size());
      draw(session, key(0, 0, 1), TestPage.slice(W * H, 0, 2));
      session.relabel(Labels.HEART);
    }
    assertEquals(4, TestScans.values(written("a"))[0]);
    DataException e = assertThrows(DataException.class, () -> Session.open(folder, five()).close());
    assertTrue(e.getMessage().contains("leave out --classes"), e.getMessage());
  }

  /** As if the program had been killed between two files. */
  @Test
  void aChangeOfClassesThatWasBrokenOffIsFinished() throws IOException {
    ByteBuffer a = scan("a", W, H, D);
    ByteBuffer b = scan("b", W, H, D);
    try (Session session = open()) {
      draw(session, key(0, 0, 0), TestPage.slice(W * H, 3, 1));
      draw(session, key(1, 0, 0), TestPage.slice(W * H, 3, 1));
      session.relabel(five());
    }
    byte[] old = filled(W * H * D, 4);
    old[1] = 3;
    scribble("b", b, old);
    Path file = folder.resolve("annotate/session.json");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("\"unlabelled\" : 5", "\"unlabelled\" : 5, \"rewriting\" : 4"));
    try (Session session = open()) {
      assertEquals(2, session.drawn().size());
    }
    byte[] expected = filled(W * H * D, 5);
    expected[1] = 3;
    assertArrayEquals(expected, TestScans.values(written("a")));
    assertArrayEquals(expected, TestScans.values(written("b")));
    assertFalse(Files.readString(file).contains("rewriting"));
    assertEquals(D, a.getShort(46));
  }

  @Test
  void classesWaitForFilesThatCannotBeRead() throws IOException {
    scribble("a", scan("a", W, H, D), filled(W * H * D, 7));
    try (Session session = open()) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> session.relabel(five()));
      assertTrue(e.getMessage().contains("cannot be read"), e.getMessage());
      assertEquals(Labels.HEART, session.labels());
    }
  }

  @Test
  void whatAnotherProgramWroteMeanwhileIsKept() throws IOException {
    ByteBuffer a = scan("a", W, H, D);
    try (Session session = open()) {
      draw(session, key(0, 0, 0), TestPage.slice(W * H, 3, 1));
      byte[] others = filled(W * H * D, 1);
      scribble("a", a, others);
      List<String> told = session.store().flush();
      assertEquals(1, told.size());
      assertTrue(told.get(0).contains("changed by another program"), told.get(0));
      assertArrayEquals(
          others, TestScans.values(TestScans.load(folder.resolve("a_scribble.nii.gz.bak"))));
      assertEquals(List.of(), session.store().flush());
    }
  }

  @Test
  void aScribbleThatCannotBeWrittenStaysInTheJournal() throws IOException {
    scan("a", W, H, D);
    Path file = folder.resolve("a_scribble.nii.gz");
    byte[] labels = TestPage.slice(W * H, 2, 1);
    try (Session session = open()) {
      draw(session, key(0, 0, 0), labels);
      Files.createDirectory(file);
      assertThrows(FileWriteException.class, () -> session.store().flush());
      assertEquals(1, session.store().unsaved());
      Files.delete(file);
      session.store().flush();
      assertEquals(0, session.store().unsaved());
    }
    assertEquals(2, TestScans.values(written("a"))[1]);
  }

  /** The journal of a scan that is away for a while waits for it. */
  @Test
  void strokesOnAScanThatIsGoneStay() throws IOException {
    scan("a", W, H, D);
    scan("b", W, H, D);
    try (Session session = open()) {
      draw(session, key(0, 0, 0), TestPage.slice(W * H, 2, 1));
    }
    Path away = folder.resolve("away");
    Files.move(folder.resolve("a.nii.gz"), away);
    try (Session session = open()) {
      assertRefused(session.all().get(0), "there is no such file");
      draw(session, key(1, 0, 0), TestPage.slice(W * H, 1, 1));
      session.store().flush();
    }
    try (Session session = open()) {
      Files.move(away, folder.resolve("a.nii.gz"));
      session.look();
      assertEquals(2, session.drawn().size());
      byte[] newer = TestPage.slice(W * H, 3, 1);
      draw(session, key(0, 0, 0), newer);
      session.store().flush();
      assertEquals(8, Files.size(folder.resolve("annotate/journal")));
    }
    try (Session session = open()) {
      assertEquals(3, session.store().get(key(0, 0, 0))[1], "the older stroke came back");
    }
  }

  @Test
  void aFileOfAnotherSizeIsNotDrawnOn() throws IOException {
    scan("a", W, H, D);
    try (Session session = open()) {
      draw(session, key(0, 0, 0), TestPage.slice(W * H, 2, 1));
      scan("a", W + 1, H, D);
      session.look();
      assertRefused(session.all().get(0), "another size");
      session.store().flush();
    }
    assertEquals(2, TestScans.values(written("a"))[1]);
    try (Session session = open()) {
      assertRefused(session.all().get(0), "is 3x4x5 voxels but a.nii.gz is 3x4x6");
    }
  }

  @Test
  void whatAKilledProcessWasWritingGoes() throws IOException {
    scan("a", W, H, D);
    Path left = Files.writeString(folder.resolve(".a_scribble.nii.gz.0123456789abcdef.tmp"), "x");
    Path others = Files.writeString(folder.resolve(".a.nii.gz.0123456789abcdef.tmp"), "x");
    open().close();
    assertFalse(Files.exists(left));
    assertTrue(Files.exists(others));
  }

  @Test
  void damagedSessionsAreTold() throws IOException {
    scan("a", W, H, D);
    open().close();
    Path file = folder.resolve("annotate/session.json");
    String text = Files.readString(file);
    for (String damaged :
        List.of(
            text.substring(0, text.length() / 2),
            text.replace("\"a.nii.gz\"", "\"../a.nii.gz\""),
            text.replace("\"version\" : 1", "\"version\" : 2"),
            "[]",
            "")) {
      Files.writeString(file, damaged);
      FileFormatException e =
          assertThrows(FileFormatException.class, () -> open().close(), damaged);
      assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    }
    Files.writeString(file, text);
    open().close();
  }

  @Test
  void patientsAreTheNamesBeginnings() throws IOException {
    assertEquals("patient021", SessionScan.patientOf("patient021_frame01"));
    assertEquals("p_x", SessionScan.patientOf("p_x_frame01"));
    assertEquals("case", SessionScan.patientOf("case_17_b"));
    assertEquals("_a", SessionScan.patientOf("_a"));
    assertEquals("whole", SessionScan.patientOf("whole"));
    Volume v = TestScans.phantom(folder, "patient001_frame01", 32, 3);
    try (Session session = open()) {
      assertEquals("patient001", session.scans().get(0).patient());
      assertEquals(v.depth(), session.scans().get(0).depth());
    }
  }
}
