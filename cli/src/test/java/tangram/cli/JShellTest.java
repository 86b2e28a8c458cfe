package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A session of {@code bin/tangram}: the real JShell, with the launcher's start. */
class JShellTest {
  @TempDir private Path folder;

  @Test
  @Timeout(120)
  void aSessionReadsAsItDid() throws Exception {
    List<String> golden = golden();
    String typed =
        golden.stream()
            .filter(line -> line.startsWith("jshell> ") || line.startsWith("   ...> "))
            .map(line -> line.substring(8))
            .collect(Collectors.joining("\n", "\n", "\n/exit\n"));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jshell").toString(),
                "--class-path",
                System.getProperty("java.class.path"),
                "--startup",
                "DEFAULT",
                "--startup",
                Repository.root().resolve("bin/startup.jsh").toString(),
                "-R--add-modules=jdk.incubator.vector",
                // No history of the user's own.
                "-J-Djava.util.prefs.userRoot=" + folder)
            .redirectInput(Files.writeString(folder.resolve("input"), typed).toFile())
            .redirectOutput(output.toFile())
            .redirectError(folder.resolve("errors").toFile())
            .start();
    assertEquals(0, process.waitFor(), Files.readString(folder.resolve("errors")));
    String expected =
        golden.stream()
            .filter(line -> !line.startsWith("jshell> ") && !line.startsWith("   ...> "))
            .collect(Collectors.joining("\n"));
    String shown =
        Files.readString(output)
            .lines()
            .map(line -> withoutEcho(line.replace("jshell> ", "").replace("   ...> ", ""), typed))
            .filter(line -> !line.isBlank())
            .filter(line -> !line.matches("\\|  (Welcome|For an|Goodbye|      at ).*"))
            .collect(Collectors.joining("\n"));
    assertEquals(expected, shown);
  }

  /** JShell repeats some of what it reads from a pipe. */
  private static String withoutEcho(String line, String typed) {
    return typed
        .lines()
        .filter(t -> !t.isEmpty() && line.startsWith(t))
        .findFirst()
        .map(t -> line.substring(t.length()))
        .orElse(line);
  }

  private static List<String> golden() throws IOException {
    try (InputStream in = JShellTest.class.getResourceAsStream("session.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
