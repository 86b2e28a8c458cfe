package tangram.web.http;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Why a request is not answered as asked: a status, a sentence, and what to do. */
public final class HttpProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String mend;

  /**
   * Creates a problem.
   *
   * @param error one sentence
   * @param mend one sentence: what to do; may be empty
   */
  public HttpProblem(int status, String error, String mend) {
    super(error);
    this.status = status;
    this.mend = mend;
  }

  /**
   * A problem told by one of this program's sentences, {@code what is wrong; what to do.}, which
   * becomes two.
   */
  public static HttpProblem of(int status, String sentence) {
    int cut = sentence.lastIndexOf("; ");
    if (cut < 0) {
      return new HttpProblem(status, sentence, "");
    }
    String mend = sentence.substring(cut + 2);
    return new HttpProblem(
        status,
        sentence.substring(0, cut) + ".",
        Character.toUpperCase(mend.charAt(0)) + mend.substring(1));
  }

  /** The status of the answer. */
  public int status() {
    return status;
  }

  /** What to do. */
  public String mend() {
    return mend;
  }

  /** The answer: {@code {"error": ..., "mend": ...}}. */
  public Reply reply() {
    ObjectNode body = Json.object().put("error", getMessage()).put("mend", mend);
    return Reply.json(status, body);
  }
}
