package tangram.web.annotate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;

class JournalTest {
  @TempDir private Path folder;

  private static Journal.Entry entry(int i) {
    return new Journal.Entry("a.nii.gz", i, 2 * i, TestPage.slice(40, i, i, i + 5));
  }

  private static void assertSame(Journal.Entry expected, Journal.Entry found) {
    assertEquals(expected.file(), found.file());
    assertEquals(expected.frame(), found.frame());
    assertEquals(expected.slice(), found.slice());
    assertArrayEquals(expected.labels(), found.labels());
  }

  private Path written(int entries) {
    Path file = folder.resolve("journal" + entries);
    try (Journal journal = Journal.open(file, FileMedium::open)) {
      for (int i = 0; i < entries; i++) {
        journal.append(entry(i));
      }
    }
    return file;
  }

  @Test
  void wherverTheEndIsCutWholeRecordsStay() throws IOException {
    byte[] one = Files.readAllBytes(written(1));
    byte[] bytes = Files.readAllBytes(written(3));
    for (int length = 0; length <= bytes.length; length++) {
      Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, length));
      List<Journal.Entry> found = Journal.read(file);
      for (int i = 0; i < found.size(); i++) {
        assertSame(entry(i), found.get(i));
      }
      if (length >= one.length) {
        assertTrue(found.size() >= 1, "the first is lost");
      }
      try (Journal journal = Journal.open(file, FileMedium::open)) {
        journal.append(entry(7));
      }
      List<Journal.Entry> after = Journal.read(file);
      assertEquals(found.size() + 1, after.size());
      assertSame(entry(7), after.get(found.size()));
    }
  }

  @Test
  void everyOtherDamageIsTold() throws IOException {
    byte[] bytes = Files.readAllBytes(written(3));
    for (int i = 0; i < bytes.length; i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= 0x10;
      Path file = Files.write(folder.resolve("damaged"), damaged);
      FileFormatException e =
          assertThrows(FileFormatException.class, () -> Journal.read(file), "byte " + i);
      assertTrue(e.getMessage().contains("is damaged at byte"), e.getMessage());
    }
  }

  @Test
  void zerosBehindTheEndAreNoRecord() throws IOException {
    Path file = written(2);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 4096));
    assertEquals(2, Journal.read(file).size());
    try (Journal journal = Journal.open(file, FileMedium::open)) {
      journal.append(entry(3));
    }
    assertEquals(3, Journal.read(file).size());
  }

  /** A disk with room for some bytes. */
  private static final class FullDisk implements Journal.Medium {
    private final FileMedium file;
    private long room;

    FullDisk(FileMedium file, long room) {
      this.file = file;
      this.room = room;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      if (bytes.remaining() > room) {
        // As a file system does: a part is there.
        file.append(bytes.slice(0, (int) room));
        throw new IOException("No space left on device");
      }
      file.append(bytes);
    }

    @Override
    public void force() throws IOException {
      file.force();
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Test
  void aFullDiskIsASentenceAndNothingIsLost() {
    Path file = written(2);
    FullDisk[] disk = new FullDisk[1];
    try (Journal journal =
        Journal.open(file, path -> disk[0] = new FullDisk(FileMedium.open(path), 20))) {
      FileWriteException e = assertThrows(FileWriteException.class, () -> journal.append(entry(2)));
      assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
      assertThrows(FileWriteException.class, () -> journal.append(entry(3)));
      assertEquals(2, Journal.read(file).size());
      disk[0].room = 1 << 20;
      journal.append(entry(4));
    }
    List<Journal.Entry> found = Journal.read(file);
    assertEquals(3, found.size());
    assertSame(entry(4), found.get(2));
  }

  @Test
  void whatIsInFilesGoesAndTheRestStays() {
    Path file = written(3);
    try (Journal journal = Journal.open(file, FileMedium::open)) {
      journal.keep(List.of(entry(1)));
      journal.append(entry(5));
    }
    List<Journal.Entry> found = Journal.read(file);
    assertEquals(2, found.size());
    assertSame(entry(5), found.get(1));
    try (Journal journal = Journal.open(file, FileMedium::open)) {
      journal.keep(List.of());
    }
    assertEquals(List.of(), Journal.read(file));
  }
}
