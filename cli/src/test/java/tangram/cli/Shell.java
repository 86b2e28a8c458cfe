package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs the scripts of {@code bin/} in a small checkout, with programs made up in place of Java and
 * Maven.
 */
final class Shell {
  private static final String PROGRAMS =
      "cat chmod cksum cp curl cut dirname find flock gzip head locale ls mkdir mktemp mv openssl"
          + " readlink rm sed sh sha256sum sleep sort tail tar touch tr uname wget";

  private final String shell;
  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();

  /**
   * Makes a JDK that tells how it is started, and a home.
   *
   * @param shell that runs the scripts
   * @param folder for everything
   */
  Shell(String shell, Path folder) throws IOException {
    this.shell = shell;
    this.folder = folder;
    environment.put("JAVA_HOME", jdk("jdk", "25.0.3").toString());
    environment.put("HOME", Files.createDirectories(folder.resolve("home")).toString());
    environment.put("PATH", System.getenv("PATH"));
  }

  /** What came of a script. */
  record Result(int code, String out, String err) {
    Result assertDone() {
      assertEquals(0, code, err);
      return this;
    }

    /** Checks that it ended with one sentence, after whatever else, that holds these words. */
    Result assertFailed(String... words) {
      assertEquals(1, code, err);
      String[] lines = err.strip().split("\n");
      String last = lines[lines.length - 1];
      for (String word : words) {
        assertTrue(last.contains(word), "'" + word + "' is not in: " + err);
      }
      assertTrue(last.endsWith("."), err);
      return this;
    }
  }

  /** Sets a variable of the environment. */
  Shell with(String name, Object value) {
    environment.put(name, value.toString());
    return this;
  }

  /** Removes a variable from the environment. */
  Shell without(String name) {
    environment.remove(name);
    return this;
  }

  /** Makes what passes for a JDK; its java prints its arguments and locale, a line each. */
  Path jdk(String name, String version) throws IOException {
    Path jdk = folder.resolve(name);
    script(jdk.resolve("bin/javac"), "");
    script(jdk.resolve("bin/java"), "echo \"locale $LC_ALL\"; printf '%s\\n' \"$@\"");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return jdk;
  }

  /** Makes a checkout whose build takes a moment and leaves a line in the file {@code builds}. */
  Path checkout(String name) throws IOException {
    Path root = folder.resolve(name);
    for (String file :
        List.of("pom.xml", ".mvn/maven.config", "cli/pom.xml", "cli/src/main/A", "x/y/pom.xml")) {
      write(root.resolve(file), file);
    }
    write(root.resolve("x/y/src/main/B"), "b");
    try (Stream<Path> scripts = Files.list(Repository.root().resolve("bin"))) {
      for (Path script : scripts.toList()) {
        Files.createDirectories(root.resolve("bin"));
        Files.copy(script, root.resolve("bin").resolve(script.getFileName()));
      }
    }
    script(
        root.resolve("mvnw"),
        "cd \"$(dirname \"$0\")\"; echo built >>'" + builds() + "'",
        "[ ! -f '" + folder.resolve("fails") + "' ] || { echo COMPILATION ERROR; exit 1; }",
        "sleep ${BUILD_SECONDS:-0}",
        "mkdir -p cli/target/lib; cat cli/src/main/* x/y/src/main/* >cli/target/tangram-cli-1.jar",
        "echo lib >cli/target/lib/lib.jar");
    return root;
  }

  /** Where builds leave a line each. */
  Path builds() {
    return folder.resolve("builds");
  }

  /** How often anything was built. */
  int count() throws IOException {
    return Files.exists(builds()) ? Files.readAllLines(builds()).size() : 0;
  }

  /** Puts a few programs on the PATH, all that the scripts need, but for these. */
  Shell lacking(String... programs) throws IOException {
    Path path = Files.createDirectory(folder.resolve("path"));
    for (String program : PROGRAMS.split(" ")) {
      for (String from : System.getenv("PATH").split(":")) {
        Path there = Path.of(from, program);
        if (Files.isExecutable(there) && !Arrays.asList(programs).contains(program)) {
          script(path.resolve(program), "exec " + there + " \"$@\"");
          break;
        }
      }
    }
    return with("PATH", path);
  }

  /** Starts the launcher of a checkout. */
  Process start(Path root, String log, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(shell, root.resolve("bin/pclmix").toString()));
    command.addAll(List.of(arguments));
    return process(command, log);
  }

  /** Runs the launcher of a checkout. */
  Result run(Path root, String... arguments) throws IOException, InterruptedException {
    return result(start(root, "log", arguments), "log");
  }

  /** Runs a script, with the functions of {@code bin/} at hand. */
  Result functions(String script) throws IOException, InterruptedException {
    String before =
        "root='"
            + Repository.root()
            + "'; fail() { echo \"test: $*\" >&2; exit 1; }; "
            + ". \"$root/bin/java.sh\"; . \"$root/bin/fetch-jdk.sh\"; ";
    return result(process(List.of(shell, "-u", "-c", before + script), "log"), "log");
  }

  /** Waits for what {@link #start} began. */
  Result result(Process process, String log) throws IOException, InterruptedException {
    int code = process.waitFor();
    return new Result(
        code,
        Files.readString(folder.resolve(log + ".out")),
        Files.readString(folder.resolve(log + ".err")));
  }

  private Process process(List<String> command, String log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve(log + ".out").toFile())
            .redirectError(folder.resolve(log + ".err").toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Writes a file, in a folder that is made if need be. */
  static Path write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** Writes a script that can be run. */
  static void script(Path file, String... lines) throws IOException {
    write(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }
}
