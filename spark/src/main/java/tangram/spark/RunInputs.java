package tangram.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/**
 * Files that a run's settings name, for executors that do not see those of the machine where the
 * command was started: it copies them into the store, once for all runs as long as they do not
 * change, and each executor copies them from there once.
 */
final class RunInputs implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final List<Setting> FILES =
      List.of(Setting.DATA, Setting.SPACING_FILE, Setting.ENCODER_WEIGHTS);
  private static final String COMPLETE = ".complete";

  /** In an executor: what it has, by address. */
  private static final Map<String, Path> COPIES = new HashMap<>();

  /** Where each setting's file or folder is in the store. */
  private final HashMap<Setting, String> addresses = new HashMap<>();

  /** What the settings say. */
  private final HashMap<Setting, String> names = new HashMap<>();

  /** Copies the files of a run's settings. */
  RunInputs(HadoopFiles files, String store, TrainingConfig config) {
    for (Setting setting : FILES) {
      String name = config.get(setting);
      Path path = Path.of(name);
      boolean generated = setting == Setting.DATA && config.usesPhantoms();
      // What is missing is told where it is read.
      if (!generated && Files.exists(path)) {
        addresses.put(setting, give(files, store + "/inputs/", path));
        names.put(setting, name);
      }
    }
  }

  private static String give(HadoopFiles files, String inputs, Path path) {
    List<Path> all = files(path);
    String folder = inputs + digest(path, all);
    String address = folder + "/" + path.toAbsolutePath().getFileName();
    if (!files.exists(folder + COMPLETE)) {
      for (Path file : all) {
        String within = path.relativize(file).toString();
        files.put(file, within.isEmpty() ? address : address + "/" + within);
      }
      files.write(new byte[0], folder + COMPLETE);
    }
    return address;
  }

  /** All files of a folder, or the one file, in order. */
  private static List<Path> files(Path path) {
    try (Stream<Path> all = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(path, e);
    }
  }

  /** Other files, or the same ones changed, have another. */
  private static String digest(Path path, List<Path> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      StringBuilder text = new StringBuilder().append(path.toAbsolutePath()).append('\n');
      for (Path file : files) {
        text.append(path.relativize(file)).append(' ').append(Files.size(file));
        text.append(' ').append(Files.getLastModifiedTime(file)).append('\n');
      }
      byte[] hash = digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static DataException unreadable(Path path, Exception e) {
    return new DataException(
        path + ": cannot be read (" + Failure.sentence(e) + "); check its files.", e);
  }

  /** In an executor: where each setting's file or folder is on its machine. */
  Map<Setting, String> take(HadoopFiles files) {
    Map<Setting, String> places = new EnumMap<>(Setting.class);
    addresses.forEach((setting, address) -> places.put(setting, copy(files, address).toString()));
    return places;
  }

  private static Path copy(HadoopFiles files, String address) {
    synchronized (COPIES) {
      Path copy = COPIES.get(address);
      if (copy == null) {
        try {
          Path folder = Files.createTempDirectory("pclmix-input");
          Runtime.getRuntime().addShutdownHook(new Thread(() -> HadoopFiles.removeLocal(folder)));
          copy = folder.resolve(HadoopFiles.name(address));
          for (String name : files.tree(address)) {
            Path to = copy.resolve(name);
            Files.createDirectories(to.getParent());
            files.fetch(name.isEmpty() ? address : address + "/" + name, to);
          }
        } catch (IOException | DataException e) {
          // Not what the user wrote there: another attempt may succeed.
          throw new FileWriteException(
              address + ": cannot be copied (" + Failure.sentence(e) + "); check the store.", e);
        }
        COPIES.put(address, copy);
      }
      return copy;
    }
  }

  /** A sentence about copies, which is about the originals. */
  String named(String sentence) {
    String text = sentence;
    synchronized (COPIES) {
      for (Map.Entry<Setting, String> e : addresses.entrySet()) {
        Path copy = COPIES.get(e.getValue());
        text = copy == null ? text : text.replace(copy.toString(), names.get(e.getKey()));
      }
    }
    return text;
  }
}
