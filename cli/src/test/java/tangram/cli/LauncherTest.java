package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher {@code bin/pclmix}: when it builds, where, and how it starts Java. */
@Timeout(60)
class LauncherTest {
  @TempDir Path folder;

  /** The shells of this machine that may run the scripts. */
  static Stream<String> shells() {
    return Stream.of("sh", "bash").filter(LauncherTest::isThere);
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void buildsWhenTheSourcesDifferAndOnlyThen(String name) throws Exception {
    Shell shell = new Shell(name, folder);
    Path root = shell.checkout("root");
    assertTrue(shell.run(root).assertDone().err().contains("building (first use)"));
    assertEquals("", shell.run(root).assertDone().err());

    Path source = root.resolve("x/y/src/main/B");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plus(1, ChronoUnit.DAYS)));
    Files.setLastModifiedTime(root.resolve("pom.xml"), FileTime.from(Instant.EPOCH));
    shell.run(root).assertDone();
    assertEquals(1, shell.count(), "times do not count");

    Files.writeString(source, "other");
    assertTrue(shell.run(root).assertDone().err().contains("building (sources have changed)"));
    Path more = Shell.write(root.resolve("cli/src/main/folder/C"), "c");
    shell.run(root).assertDone();
    assertEquals(3, shell.count(), "a new file");
    Files.delete(more);
    shell.run(root).assertDone();
    assertEquals(3, shell.count(), "as it was before");
    Files.delete(source);
    shell.run(root).assertDone();
    assertEquals(4, shell.count(), "a file less");
    Shell.write(root.resolve("cli/src/main/.C.swp"), "of an editor");
    Shell.write(root.resolve("cli/src/test/D"), "of a test");
    shell.run(root).assertDone();
    assertEquals(4, shell.count(), "no source of the program");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flock", "none"})
  void ofThreeFirstStartsOneBuilds(String lock) throws Exception {
    Shell shell = new Shell("sh", folder).with("BUILD_SECONDS", 2);
    if (lock.equals("none")) {
      shell.lacking("flock");
    }
    Path root = shell.checkout("root");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(shell.start(root, "log" + i));
    }
    int waited = 0;
    for (int i = 0; i < 3; i++) {
      Shell.Result result = shell.result(processes.get(i), "log" + i).assertDone();
      assertTrue(result.out().contains("tangram.cli/tangram.cli.Main"), result.out());
      waited += result.err().contains("waiting for another process") ? 1 : 0;
    }
    assertEquals(1, shell.count());
    assertEquals(2, waited);
    assertEquals(1, builds(root).size(), "something is left behind");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flock", "none"})
  void aBuildThatWasKilledIsForgotten(String lock) throws Exception {
    Shell shell = new Shell("sh", folder).with("BUILD_SECONDS", 30);
    if (lock.equals("none")) {
      shell.lacking("flock");
    }
    Path root = shell.checkout("root");
    Process process = shell.start(root, "killed");
    while (shell.count() == 0) {
      Thread.sleep(10);
    }
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    process.waitFor();
    shell.with("BUILD_SECONDS", 0).run(root).assertDone();
    assertEquals(2, shell.count());
    assertEquals(1, builds(root).size(), "something is left behind");
  }

  @Test
  void aBuildThatIsInterruptedLeavesNothing() throws Exception {
    Shell shell = new Shell("sh", folder).with("BUILD_SECONDS", 1).lacking("flock");
    Path root = shell.checkout("root");
    Process process = shell.start(root, "interrupted");
    while (shell.count() == 0) {
      Thread.sleep(10);
    }
    // As a terminal does: all of them hear it.
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.forEach(ProcessHandle::destroy);
    assertFalse(process.waitFor() == 0);
    for (ProcessHandle one : all) {
      one.onExit().get();
    }
    assertEquals(List.of(), builds(root));
  }

  @Test
  void oldBuildsAreRemovedUnlessProgramsRunFromThem() throws Exception {
    assumeTrue(isThere("flock"));
    Shell shell = new Shell("sh", folder);
    Path root = shell.checkout("root");
    shell.run(root).assertDone();
    Path first = builds(root).get(0);
    Shell.script(folder.resolve("jdk/bin/java"), "echo runs; exec sleep 60");
    Process running = shell.start(root, "running");
    while (!Files.readString(folder.resolve("running.out")).contains("runs")) {
      Thread.sleep(10);
    }
    Shell.script(folder.resolve("jdk/bin/java"), "");
    for (int i = 0; i < 2; i++) {
      Files.setLastModifiedTime(first, FileTime.from(Instant.now().minus(10, ChronoUnit.DAYS)));
      Shell.write(root.resolve("cli/src/main/A"), "changed " + i);
      shell.run(root).assertDone();
      assertEquals(i == 0, Files.exists(first));
      running.destroyForcibly().waitFor();
    }
    assertEquals(2, builds(root).size(), "the others are young");
  }

  @Test
  void aBuildThatFailsIsTriedAgain() throws Exception {
    Shell shell = new Shell("sh", folder);
    Path root = shell.checkout("root");
    Path fails = Files.createFile(folder.resolve("fails"));
    Shell.Result result = shell.run(root).assertFailed("pclmix: the build failed");
    assertTrue(result.err().contains("COMPILATION ERROR"), result.err());
    assertEquals(List.of(), builds(root));
    Files.delete(fails);
    shell.run(root).assertDone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"with space", "it's", "a\"b", "a\\nb", "c:1", "$(x) `y` *", "Gr\u00fcn"})
  void anyPathWillDo(String name) throws Exception {
    Shell shell = new Shell("sh", folder).with("LC_ALL", "C");
    Path root = shell.checkout(name);
    Path link = Files.createSymbolicLink(folder.resolve("link"), root.resolve("bin/pclmix"));
    for (Path start : List.of(root, folder)) {
      Path path = folder.resolve("bin/pclmix");
      if (start.equals(folder)) {
        Files.createDirectories(path.getParent());
        Files.createSymbolicLink(path, link);
      }
      List<String> arguments =
          shell.run(start, "train", "--out", "a b").assertDone().out().lines().toList();
      Path app = Path.of(arguments.get(arguments.indexOf("-p") + 1));
      assertTrue(Files.exists(app.resolve("tangram-cli-1.jar")), app.toString());
      assertTrue(Files.exists(app.resolve("lib.jar")), app.toString());
      assertFalse(app.toString().contains(":"), "Java would take it for two");
      assertEquals(
          List.of("train", "--out", "a b"),
          arguments.subList(arguments.size() - 3, arguments.size()));
    }
    assertEquals(1, shell.count());
  }

  @Test
  void aCheckoutThatCannotBeWrittenWorksOnceItIsBuilt() throws Exception {
    Shell shell = new Shell("sh", folder);
    Path root = shell.checkout("root");
    // In place of a folder without permission, which means nothing to root.
    Shell.write(root.resolve("cli/target"), "");
    shell.run(root).assertFailed("must be built (first use)", "cannot write to " + root);
    assertEquals(0, shell.count());
    Files.delete(root.resolve("cli/target"));
    shell.run(root).assertDone();
    Files.delete(root.resolve("cli/target/apps/lock"));
    Files.createDirectory(root.resolve("cli/target/apps/lock"));
    shell.run(root).assertDone();
    Shell.write(root.resolve("cli/src/main/A"), "changed");
    shell.run(root).assertFailed("must be built (sources have changed)", "cannot write to " + root);
  }

  @Test
  void aFullDiskIsTold() throws Exception {
    Shell shell = new Shell("sh", folder).lacking("cp");
    Shell.script(folder.resolve("path/cp"), "echo 'cp: No space left on device' >&2; exit 1");
    Path root = shell.checkout("root");
    shell.run(root).assertFailed("cannot copy the sources", "No space left on device");
    assertEquals(List.of(), builds(root));
  }

  @Test
  void javaIsStartedWithALocaleThatSpellsAllNames() throws Exception {
    Shell shell = new Shell("sh", folder);
    Path root = shell.checkout("root");
    for (String locale : List.of("C", "POSIX", "xx_YY.UTF-8")) {
      String out = shell.with("LC_ALL", locale).run(root).assertDone().out();
      assertTrue(out.startsWith("locale C.UTF-8\n"), out);
    }
    String out = shell.lacking("locale").with("LC_ALL", "C").run(root).assertDone().out();
    assertTrue(out.startsWith("locale C.UTF-8\n"), out);
    out = shell.with("LC_ALL", "C.UTF-8").run(root).assertDone().out();
    assertTrue(out.startsWith("locale C.UTF-8\n"), out);
  }

  private static List<Path> builds(Path root) throws IOException {
    Path apps = root.resolve("cli/target/apps");
    if (!Files.exists(apps)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(apps)) {
      return files.filter(Files::isDirectory).toList();
    }
  }
}
