package tangram.pclmix.training;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import tangram.nn.FileWriteException;

/**
 * Keeps other processes from writing to the same folder of results. The operating system gives the
 * lock back however the process ends.
 *
 * <p>What is locked is a file that is never replaced or removed: a file that is replaced by
 * renaming leaves its lock behind, and a second process could lock the new one.
 */
public final class FolderLock implements AutoCloseable {
  /** The file that is locked; empty. */
  public static final String FILE = "run.lock";

  /**
   * What this process has locked. Closing any channel of a file gives back all locks that the
   * process has on it, so no second channel may be opened.
   */
  private static final Set<FolderLock> HELD = new HashSet<>();

  private final Path folder;
  private final Path file;
  private final FileChannel channel;
  private final Object key;

  private FolderLock(Path folder, Path file, FileChannel channel) throws IOException {
    this.folder = folder;
    this.file = file;
    this.channel = channel;
    this.key = key(file);
  }

  /**
   * Locks a folder, which is made where missing.
   *
   * @throws FileWriteException if another process, or another part of this, has locked it
   */
  public static FolderLock of(Path folder) {
    return tryOf(folder)
        .orElseThrow(
            () ->
                new FileWriteException(
                    folder.toAbsolutePath()
                        + ": another process is writing there; wait until it is done, or stop it."));
  }

  /**
   * Locks a folder, which is made where missing, unless it is locked.
   *
   * @throws FileWriteException if it cannot be written to
   */
  public static Optional<FolderLock> tryOf(Path folder) {
    try {
      Files.createDirectories(folder);
      return open(folder, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    } catch (IOException e) {
      throw unlockable(folder, e);
    }
  }

  /**
   * Whether a folder is locked; nothing is written.
   *
   * @throws FileWriteException if that cannot be found out
   */
  public static boolean isLocked(Path folder) {
    if (!Files.exists(folder.resolve(FILE))) {
      return false;
    }
    try {
      Optional<FolderLock> lock = open(folder, StandardOpenOption.WRITE);
      lock.ifPresent(FolderLock::close);
      return lock.isEmpty();
    } catch (IOException e) {
      throw unlockable(folder, e);
    }
  }

  private static Optional<FolderLock> open(Path folder, StandardOpenOption... options)
      throws IOException {
    Path file = folder.toRealPath().resolve(FILE);
    // Opening a pipe would wait for ever, and a link would create or lock something elsewhere.
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileWriteException(file + ": is not a regular file; remove it.");
    }
    synchronized (HELD) {
      if (isHeld(file)) {
        return Optional.empty();
      }
      FileChannel channel = FileChannel.open(file, options);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        return Optional.empty();
      }
      FolderLock made = new FolderLock(folder, file, channel);
      HELD.add(made);
      return Optional.of(made);
    }
  }

  private static boolean isHeld(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    Object key = key(file);
    return HELD.stream().anyMatch(l -> key == null ? l.file.equals(file) : key.equals(l.key));
  }

  private static FileWriteException unlockable(Path folder, IOException e) {
    return new FileWriteException(
        folder + ": cannot be locked (" + e.getMessage() + "); choose a writable folder.", e);
  }

  /** The folder as it was named. */
  public Path folder() {
    return folder;
  }

  /** Whether the locked folder is still where it was: neither moved, nor removed, nor replaced. */
  public boolean isInPlace() {
    try {
      return Objects.equals(key, key(folder.resolve(FILE)));
    } catch (IOException e) {
      // There is no such file, or it cannot be reached: it is not in place.
      return false;
    }
  }

  /** What tells files of a file system apart; null where it does not. */
  private static Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  @Override
  public void close() {
    synchronized (HELD) {
      HELD.remove(this);
      try {
        channel.close();
      } catch (IOException e) {
        throw new FileWriteException("the lock of a folder cannot be given back: " + e, e);
      }
    }
  }
}
