package tangram.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;
import tangram.pclmix.training.FolderLock;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/**
 * A run's files while executors train it, for machines that share no folder: in a file system that
 * Hadoop knows, under the path that the run's folder has where the command was started.
 *
 * <p>The command puts there what it has of a run and takes everything back when the run's job is
 * over. An executor takes what is there to a folder of its own, and puts there what is new when it
 * has saved, checkpoints last: wherever it is lost, what is there is what a run leaves that is
 * killed. All attempts of a run write the same bytes for the same step, so it does no harm if two
 * ever mix; still, an attempt that another has followed writes no more.
 */
final class RunStore implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The setting of Spark that names the folder of all runs. */
  static final String SETTING = "spark.pclmix.store";

  private static final String LOG = ".log";
  private static final String ATTEMPT = ".attempt";

  private final String store;
  private final String address;
  private final SerializableConfiguration settings;
  private RunInputs inputs;
  private transient HadoopFiles files;

  private RunStore(String store, Path run, SerializableConfiguration settings) {
    this.store = store;
    this.address = (store + run.toUri().getPath()).replaceFirst("/+$", "");
    this.settings = settings;
  }

  /** The place of a run; null where machines share folders. */
  static RunStore of(JavaSparkContext context, Path run) {
    String store = new SparkConf().get(SETTING, "");
    return store.isEmpty()
        ? null
        : new RunStore(
            HadoopFiles.address(store).replaceFirst("/+$", ""),
            run,
            new SerializableConfiguration(context.hadoopConfiguration()));
  }

  private HadoopFiles files() {
    if (files == null) {
      files = new HadoopFiles(settings.value());
    }
    return files;
  }

  private String beside(String suffix) {
    return address + suffix;
  }

  /**
   * Puts what a run reads there, and what this machine has of it unless a command that was killed
   * left some.
   */
  void give(TrainingConfig config, Path run, Path log) {
    inputs = new RunInputs(files(), store, config);
    if (files().exists(address) || !RunFolder.exists(run)) {
      return;
    }
    putNew(run, new HashMap<>());
    if (Files.exists(log)) {
      files().put(log, beside(LOG));
    }
  }

  /** Takes a run to this machine, whose job is over; nothing of it stays there. */
  void takeBack(Path run, Path log) {
    take(run, log);
    List.of(address, beside(LOG), beside(ATTEMPT)).forEach(files()::remove);
  }

  /** Copies what is there to this machine. */
  private void take(Path run, Path log) {
    try {
      for (String name : files().tree(address)) {
        take(address + "/" + name, run.resolve(name));
      }
      if (files().exists(beside(LOG))) {
        take(beside(LOG), log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void take(String file, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Path temporary = to.resolveSibling("." + to.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      files().fetch(file, temporary);
      Files.move(temporary, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (DataException e) {
      // Not the user's data: another attempt may succeed.
      throw new FileWriteException(e.getMessage(), e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** What a file was like when it was last put there. */
  private record Stamp(long size, FileTime time) {}

  /** Puts files of a run that are new or changed there, and removes those that are gone. */
  private void putNew(Path run, Map<String, Stamp> known) {
    Map<String, Stamp> now = stamps(run);
    now.keySet().stream()
        .filter(name -> !now.get(name).equals(known.get(name)))
        .sorted(Comparator.comparing(RunStore::isCheckpoint).thenComparing(name -> name))
        .forEach(name -> files().put(run.resolve(name), address + "/" + name));
    known.keySet().stream()
        .filter(name -> !now.containsKey(name))
        .forEach(name -> files().remove(address + "/" + name));
    known.clear();
    known.putAll(now);
  }

  private static boolean isCheckpoint(String name) {
    return name.startsWith("checkpoint-");
  }

  private static Map<String, Stamp> stamps(Path run) {
    Map<String, Stamp> stamps = new HashMap<>();
    try {
      Files.walkFileTree(
          run,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String name = run.relativize(file).toString();
              if (!name.equals(FolderLock.FILE) && !file.getFileName().toString().startsWith(".")) {
                stamps.put(name, new Stamp(attributes.size(), attributes.lastModifiedTime()));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new FileWriteException(
          run + ": cannot be read (" + Failure.sentence(e) + "); check the executor's disk.", e);
    }
    return stamps;
  }

  /** An executor's folder for the run; gone when it is closed. */
  final class Copy implements AutoCloseable {
    private final Path work;
    private final String attempt = UUID.randomUUID().toString();
    private final Map<String, Stamp> known = new HashMap<>();

    /**
     * Makes the folder.
     *
     * @param writes whether this is from now on the one that writes there, and begins with what is
     *     there; if not, {@link #fetch} takes it when it is time
     */
    Copy(boolean writes) throws IOException {
      work = Files.createTempDirectory("pclmix-run");
      try {
        Files.createDirectory(run());
        if (writes) {
          files().write(attempt.getBytes(StandardCharsets.UTF_8), beside(ATTEMPT));
          fetch();
        }
      } catch (IOException | RuntimeException e) {
        close();
        throw e;
      }
    }

    /** Takes what is there. */
    void fetch() {
      take(run(), log());
      known.putAll(stamps(run()));
    }

    /** Where files that the settings name are on this machine. */
    Map<Setting, String> inputs() {
      return inputs.take(files());
    }

    /** A sentence about copies, which is about the originals. */
    String named(String sentence) {
      return inputs.named(sentence);
    }

    Path run() {
      return work.resolve("run");
    }

    Path log() {
      return work.resolve("log");
    }

    /**
     * Puts what is new there.
     *
     * @throws IllegalStateException if another attempt has begun
     */
    void save() {
      String writer = new String(files().read(beside(ATTEMPT)), StandardCharsets.UTF_8);
      if (!writer.equals(attempt)) {
        throw new IllegalStateException("another attempt of this run has begun elsewhere");
      }
      putNew(run(), known);
      if (Files.exists(log())) {
        files().put(log(), beside(LOG));
      }
    }

    @Override
    public void close() {
      HadoopFiles.removeLocal(work);
    }
  }
}
