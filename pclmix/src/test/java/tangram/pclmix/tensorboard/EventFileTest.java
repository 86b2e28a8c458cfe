package tangram.pclmix.tensorboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileWriteException;

class EventFileTest {
  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    byte[] png = {(byte) 0x89, 'P', 'N', 'G', 0, -1, 7};
    Path file;
    double before = System.currentTimeMillis() * 1e-3;
    try (EventFile events = EventFile.create(folder.resolve("run/tensorboard"), 301)) {
      file = events.path();
      events.scalar("loss/total", 301, 1.5);
      events.scalar("loss/total", 302, -0.25);
      events.scalar("hd95_mm/average", 302, Double.NaN);
      events.image("slices", 4_000_000_000L, png, 640, 480);
    }
    List<EventReader.Event> read = EventReader.read(file);
    assertEquals(5, read.size());
    assertEquals("brain.Event:2", read.get(0).version());
    assertEquals(1, read.get(1).sessionStatus());
    assertEquals(301, read.get(1).step());
    assertEquals("loss/total", read.get(2).tag());
    assertEquals(1.5f, read.get(2).value());
    assertEquals(302, read.get(3).step());
    assertEquals(-0.25f, read.get(3).value());
    EventReader.Event image = read.get(4);
    assertEquals("slices", image.tag());
    assertEquals(4_000_000_000L, image.step());
    assertArrayEquals(png, image.png());
    assertEquals(640, image.width());
    assertEquals(480, image.height());
    for (EventReader.Event event : read) {
      assertTrue(event.seconds() >= before && event.seconds() < before + 100);
    }
  }

  @Test
  void flushedRecordsAreThere() throws IOException {
    try (EventFile events = EventFile.create(folder, 1)) {
      events.scalar("a", 1, 1);
      assertEquals(0, Files.size(events.path()));
      events.flush();
      assertEquals(3, EventReader.read(events.path()).size());
    }
  }

  @Test
  void laterFilesSortAfterThoseThere() throws IOException {
    long future = System.currentTimeMillis() / 1000 + 5000;
    Files.createFile(folder.resolve("events.out.tfevents." + future + ".zzz"));
    for (int i = 1; i < 4; i++) {
      try (EventFile events = EventFile.create(folder, 1)) {
        String name = events.path().getFileName().toString();
        assertTrue(name.startsWith("events.out.tfevents." + (future + i) + "."), name);
      }
    }
  }

  @Test
  void folderThatCannotBeMade() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    String message =
        assertThrows(FileWriteException.class, () -> EventFile.create(file, 1)).getMessage();
    assertTrue(message.contains(file.toString()) && message.contains("--resume"), message);
  }

  @Test
  void fullDisk() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "no /dev/full here");
    RecordStream stream = new RecordStream(Files.newOutputStream(full));
    stream.write(new byte[10]);
    assertThrows(IOException.class, stream::flush);
  }
}
