package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.FileWriteException;

/** Standard output that is full or closed, and outputs that are not files. */
@Timeout(60)
class OutputTest {
  private static final String LOCALE = "C.UTF-8";

  @TempDir Path folder;

  /** A case to score. */
  @BeforeEach
  void pair() throws IOException {
    Path pairs = Files.createDirectory(folder.resolve("pairs"));
    short[] classes = {0, 1, 2, 3, 0, 1, 2, 3};
    for (String name : List.of("a_pred.nii", "a_gt.nii")) {
      RawNifti.store(pairs.resolve(name), RawNifti.make(ByteOrder.LITTLE_ENDIAN, classes, 2, 2, 2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "train --help", "devices", "evaluate --pairs pairs"})
  void aFullStandardOutputIsAFailure(String command) throws Exception {
    Cli.shell(folder, LOCALE, "\"$@\" >/dev/full", (Object[]) command.split(" "))
        .assertFailed(
            Program.FAILED, "standard output cannot be written", "No space left on device");
  }

  @Test
  void aClosedStandardOutputIsAFailure() throws Exception {
    Cli.shell(folder, LOCALE, "\"$@\" >&-", "evaluate", "--pairs", "pairs")
        .assertFailed(Program.FAILED, "standard output cannot be written");
  }

  @Test
  void aReaderThatGoesAwayIsAFailureWithoutWords() throws Exception {
    String script = "{ \"$@\"; echo $? >code; } | sleep 0";
    Cli.Result result = Cli.shell(folder, LOCALE, script, "evaluate", "--pairs", "pairs");
    assertEquals("", result.err());
    assertEquals("1", Files.readString(folder.resolve("code")).strip());
  }

  @Test
  void aFailureKeepsItsOwnCode() throws Exception {
    Cli.shell(folder, LOCALE, "\"$@\" >/dev/full", "evaluate")
        .assertFailed(Program.USAGE, "--pairs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})
  void scoresGoToStandardOutputAheadOfTheTable(String csv) throws Exception {
    for (String script : List.of("\"$@\"", "\"$@\" | cat", "\"$@\" >f; cat f; rm f")) {
      Cli.Result result =
          Cli.shell(folder, LOCALE, script, "evaluate", "--pairs", "pairs", "--csv", csv)
              .assertDone();
      List<String> lines = result.out().lines().toList();
      assertTrue(lines.get(0).startsWith("case,"), result.out());
      assertTrue(lines.get(1).startsWith("a,"), result.out());
      assertTrue(result.out().contains("Mean (standard deviation)"), result.out());
    }
  }

  @Test
  void otherDescriptorsAreWrittenTo() throws Exception {
    String script = "\"$@\" 3>third";
    Cli.shell(folder, LOCALE, script, "evaluate", "--pairs", "pairs", "--csv", "/dev/fd/3")
        .assertDone();
    assertTrue(Files.readString(folder.resolve("third")).startsWith("case,"));
  }

  @Test
  void devicesStayWhatTheyAre() {
    Cli.run("evaluate", "--pairs", folder.resolve("pairs"), "--csv", "/dev/null").assertDone();
    assertFalse(Files.isRegularFile(Path.of("/dev/null")));
    Cli.run("evaluate", "--pairs", folder.resolve("pairs"), "--csv", "/dev/full")
        .assertFailed(Program.FAILED, "/dev/full: cannot be written", "No space left");
  }

  @Test
  void aPipeIsWrittenTo() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Process reader = new ProcessBuilder("cat", pipe.toString()).start();
    OutputFile.write(pipe, "text".getBytes(StandardCharsets.UTF_8));
    assertTrue(reader.waitFor(30, TimeUnit.SECONDS));
    assertEquals("text", new String(reader.getInputStream().readAllBytes()));
    assertFalse(Files.isRegularFile(pipe));
  }

  @Test
  void aLinkThatTheUserNamesIsFollowed() throws IOException {
    Path target = Files.writeString(folder.resolve("target"), "before");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("target"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), link);
    OutputFile.write(second, "after".getBytes(StandardCharsets.UTF_8));
    assertEquals("after", Files.readString(target));
    assertTrue(Files.isSymbolicLink(link) && Files.isSymbolicLink(second));
    assertEquals(target, OutputFile.replaceable(second));
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("new/file"));
    OutputFile.write(dangling, "made".getBytes(StandardCharsets.UTF_8));
    assertEquals("made", Files.readString(folder.resolve("new/file")));
    Path circle = folder.resolve("circle");
    Files.createSymbolicLink(circle, circle);
    assertThrows(FileWriteException.class, () -> OutputFile.write(circle, new byte[1]));
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.toString().endsWith(".tmp")));
    }
  }

  @Test
  void weightsNeedAFile() {
    for (String device : List.of("/dev/null", "/dev/stdout")) {
      assertTrue(
          assertThrows(FileWriteException.class, () -> OutputFile.replaceable(Path.of(device)))
              .getMessage()
              .startsWith(device + ": is a device"));
      assertFalse(Files.isRegularFile(Path.of(device), LinkOption.NOFOLLOW_LINKS));
    }
  }
}
