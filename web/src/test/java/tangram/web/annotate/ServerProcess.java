package tangram.web.annotate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@link TestServer} in a process of its own, which can come to a bad end. */
public final class ServerProcess implements AutoCloseable {
  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
  private static final Pattern URL = Pattern.compile("http://\\S+#t=\\S+\n");

  private final Process process;
  private final String url;

  /**
   * Starts a server and waits until it answers.
   *
   * @param folder of the scans
   * @param port 0 for any that is free
   */
  public ServerProcess(Path folder, int port) throws IOException, InterruptedException {
    Path output = Files.createTempFile("server", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-Xmx512m"));
    command.addAll(List.of("-XX:-UsePerfData", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(TestServer.class.getName(), folder.toString(), Integer.toString(port)));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      Matcher found = URL.matcher("");
      while (!found.reset(Files.readString(output)).find()) {
        if (!process.isAlive()) {
          throw new AssertionError("the server ended: " + Files.readString(output));
        }
        Thread.sleep(20);
      }
      url = found.group().strip();
    } finally {
      // The process goes on writing to it.
      Files.delete(output);
    }
  }

  /** Where the page is, with the token that it needs. */
  public String url() {
    return url;
  }

  /** Whether {@link #limitFiles} works here. */
  public static boolean canLimitFiles() {
    return Files.isExecutable(PRLIMIT);
  }

  /**
   * Lets no file grow beyond a size from now on, which does to a process what a full disk does.
   *
   * @param bytes or {@code unlimited}
   */
  public void limitFiles(String bytes) throws IOException, InterruptedException {
    String limit = "--fsize=" + bytes + ":unlimited";
    int result =
        new ProcessBuilder(PRLIMIT.toString(), limit, "--pid", Long.toString(process.pid()))
            .inheritIO()
            .start()
            .waitFor();
    if (result != 0) {
      throw new AssertionError("prlimit: " + result);
    }
  }

  /** Ends it as {@code kill -9} does. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
