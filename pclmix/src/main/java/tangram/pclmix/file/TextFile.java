package tangram.pclmix.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tangram.nn.FileFormatException;

/**
 * Reads text files that people edit and that may come from anywhere: regular files alone, since a
 * pipe or a device may never end; never more than a limit; UTF-8, with or without the byte order
 * mark that some editors write.
 */
public final class TextFile {
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private TextFile() {}

  /**
   * The text of a file.
   *
   * @param most bytes that it may have
   * @param advice what to do if it cannot be read, the end of a sentence without its full stop
   * @throws FileFormatException if it is missing, not a regular file, too long, unreadable or not
   *     UTF-8
   */
  public static String read(Path file, int most, String advice) {
    byte[] bytes = bytes(file, most, advice);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return withoutMark(text);
    } catch (CharacterCodingException e) {
      boolean wide = bytes.length > 1 && (bytes[0] & 0xFF) + (bytes[1] & 0xFF) == 0xFF + 0xFE;
      throw new FileFormatException(
          file
              + (wide
                  ? ": is UTF-16 text; save it as UTF-8, or "
                  : ": is damaged, it is not UTF-8 text; ")
              + advice
              + ".",
          e);
    }
  }

  /** As {@link #read}, but what is not UTF-8 becomes U+FFFD: for rows that are checked later. */
  public static String readLeniently(Path file, int most, String advice) {
    return withoutMark(new String(bytes(file, most, advice), StandardCharsets.UTF_8));
  }

  /**
   * The bytes of a file.
   *
   * @param most bytes that it may have
   * @param advice what to do if it cannot be read, the end of a sentence without its full stop
   * @throws FileFormatException if it is missing, not a regular file, too long or unreadable
   */
  public static byte[] bytes(Path file, int most, String advice) {
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(
          file
              + (Files.exists(file) ? ": is not a regular file; " : ": there is no such file; ")
              + advice
              + ".");
    }
    try (InputStream in = Files.newInputStream(file)) {
      if (Files.size(file) > most) {
        throw tooLong(file, most, advice);
      }
      // Not by the size alone: the file may grow, or not tell its size.
      byte[] bytes = in.readNBytes(most);
      if (in.read() >= 0) {
        throw tooLong(file, most, advice);
      }
      return bytes;
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e.getMessage() + "); " + advice + ".", e);
    }
  }

  private static FileFormatException tooLong(Path file, int most, String advice) {
    return new FileFormatException(
        file + ": is too long, more than " + most + " bytes; " + advice + ".");
  }

  private static String withoutMark(String text) {
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
  }
}
