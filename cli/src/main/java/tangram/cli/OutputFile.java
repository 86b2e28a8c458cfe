package tangram.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import tangram.nn.AtomicFile;
import tangram.nn.FileWriteException;

/**
 * A file that the user named for output. Other than for files of a run's folder, a symbolic link is
 * followed, and devices, pipes and the descriptors below {@code /dev} are written to.
 */
final class OutputFile {
  private static final int MOST_LINKS = 40;

  /** Where the system lists the files that this process has open, as links. */
  private static final Pattern DESCRIPTORS = Pattern.compile("/proc/\\d+(/task/\\d+)?/fd|/dev/fd");

  private OutputFile() {}

  /**
   * Writes contents, whole or not at all where that is possible.
   *
   * @throws FileWriteException if they cannot be written
   */
  static void write(Path named, byte[] contents) {
    try {
      Path file = follow(named);
      if (!isDescriptor(file) && !isSpecial(file)) {
        AtomicFile.write(file, contents);
        return;
      }
      FileDescriptor standard = standard(file);
      if (standard != null) {
        // Never closed: the process itself prints there, and opened anew each would overwrite the
        // other.
        new FileOutputStream(standard).write(contents);
        return;
      }
      Files.write(file, contents, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw unwritable(named, e);
    }
  }

  /**
   * The file to replace, for contents that can only be written to a file.
   *
   * @throws FileWriteException if it is a device, a pipe or the like
   */
  static Path replaceable(Path named) {
    try {
      Path file = follow(named);
      if (isDescriptor(file) || isSpecial(file)) {
        throw new FileWriteException(
            named + ": is a device, a pipe or a socket, but this needs a file; name one.");
      }
      return file;
    } catch (IOException e) {
      throw unwritable(named, e);
    }
  }

  private static FileWriteException unwritable(Path named, IOException e) {
    return new FileWriteException(
        named + ": cannot be written (" + e.getMessage() + "); name another file.", e);
  }

  /** What a path leads to through links, but not the links by which descriptors are listed. */
  private static Path follow(Path named) throws IOException {
    Path file = named;
    for (int i = 0; Files.isSymbolicLink(file) && !isDescriptor(file); i++) {
      if (i == MOST_LINKS) {
        throw new IOException("its links lead in a circle");
      }
      file = file.resolveSibling(Files.readSymbolicLink(file));
    }
    return file;
  }

  private static boolean isDescriptor(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    return folder != null
        && Files.isDirectory(folder)
        && DESCRIPTORS.matcher(folder.toRealPath().toString()).matches();
  }

  private static boolean isSpecial(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** This process's standard output or error, if the file is that, or null. */
  private static FileDescriptor standard(Path file) throws IOException {
    Path self = Path.of("/proc/self/fd");
    if (!isDescriptor(file)
        || (Files.exists(self) && !Files.isSameFile(file.toAbsolutePath().getParent(), self))) {
      return null;
    }
    switch (file.getFileName().toString()) {
      case "1":
        return FileDescriptor.out;
      case "2":
        return FileDescriptor.err;
      default:
        return null;
    }
  }
}
