package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jshell.tool.JavaShellToolBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session of {@code bin/tangram}: the real JShell, with the launcher's start. */
class JShellTest {
  @Test
  @Timeout(120)
  void aSessionReadsAsItDid() throws Exception {
    List<String> golden = golden();
    String typed =
        golden.stream()
            .filter(JShellTest::isTyped)
            .map(line -> line.substring(8))
            .collect(Collectors.joining("\n", "\n", "\n/exit\n"));
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(answers, true, StandardCharsets.UTF_8);
    // The console repeats what is typed, by pieces of any length, so that it goes elsewhere.
    PrintStream console = new PrintStream(OutputStream.nullOutputStream());
    int code =
        JavaShellToolBuilder.builder()
            // No history of the user's own.
            .persistence(new HashMap<>())
            .in(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)), null)
            .out(out, console, out)
            .err(out)
            .start(
                "--class-path",
                System.getProperty("java.class.path"),
                "--startup",
                "DEFAULT",
                "--startup",
                Repository.root().resolve("bin/startup.jsh").toString(),
                "-R--add-modules=jdk.incubator.vector");
    String shown =
        answers
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.matches("\\|  (Welcome|For an|Goodbye|      at ).*"))
            .collect(Collectors.joining("\n"));
    String expected =
        golden.stream().filter(line -> !isTyped(line)).collect(Collectors.joining("\n"));
    assertEquals(expected, shown);
    assertEquals(0, code);
  }

  private static boolean isTyped(String line) {
    return line.startsWith("jshell> ") || line.startsWith("   ...> ");
  }

  private static List<String> golden() throws IOException {
    try (InputStream in = JShellTest.class.getResourceAsStream("session.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
