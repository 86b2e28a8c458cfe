package tangram.nn.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes as characters that can be seen, as GPT-2's vocabulary writes them: those of Latin-1 stand
 * for themselves, the others follow from U+0100 on.
 */
final class ByteLevel {
  private static final char[] CHARACTERS = new char[256];
  private static final int FIRST = 0x100;
  private static final int[] BYTES = new int[2 * FIRST];

  static {
    Arrays.fill(BYTES, -1);
    int next = FIRST;
    for (int b = 0; b < 256; b++) {
      boolean visible = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
      CHARACTERS[b] = (char) (visible ? b : next++);
      BYTES[CHARACTERS[b]] = b;
    }
  }

  private ByteLevel() {}

  static String encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    char[] result = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      result[i] = CHARACTERS[bytes[i] & 0xFF];
    }
    return new String(result);
  }

  /** The bytes of a token; one of other characters, such as an added one, stands for itself. */
  static byte[] decode(String token) {
    byte[] result = new byte[token.length()];
    for (int i = 0; i < result.length; i++) {
      char c = token.charAt(i);
      int b = c < BYTES.length ? BYTES[c] : -1;
      if (b < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      result[i] = (byte) b;
    }
    return result;
  }
}
