package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void writesAndReplacesAndMakesFolders() throws IOException {
    Path file = folder.resolve("a/b/text");
    AtomicFile.write(file, channel -> channel.write(ByteBuffer.wrap("one".getBytes())));
    assertEquals("one", Files.readString(file));
    AtomicFile.write(
        file,
        channel -> {
          channel.write(ByteBuffer.wrap("t".getBytes()));
          assertEquals("one", Files.readString(file), "readers see the previous contents");
        });
    assertEquals("t", Files.readString(file));
    assertEquals(List.of(file), children(file.getParent()));
  }

  @Test
  void writesBytesAndToAPath() throws IOException {
    Path file = folder.resolve("a/text");
    AtomicFile.write(file, "one".getBytes());
    AtomicFile.writePath(
        file,
        temporary -> {
          Files.writeString(temporary, "two");
          assertEquals("one", Files.readString(file), "readers see the previous contents");
        });
    assertEquals("two", Files.readString(file));
    assertEquals(List.of(file), children(file.getParent()));
    assertThrows(FileWriteException.class, () -> AtomicFile.writePath(file, temporary -> {}));
    assertEquals("two", Files.readString(file), "nothing was written");
  }

  @Test
  void aFullDiskLeavesThePreviousFile() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "before");
    FileWriteException e =
        assertThrows(
            FileWriteException.class,
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[100]));
                      throw new IOException("No space left on device");
                    }));
    assertEquals(
        file
            + ": cannot be written because of 'No space left on device'; choose a writable folder"
            + " with enough free space.",
        e.getMessage());
    assertEquals("before", Files.readString(file));
    assertEquals(List.of(file), children(folder));
  }

  @Test
  void otherFailuresPassThroughAndLeaveNothing() throws IOException {
    Path file = folder.resolve("text");
    IllegalStateException cause = new IllegalStateException();
    assertSame(
        cause,
        assertThrows(
            IllegalStateException.class,
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      throw cause;
                    })));
    assertEquals(List.of(), children(folder));
  }

  @Test
  void unusableTargetsAreNamed() throws IOException {
    Path target = Files.createDirectory(folder.resolve("taken"));
    assertMessage(target, "a folder has this name");
    Path regular = Files.writeString(folder.resolve("regular"), "x");
    assertMessage(regular.resolve("file"), regular + " is a file where a folder is needed");
    assertMessage(regular.resolve("sub/file"), "cannot be written because");
    assertEquals("x", Files.readString(regular));
    assertEquals(2, children(folder).size());
  }

  private static void assertMessage(Path file, String part) {
    String message =
        assertThrows(
                FileWriteException.class,
                () -> AtomicFile.write(file, channel -> channel.write(ByteBuffer.allocate(1))))
            .getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(part), message);
  }

  private static List<Path> children(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }
}
