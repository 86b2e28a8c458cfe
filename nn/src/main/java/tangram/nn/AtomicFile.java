package tangram.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a file whole or not at all: into a temporary neighbour that is forced to disk and then
 * renamed. Whoever opens the file sees the old contents or the new, never a part, even if the
 * process is killed or the power fails. A killed process can leave the temporary behind, of the
 * name {@code .NAME.RANDOM.tmp}, which is never mistaken for the file and which {@link #sweep}
 * removes.
 *
 * <p>A symbolic link is replaced, not followed: somebody else may have put it into the folder. What
 * is neither a file nor a link, such as a device, is refused.
 */
public final class AtomicFile {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern TEMPORARY = Pattern.compile("(?s)\\.(.+)\\.[0-9a-f-]+\\.tmp");

  private AtomicFile() {}

  /** What to write. */
  public interface Body {
    /** Writes the contents to an empty file. */
    void write(FileChannel channel) throws IOException;
  }

  /** What to write, where a library asks for a path. */
  public interface PathBody {
    /** Writes the contents to the empty file of this path. */
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
    replace(
        file,
        temporary -> {
          try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            body.write(channel);
          }
        });
  }

  /** As {@link #write(Path, Body)}, by what writes to a path rather than a channel. */
  public static void writePath(Path file, PathBody body) {
    replace(
        file,
        temporary -> {
          body.write(temporary);
          if (Files.size(temporary) == 0) {
            throw new IOException("nothing was written");
          }
        });
  }

  private static void replace(Path file, PathBody body) {
    Path target = file.toAbsolutePath();
    if (Files.isDirectory(target)) {
      throw new FileWriteException(
          file
              + ": cannot be written because a folder has this name; remove the folder or choose"
              + " another file name.");
    }
    requireReplaceable(target, file);
    Path temporary =
        target.resolveSibling(
            String.format(".%s.%016x.tmp", target.getFileName(), RANDOM.nextLong()));
    try {
      Files.createDirectories(target.getParent());
      // Fails if anything has this name, a link too.
      Files.createFile(temporary);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
    try {
      body.write(temporary);
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      forceFolder(target.getParent());
    } catch (IOException e) {
      remove(temporary, e);
      throw unwritable(file, e);
    } catch (RuntimeException | Error e) {
      remove(temporary, e);
      throw e;
    }
  }

  private static void requireReplaceable(Path target, Path file) {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)
        && !Files.isSymbolicLink(target)) {
      throw new FileWriteException(
          file + ": is a device, a pipe or a socket, which cannot be replaced; name a file.");
    }
  }

  private static FileWriteException unwritable(Path file, IOException e) {
    return new FileWriteException(
        file
            + ": cannot be written because "
            + reason(e)
            + "; choose a writable folder with enough free space.",
        e);
  }

  /**
   * Removes the temporaries that killed processes have left in a folder. Only for a folder whose
   * files nobody else is writing: a temporary that is still written to is removed as well.
   *
   * @param isOwn tells by a file's name, not the temporary's, whether its temporaries are to go
   * @throws FileWriteException if a temporary cannot be removed
   */
  public static void sweep(Path folder, Predicate<String> isOwn) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> temporaries = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path path : files) {
        Matcher of = TEMPORARY.matcher(path.getFileName().toString());
        if (of.matches()
            && isOwn.test(of.group(1))
            && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          temporaries.add(path);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw SafeTensors.unreadable(folder, e.getCause());
    } catch (IOException e) {
      throw SafeTensors.unreadable(folder, e);
    }
    for (Path temporary : temporaries) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        throw new FileWriteException(
            temporary
                + ": is left over from a process that was killed and cannot be removed because "
                + reason(e)
                + "; remove it and check the permissions of its folder.",
            e);
      }
    }
  }

  /**
   * Makes a folder, and those around it, where it is not there.
   *
   * @throws FileWriteException if it cannot be made
   */
  public static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FileWriteException(
          folder + ": cannot be made (" + e.getMessage() + "); choose another folder.", e);
    }
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
