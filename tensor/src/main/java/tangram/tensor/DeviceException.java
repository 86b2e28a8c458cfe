package tangram.tensor;

/** A device is unknown or cannot work on this machine. The message is meant for the user. */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a sentence that says what is wrong and what to do. */
  public DeviceException(String message) {
    super(message);
  }
}
