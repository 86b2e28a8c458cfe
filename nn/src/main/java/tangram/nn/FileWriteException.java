package tangram.nn;

/**
 * A file cannot be written: the disk is full, the folder is not writable, a folder has the file's
 * name. The message is one sentence for the user that names the file, what is wrong and what to do.
 */
public final class FileWriteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a sentence that names the file, what is wrong and what to do. */
  public FileWriteException(String message) {
    super(message);
  }

  /** Creates an exception with such a sentence and what led to it. */
  public FileWriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
