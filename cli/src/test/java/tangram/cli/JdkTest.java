package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the scripts find a JDK, and bring one where there is none. */
@Timeout(60)
class JdkTest {
  private static final String FETCH =
      "jdk=$(fetch_jdk) || exit 1; \"$jdk/bin/java\" works; echo $jdk";

  @TempDir Path folder;
  private Shell shell;

  @BeforeEach
  void shell() throws IOException {
    shell = new Shell("sh", folder).with("XDG_CACHE_HOME", folder.resolve("the cache"));
  }

  @Test
  void versionsAreComparedWhole() throws Exception {
    Map<String, Boolean> recent =
        Map.ofEntries(
            Map.entry("25.0.3", true),
            Map.entry("25.0.10", true),
            Map.entry("25.0.3.1", true),
            Map.entry("25.1", true),
            Map.entry("25.1.0", true),
            Map.entry("26", true),
            Map.entry("26-ea", true),
            Map.entry("100.0.1", true),
            Map.entry("25", false),
            Map.entry("25-ea", false),
            Map.entry("25.0.0", false),
            Map.entry("25.0.2", false),
            Map.entry("24.9.9", false),
            Map.entry("17.0.15", false),
            Map.entry("1.8.0_442", false),
            Map.entry("", false));
    for (String version : recent.keySet()) {
      Shell.Result result =
          shell.functions("if is_recent '" + version + "'; then echo true; else echo false; fi");
      assertEquals(recent.get(version).toString(), result.out().strip(), version);
      assertEquals("", result.err());
    }
  }

  @Test
  void whatWillDoToRunAndToBuild() throws Exception {
    Path runtime = shell.jdk("runtime", "25.0.3");
    Files.delete(runtime.resolve("bin/javac"));
    assertEquals("run", uses(runtime));
    assertEquals("run build", uses(shell.jdk("good", "26")));
    assertEquals("", uses(shell.jdk("old", "25.0.2")));
    Path small = shell.jdk("small", "25.0.3");
    Shell.write(small.resolve("release"), "JAVA_VERSION=\"25.0.3\"\nMODULES=\"java.base\"\n");
    assertEquals("", uses(small));
    // Without the file, Java itself is asked.
    Path silent = shell.jdk("silent", "25.0.3");
    Files.delete(silent.resolve("release"));
    assertEquals("", uses(silent));
    Path real = shell.jdk("shim", "25.0.3");
    Files.delete(real.resolve("release"));
    Shell.script(
        real.resolve("bin/java"),
        "echo '    java.home = " + folder.resolve("good") + "' >&2",
        "echo '    java.version = 25.0.4' >&2");
    assertEquals("run build", uses(real));
  }

  private String uses(Path jdk) throws Exception {
    return shell
        .functions(
            "! will_do '" + jdk + "' run || echo run; ! will_do '" + jdk + "' jdk || echo build")
        .assertDone()
        .out()
        .strip()
        .replace('\n', ' ');
  }

  @Test
  void anOldJavaOnThePathAndInJavaHomeIsPassedOver() throws Exception {
    Path old = shell.jdk("old", "17.0.15");
    shell.jdk("home/.jdks/new", "99.0.1");
    shell.with("JAVA_HOME", old).with("PATH", old.resolve("bin") + ":" + System.getenv("PATH"));
    String found = shell.functions("find_jdk; echo $jdk; echo $java").assertDone().out();
    assertFalse(found.contains(old.toString()), found);
  }

  @Test
  void anArchiveIsFetchedOnce() throws Exception {
    Path archive = archive("25.0.3");
    shell.with("TANGRAM_JDK", archive);
    Shell.Result first = shell.functions(FETCH).assertDone();
    assertEquals(1, first.err().lines().count(), first.err());
    assertTrue(first.err().contains(archive.toString()), first.err());
    assertTrue(first.err().contains("the cache/tangram/jdk"), first.err());
    assertTrue(first.out().contains("works"), first.out());
    Files.delete(archive);
    Shell.Result second = shell.functions(FETCH).assertDone();
    assertEquals("", second.err());
    assertEquals(first.out(), second.out());
    assertNothingElse();
  }

  @Test
  void anArchiveIsFetchedFromAServer() throws Exception {
    Path archive = archive("25.0.3");
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
          byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[1];
          exchange.sendResponseHeaders(Files.exists(file) ? 200 : 404, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    try {
      shell.with("TANGRAM_JDK", url + archive.getFileName()).functions(FETCH).assertDone();
      shell.with("XDG_CACHE_HOME", folder.resolve("second"));
      shell
          .with("TANGRAM_JDK", url + "none.tar.gz")
          .functions(FETCH)
          .assertFailed("cannot fetch " + url + "none.tar.gz.sha256.txt", "404");
    } finally {
      server.stop(0);
    }
    shell.functions(FETCH).assertFailed("cannot fetch " + url);
    shell.lacking("curl", "wget").functions(FETCH).assertFailed("needs curl or wget");
  }

  @Test
  void ofTwoAtOnceOneFetches() throws Exception {
    Path archive = archive("25.0.3");
    Shell.Result result =
        shell
            .with("TANGRAM_JDK", archive)
            .functions("(fetch_jdk) & (fetch_jdk) & (fetch_jdk) & wait");
    assertEquals(1, result.out().lines().distinct().count(), result.out());
    assertEquals(3, result.out().lines().count(), result.err());
    assertEquals(1, result.err().lines().filter(line -> line.contains("fetching Temurin")).count());
    assertNothingElse();
  }

  @Test
  void whatIsDamagedOrUnsuitableIsRefused() throws Exception {
    Path archive = archive("25.0.3");
    byte[] bytes = Files.readAllBytes(archive);
    Path sum = Path.of(archive + ".sha256.txt");
    shell.with("TANGRAM_JDK", archive);

    Files.write(archive, Arrays.copyOf(bytes, bytes.length / 2));
    shell.functions(FETCH).assertFailed(archive + " is damaged", "SHA-256");
    writeSum(archive);
    shell.functions(FETCH).assertFailed(archive + " cannot be unpacked");
    Files.writeString(sum, "<html>");
    shell.functions(FETCH).assertFailed(archive + " is damaged", "says '<html>'");
    Files.delete(sum);
    shell.functions(FETCH).assertFailed("cannot fetch " + sum);
    archive("25.0.2");
    shell.functions(FETCH).assertFailed("not a JDK 25.0.3 or later");
    Files.delete(folder.resolve("archived/jdk-25/bin/javac"));
    pack(archive);
    shell.functions(FETCH).assertFailed("no archive of a JDK");
    archive("25.0.3");
    Shell.script(folder.resolve("archived/jdk-25/bin/java"), "echo wrong machine >&2; exit 1");
    pack(archive);
    shell.functions(FETCH).assertFailed("does not run on this machine", "wrong machine");
    try (Stream<Path> files = Files.list(cached())) {
      assertEquals(List.of("lock"), files.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test
  void fetchingCanBeForbiddenOrImpossible() throws Exception {
    shell.with("TANGRAM_JDK", "none").functions(FETCH).assertFailed("TANGRAM_JDK=none forbids");
    assertFalse(Files.exists(folder.resolve("the cache")));
    Path file = Files.createFile(folder.resolve("file"));
    shell
        .with("TANGRAM_JDK", archive("25.0.3"))
        .with("XDG_CACHE_HOME", file)
        .functions(FETCH)
        .assertFailed("cannot write to " + file, "XDG_CACHE_HOME");
    shell
        .without("XDG_CACHE_HOME")
        .without("HOME")
        .functions(FETCH)
        .assertFailed("there is no HOME");
  }

  @Test
  void mavenRunsOnTheJdkThatIsFound() throws Exception {
    for (String name : List.of("with space", "c:1")) {
      Path root = shell.checkout(name);
      Shell.script(
          root.resolve("mvnw"),
          "set -euf",
          ". \"$(dirname \"$0\")/bin/maven.sh\"",
          "echo $JAVA_HOME");
      Path out = folder.resolve("out");
      ProcessBuilder builder =
          new ProcessBuilder(root.resolve("mvnw").toString())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile());
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      Process process = builder.start();
      boolean colon = name.contains(":");
      assertEquals(colon ? 1 : 0, process.waitFor(), Files.readString(out));
      assertTrue(
          colon
              ? Files.readString(out).contains("because of the colon")
              : Files.exists(Path.of(Files.readString(out).strip(), "bin/javac")),
          Files.readString(out));
    }
    String mvnw = Files.readString(Repository.root().resolve("mvnw"));
    assertTrue(mvnw.contains("\n. \"$(dirname \"$0\")/bin/maven.sh\"\n"));
  }

  private Path cached() throws IOException {
    try (Stream<Path> platforms = Files.list(folder.resolve("the cache/tangram/jdk"))) {
      return platforms.findFirst().orElseThrow();
    }
  }

  /** Checks that the cache holds one JDK and its lock. */
  private void assertNothingElse() throws IOException {
    try (Stream<Path> files = Files.list(cached())) {
      assertEquals(2, files.count());
    }
  }

  /** Packs what passes for a JDK. */
  private Path archive(String version) throws Exception {
    Path jdk = shell.jdk("archived/jdk-25", version);
    assertTrue(Files.exists(jdk));
    return pack(folder.resolve("jdk.tar.gz"));
  }

  private Path pack(Path archive) throws Exception {
    assertEquals(
        0,
        new ProcessBuilder("tar", "-czf", archive.toString(), "jdk-25")
            .directory(folder.resolve("archived").toFile())
            .start()
            .waitFor());
    writeSum(archive);
    return archive;
  }

  private static void writeSum(Path archive) throws Exception {
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(archive));
    Files.writeString(
        Path.of(archive + ".sha256.txt"), HexFormat.of().formatHex(sum) + "  jdk.tar.gz\n");
  }

  @Test
  void defectiveJavaIsToldOf() {
    assertTrue(Build.warning(Runtime.Version.parse("25.0.2")).contains("25.0.3"));
    assertTrue(Build.warning(Runtime.Version.parse("25")).contains("25.0.3"));
    assertNull(Build.warning(Runtime.Version.parse("25.0.3")));
    assertNull(Build.warning(Runtime.Version.parse("26")));
  }
}
