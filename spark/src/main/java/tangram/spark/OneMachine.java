package tangram.spark;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.launcher.JavaModuleOptions;
import tangram.cli.ClusterException;

/**
 * A cluster of Spark within this machine: a Master and Workers, each a process, that listen on the
 * loopback address alone and take work only from whoever knows a secret, which this makes.
 * Everything ends with it.
 */
public final class OneMachine implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");
  private static final Pattern REGISTERED = Pattern.compile("Successfully registered with master");
  private static final String PROPERTIES = "spark.properties";
  private static final int START_SECONDS = 120;
  private static final int POLL_MILLIS = 100;

  /** Of the machine's memory, for the executors together; their tensors lie on the heap. */
  private static final double MEMORY_PART = 0.6;

  /**
   * Ends a process with the one that started it, however that ends, since its input ends then; and
   * leaves Ctrl-C, which a terminal sends to all, to that one.
   */
  private static final String GUARD =
      "trap '' INT HUP; exec 3<&0; \"$@\" </dev/null & p=$!;"
          + " { read -r line <&3; kill -9 $p; } & wait $p";

  private final Path folder;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<Process> processes = new ArrayList<>();

  /**
   * Starts the cluster and makes it the one that {@link SparkCluster} connects to.
   *
   * @param executors how many, each in a Worker of its own
   * @param cores of each
   * @param megabytes heap of each, at least 450
   * @param more settings of Spark
   * @throws ClusterException if it does not start
   */
  public OneMachine(int executors, int cores, int megabytes, Map<String, String> more) {
    try {
      folder = Files.createTempDirectory("pclmix-spark");
      byte[] secret = new byte[32];
      new SecureRandom().nextBytes(secret);
      settings.put("spark.authenticate", "true");
      settings.put("spark.authenticate.secret", HexFormat.of().formatHex(secret));
      settings.put("spark.master.rest.enabled", "false");
      settings.put("spark.ui.port", "0");
      settings.put("spark.driver.host", LOOPBACK);
      settings.put("spark.driver.bindAddress", LOOPBACK);
      settings.put("spark.executor.cores", Integer.toString(cores));
      settings.put("spark.executor.memory", megabytes + "m");
      settings.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
      settings.putAll(more);
      // Not on command lines, which everybody on the machine can read.
      Path properties = folder.resolve(PROPERTIES);
      Files.createFile(
          properties,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      StringBuilder text = new StringBuilder();
      settings.forEach((key, value) -> text.append(key).append(' ').append(value).append('\n'));
      Files.writeString(properties, text);
      String master = start("master", MASTER, "org.apache.spark.deploy.master.Master").group(1);
      settings.put("spark.master", master);
      for (int i = 0; i < executors; i++) {
        startWorker(i, cores, megabytes);
      }
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    settings.forEach(System::setProperty);
  }

  private void startWorker(int number, int cores, int megabytes) throws IOException {
    start(
        "worker-" + number,
        REGISTERED,
        "org.apache.spark.deploy.worker.Worker",
        "--cores",
        Integer.toString(cores),
        "--memory",
        // An executor takes its heap alone of a Worker's.
        megabytes + "m",
        "--work-dir",
        folder.resolve("work-" + number).toString(),
        settings.get("spark.master"));
  }

  /** Starts another Worker. */
  void addWorker(int cores, int megabytes) throws IOException {
    startWorker(processes.size(), cores, megabytes);
  }

  /** The Master, then the Workers. */
  List<Process> processes() {
    return processes;
  }

  /** What the processes say: a file for each, and those of executors. */
  Path folder() {
    return folder;
  }

  private Matcher start(String name, Pattern ready, String main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", GUARD, "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.add("-Xmx512m");
    command.add("-Dlog4j2.configurationFile=org/apache/spark/log4j2-defaults.properties");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(List.of("--host", LOOPBACK, "--port", "0", "--webui-port", "0"));
    command.addAll(List.of("--properties-file", folder.resolve(PROPERTIES).toString()));
    command.addAll(Arrays.asList(arguments));
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    // Spark's launchers of executors want a folder of jars, even though the class path has them
    // all.
    Path home = folder.resolve("home");
    Files.createDirectories(home.resolve("jars"));
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", LOOPBACK);
    Process process = builder.start();
    processes.add(process);
    long end = System.nanoTime() + START_SECONDS * 1_000_000_000L;
    while (true) {
      Matcher found = ready.matcher(Files.readString(log));
      if (found.find()) {
        return found;
      }
      if (!process.isAlive() || System.nanoTime() - end > 0) {
        throw new ClusterException(
            "Spark's "
                + name
                + " does not start: "
                + Files.readString(log, StandardCharsets.UTF_8)
                    .lines()
                    .reduce((a, b) -> b)
                    .orElse("")
                + "; its messages were in "
                + log
                + ".");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nothing interrupts the main thread", e);
    }
  }

  /** Ends the processes, the Workers' executors among them. */
  @Override
  public void close() {
    processes.reversed().forEach(OneMachine::end);
    try {
      // The logs stay, for whoever wonders.
      Files.deleteIfExists(folder.resolve(PROPERTIES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    settings.keySet().forEach(System::clearProperty);
  }

  private static void end(Process process) {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }

  /**
   * Runs a command of {@link Main} on as many executors as the first arguments, {@code --executors
   * N}, say, or two.
   */
  public static void main(String[] args) {
    int executors = 2;
    String[] command = args;
    if (args.length > 0 && args[0].equals("--executors")) {
      if (args.length < 2 || !args[1].matches("[1-9]\\d{0,2}")) {
        fail("--executors must be a number from 1 to 999, such as --executors 2.");
      }
      executors = Integer.parseInt(args[1]);
      command = Arrays.copyOfRange(args, 2, args.length);
    }
    if (List.of(command).contains("--help") || List.of(command).contains("--version")) {
      Main.main(command);
      return;
    }
    int cores = Math.max(1, Runtime.getRuntime().availableProcessors() / executors);
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    int megabytes = (int) (MEMORY_PART * system.getTotalMemorySize() / executors / (1 << 20));
    try {
      OneMachine machine = new OneMachine(executors, cores, Math.max(450, megabytes), Map.of());
      // The program ends by System.exit.
      Runtime.getRuntime().addShutdownHook(new Thread(machine::close));
    } catch (ClusterException e) {
      fail(e.getMessage());
    }
    Main.main(command);
  }

  private static void fail(String sentence) {
    PrintStream err = System.err;
    err.println(Main.NAME + ": " + sentence);
    System.exit(1);
  }
}
