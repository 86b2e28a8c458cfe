package tangram.pclmix.training;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import tangram.nn.FileWriteException;

/**
 * Keeps other processes from writing to the same folder of results. The operating system gives the
 * lock back however the process ends.
 */
public final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks a folder by one of its files, which must exist.
   *
   * @throws FileWriteException if another process, or another part of this, has locked it
   */
  public static FolderLock of(Path file) {
    return tryOf(file)
        .orElseThrow(
            () ->
                new FileWriteException(
                    file.toAbsolutePath().getParent()
                        + ": another process is writing there; wait until it is done, or stop it."));
  }

  /**
   * Locks a folder by one of its files unless it is locked.
   *
   * @throws FileWriteException if the file cannot be written
   */
  public static Optional<FolderLock> tryOf(Path file) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
      FolderLock made = new FolderLock(channel);
      if (isFree(channel)) {
        return Optional.of(made);
      }
      made.close();
      return Optional.empty();
    } catch (IOException e) {
      throw new FileWriteException(
          file + ": cannot be locked (" + e.getMessage() + "); make it writable.", e);
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // Locked by another part of this process, to which the answer is the same.
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new FileWriteException("the lock of a folder cannot be given back: " + e, e);
    }
  }
}
