package tangram.nn.text;

import java.util.Arrays;

/**
 * Decodes tokens as they come, for texts that are shown while they are made. A character whose
 * bytes are split over tokens comes with the last of them; all that was given out, with {@link
 * #end}, is what {@link Tokenizer#decode(int...)} gives for all tokens.
 */
public final class TextStream {
  private static final char REPLACEMENT = '\ufffd';

  private final Tokenizer tokenizer;

  /** The tokens of what was given out last, which how the others are decoded may depend on. */
  private int[] ids = {};

  private int given;
  private String text = "";

  TextStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Takes a token; returns what is certain since the last, which may be nothing. */
  public String add(int id) {
    ids = Arrays.copyOf(ids, ids.length + 1);
    ids[ids.length - 1] = id;
    String now = tokenizer.decode(ids);
    boolean certain =
        now.length() > text.length()
            && now.startsWith(text)
            && now.charAt(now.length() - 1) != REPLACEMENT
            && Decoder.byteOf(tokenizer.token(id)) < 0;
    if (!certain) {
      return "";
    }
    String next = now.substring(text.length());
    // Alone they may lose spaces at their beginning, which they must not go on to lose.
    int[] last = Arrays.copyOfRange(ids, given, ids.length);
    String alone = tokenizer.decode(last);
    ids = alone.isEmpty() ? ids : last;
    text = alone.isEmpty() ? now : alone;
    given = ids.length;
    return next;
  }

  /** Ends the text; returns what was left: bytes that made no character. */
  public String end() {
    String now = tokenizer.decode(ids);
    if (!now.startsWith(text)) {
      throw new IllegalStateException(
          "the tokenizer's decoder changes what was given out; decode all tokens at once");
    }
    String next = now.substring(text.length());
    ids = new int[0];
    given = 0;
    text = "";
    return next;
  }
}
