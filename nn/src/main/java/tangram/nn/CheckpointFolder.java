package tangram.nn;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The checkpoints of one run, named after their steps. */
final class CheckpointFolder {
  /** What the files are called, for messages. */
  static final String NAME = "checkpoint-<step>.safetensors";

  private static final Pattern FILE =
      Pattern.compile("checkpoint-(0|[1-9]\\d{0,17})\\.safetensors");

  private CheckpointFolder() {}

  /** The file of a step. */
  static Path file(Path folder, long step) {
    return folder.resolve("checkpoint-" + step + ".safetensors");
  }

  /** All checkpoints of a folder by step, whether readable or not; none if there is no folder. */
  static NavigableMap<Long, Path> list(Path folder) {
    NavigableMap<Long, Path> byStep = new TreeMap<>();
    for (Path path : children(folder)) {
      Matcher name = FILE.matcher(path.getFileName().toString());
      if (name.matches()) {
        byStep.put(Long.parseLong(name.group(1)), path);
      }
    }
    return byStep;
  }

  /** See {@link Checkpoint#latest}. */
  static Checkpoint.Latest latest(Path folder) {
    List<String> warnings = new ArrayList<>();
    for (Path file : list(folder).descendingMap().values()) {
      try {
        return new Checkpoint.Latest(Checkpoint.read(file), List.copyOf(warnings));
      } catch (FileFormatException e) {
        warnings.add(e.getMessage());
      }
    }
    if (warnings.isEmpty()) {
      throw new FileFormatException(
          folder
              + ": holds no checkpoint ("
              + NAME
              + "); check the folder or start training from the beginning.");
    }
    throw new FileFormatException(
        folder
            + ": holds no checkpoint that can be read ("
            + String.join(" ", warnings)
            + "); restore one from a copy or start training from the beginning.");
  }

  /**
   * Removes the checkpoints of smaller steps, except the newest of them that can be read; all stay
   * if none can.
   */
  static void removeOlder(Path folder, long step) {
    NavigableMap<Long, Path> older = list(folder).headMap(step, false);
    if (older.size() < 2) {
      return;
    }
    for (Path keep : older.descendingMap().values()) {
      if (isReadable(keep)) {
        for (Path file : older.values()) {
          if (!file.equals(keep)) {
            remove(file);
          }
        }
        return;
      }
    }
  }

  /** Removes what processes that were killed while writing checkpoints left behind. */
  static void removeTemporaries(Path folder) {
    AtomicFile.sweep(folder, name -> FILE.matcher(name).matches());
  }

  private static boolean isReadable(Path file) {
    try {
      Checkpoint.read(file).close();
      return true;
    } catch (FileFormatException e) {
      // Nothing is hidden: the question is only which file is worth keeping.
      return false;
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new FileWriteException(
          file
              + ": is no longer needed but cannot be removed because "
              + AtomicFile.reason(e)
              + "; remove it and check the permissions of its folder.",
          e);
    }
  }

  private static List<Path> children(Path folder) {
    List<Path> result = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
        stream.forEach(result::add);
      } catch (DirectoryIteratorException e) {
        throw SafeTensors.unreadable(folder, e.getCause());
      } catch (IOException e) {
        throw SafeTensors.unreadable(folder, e);
      }
    }
    return result;
  }
}
