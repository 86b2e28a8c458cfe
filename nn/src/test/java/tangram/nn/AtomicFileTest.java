package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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

  @Test
  void temporariesCannotBeForeseenAndAreMadeExclusively() throws IOException {
    Path file = folder.resolve("text");
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      AtomicFile.writePath(
          file,
          temporary -> {
            names.add(temporary.getFileName().toString());
            assertTrue(Files.isRegularFile(temporary), "it is there before anything is written");
            Files.writeString(temporary, "x");
          });
    }
    assertEquals(20, names.size());
    names.forEach(name -> assertTrue(name.matches("\\.text\\.[0-9a-f]{16}\\.tmp"), name));
  }

  @Test
  void aLinkIsReplacedAndItsTargetUntouched() throws IOException {
    Path target = Files.writeString(folder.resolve("elsewhere"), "precious");
    Path link = Files.createSymbolicLink(folder.resolve("link"), target);
    AtomicFile.write(link, "new".getBytes());
    assertEquals("precious", Files.readString(target));
    assertEquals("new", Files.readString(link));
    assertTrue(Files.isRegularFile(link, LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void whatIsNoFileIsNotReplaced() throws IOException, InterruptedException {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    for (Path file : List.of(pipe, Path.of("/dev/null"))) {
      assertMessage(file, "is a device, a pipe or a socket");
      assertFalse(Files.isRegularFile(file));
      assertTrue(Files.exists(file));
    }
    assertEquals(List.of(pipe), children(folder));
  }

  @Test
  void sweepsWhatKilledProcessesLeftAndNothingElse() throws IOException {
    for (String name :
        List.of(
            ".metrics.csv.0123456789abcdef.tmp",
            ".other.csv.0123456789abcdef.tmp",
            ".metrics.csv.tmp",
            "metrics.csv")) {
      Files.writeString(folder.resolve(name), "x");
    }
    Files.createDirectory(folder.resolve(".metrics.csv.00000000000000ff.tmp"));
    AtomicFile.sweep(folder, name -> name.equals("metrics.csv"));
    assertEquals(
        Set.of(
            ".other.csv.0123456789abcdef.tmp",
            ".metrics.csv.tmp",
            "metrics.csv",
            ".metrics.csv.00000000000000ff.tmp"),
        children(folder).stream()
            .map(file -> file.getFileName().toString())
            .collect(Collectors.toSet()));
    AtomicFile.sweep(folder.resolve("none"), name -> true);
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
