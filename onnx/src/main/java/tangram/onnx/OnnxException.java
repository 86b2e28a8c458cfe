package tangram.onnx;

/** A model cannot compute what it is asked for; the message says which operator, and why. */
public class OnnxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a sentence. */
  public OnnxException(String message) {
    super(message);
  }

  /** Creates an exception with a sentence and what led to it. */
  public OnnxException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Something that ONNX has and this program has not; see docs/onnx.md. */
  public static final class Unsupported extends OnnxException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception with a sentence. */
    public Unsupported(String message) {
      super(message);
    }
  }
}
