package tangram.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a file whole or not at all: into a temporary neighbour that is forced to disk and then
 * renamed. Whoever opens the file sees the old contents or the new, never a part, even if the
 * process is killed or the power fails. A killed process can leave a {@linkplain #isTemporaryOf
 * temporary} behind, which is never mistaken for the file.
 */
public final class AtomicFile {
  private static final AtomicLong COUNTER = new AtomicLong();

  private AtomicFile() {}

  /** What to write. */
  public interface Body {
    /** Writes the contents to an empty file. */
    void write(FileChannel channel) throws IOException;
  }

  /** What to write, where a library asks for a path. */
  public interface PathBody {
    /** Makes a file of this path, where there is none yet, and writes the contents to it. */
    void write(Path temporary) throws IOException;
  }

  /** As {@link #write(Path, Body)}, bytes that are there already. */
  public static void write(Path file, byte[] contents) {
    write(
        file,
        channel -> {
          ByteBuffer bytes = ByteBuffer.wrap(contents);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /**
   * Writes a file, replacing what was there and creating its folder where missing.
   *
   * @throws FileWriteException if it cannot be written; the previous file is untouched then and
   *     nothing else is left behind
   */
  public static void write(Path file, Body body) {
    writePath(
        file,
        temporary -> {
          try (FileChannel channel =
              FileChannel.open(
                  temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            body.write(channel);
          }
        });
  }

  /** As {@link #write(Path, Body)}, by what writes to a path rather than a channel. */
  public static void writePath(Path file, PathBody body) {
    Path target = file.toAbsolutePath();
    if (Files.isDirectory(target)) {
      throw new FileWriteException(
          file
              + ": cannot be written because a folder has this name; remove the folder or choose"
              + " another file name.");
    }
    // Unique, so that two processes never write into the same temporary.
    Path temporary =
        target.resolveSibling(
            temporaryPrefix(target.getFileName().toString())
                + ProcessHandle.current().pid()
                + "-"
                + COUNTER.incrementAndGet()
                + ".tmp");
    try {
      Files.createDirectories(target.getParent());
      body.write(temporary);
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      forceFolder(target.getParent());
    } catch (IOException e) {
      remove(temporary, e);
      throw new FileWriteException(
          file
              + ": cannot be written because "
              + reason(e)
              + "; choose a writable folder with enough free space.",
          e);
    } catch (RuntimeException | Error e) {
      remove(temporary, e);
      throw e;
    }
  }

  /** Whether a file name is that of a temporary made for a file of another name. */
  static boolean isTemporaryOf(String temporaryName, String fileName) {
    return temporaryName.startsWith(temporaryPrefix(fileName)) && temporaryName.endsWith(".tmp");
  }

  /** Why an operation on a file failed, in words for the user. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission is denied for " + ((AccessDeniedException) e).getFile();
    }
    if (e instanceof FileAlreadyExistsException) {
      return ((FileAlreadyExistsException) e).getFile() + " is a file where a folder is needed";
    }
    String text =
        e instanceof FileSystemException
            ? ((FileSystemException) e).getReason()
            : e.getLocalizedMessage();
    return text == null ? "of " + e : "of '" + text + "'";
  }

  private static String temporaryPrefix(String fileName) {
    return "." + fileName + ".";
  }

  /** Makes the renaming itself survive a power failure. */
  private static void forceFolder(Path folder) throws IOException {
    // Windows cannot open folders as files; its file systems journal the renaming themselves.
    if (!System.getProperty("os.name").startsWith("Windows")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static void remove(Path temporary, Throwable failure) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
