package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names that the locale cannot spell, when Java is started without the launcher. */
@Timeout(60)
class LocaleTest {
  /** The shell writes names in bytes, whatever the locale of the tests. */
  private static final String UMLAUT = "u=$(printf '\\303\\274');";

  private static final String NO_UTF_8 = "u=$(printf '\\374');";

  @TempDir Path folder;

  @Test
  void aWorkingFolderThatCannotBeSpelledIsRefused() throws Exception {
    Cli.shell(
            folder,
            "C",
            UMLAUT + "mkdir Gr${u}n; cd Gr${u}n; \"$@\"",
            "phantom",
            "--out",
            "p",
            "--patients",
            "1")
        .assertFailed(Program.FAILED, "the working folder", "LC_ALL=C.UTF-8");
    assertEquals(1, children().size(), "a second folder was made");
    Cli.shell(
            folder,
            "C.UTF-8",
            NO_UTF_8 + "mkdir Gr${u}n; cd Gr${u}n; \"$@\"",
            "phantom",
            "--out",
            "p",
            "--patients",
            "1")
        .assertFailed(Program.FAILED, "the working folder", "rename");
    assertEquals(2, children().size(), "another folder was made");
  }

  @Test
  void anArgumentThatCannotBeSpelledIsRefused() throws Exception {
    for (List<String> how : List.of(List.of("C", UMLAUT), List.of("C.UTF-8", NO_UTF_8))) {
      Cli.shell(
              folder,
              how.get(0),
              how.get(1) + "\"$@\" \"Gr${u}n\"",
              "phantom",
              "--patients",
              "1",
              "--out")
          .assertFailed(Program.FAILED, "cannot be spelled in");
      assertEquals(Set.of(), children());
    }
  }

  @Test
  void aNameInAFileThatCannotBeSpelledIsRefused() throws Exception {
    Path run = folder.resolve("run");
    Cli.run(Cli.trainOnPhantoms(run, "--iterations", 1)).assertDone();
    Path config = run.resolve("config.properties");
    Files.writeString(
        config, Files.readString(config).replaceFirst("(?m)^data = .*", "data = /Gr\u00fcn"));
    Cli.Result result = Cli.shell(folder, "C", "\"$@\"", "train", "--resume", "run");
    assertEquals(Program.FAILED, result.code(), result.err());
    assertFalse(result.err().contains("\tat "), result.err());
  }

  @Test
  void whatUtf8CanSpellWorks() throws Exception {
    Cli.shell(
            folder,
            "C.UTF-8",
            UMLAUT + "mkdir Gr${u}n; cd Gr${u}n; \"$@\" \"M${u}\"",
            "phantom",
            "--patients",
            "1",
            "--out")
        .assertDone();
    // A replacement character can be a name's own, as archives that were unpacked badly have it.
    Cli.shell(
            folder,
            "C.UTF-8",
            "u=$(printf '\\357\\277\\275'); mkdir x${u}; cd x${u}; \"$@\" \"M${u}\"",
            "phantom",
            "--patients",
            "1",
            "--out")
        .assertDone();
    assertEquals(2, children().size());
  }

  private Set<String> children() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
