package tangram.pclmix.training;

/** A setting has a value it cannot have. The message is meant for the user. */
public final class SettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a sentence that names the setting and says what it may be. */
  public SettingException(String message) {
    super(message);
  }
}
