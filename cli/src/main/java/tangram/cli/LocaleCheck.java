package tangram.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import tangram.pclmix.data.Spelling;

/**
 * Finds arguments and working folders that Java could not decode. It takes their encoding from the
 * locale, puts a replacement character where that fails, and then means another file than the user.
 */
final class LocaleCheck {
  private static final String REPLACEMENT = "\ufffd";

  private LocaleCheck() {}

  /** A sentence about an argument or a working folder that Java could not decode, or null. */
  static String problem(String[] args) {
    for (String arg : args) {
      if (arg.contains(REPLACEMENT) && !argumentsAreSound()) {
        return Spelling.sentence(arg);
      }
    }
    String folder = System.getProperty("user.dir");
    return folder.contains(REPLACEMENT) && !isWorkingFolder(folder)
        ? "the working folder: " + Spelling.sentence(folder)
        : null;
  }

  /**
   * Whether replacement characters are really in the arguments, as in names from broken archives.
   */
  private static boolean argumentsAreSound() {
    Path raw = Path.of("/proc/self/cmdline");
    if (!Charset.forName(System.getProperty("sun.jnu.encoding")).equals(StandardCharsets.UTF_8)
        || !Files.exists(raw)) {
      return false;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(raw)));
      return true;
    } catch (CharacterCodingException e) {
      // Nothing is hidden: this is the question.
      return false;
    } catch (IOException e) {
      throw new IllegalStateException("the system hides this process from itself", e);
    }
  }

  private static boolean isWorkingFolder(String folder) {
    try {
      Path there = Path.of("/proc/self/cwd");
      return Files.exists(there) && Files.isSameFile(there, Path.of(folder));
    } catch (IOException | InvalidPathException e) {
      // Nothing is hidden: no such folder, or no such name, is an answer.
      return false;
    }
  }
}
