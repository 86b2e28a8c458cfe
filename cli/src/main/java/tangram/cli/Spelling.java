package tangram.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds names of files that Java could not decode. It takes their encoding from the locale, puts a
 * replacement character where that fails, and then means another file than the user.
 */
final class Spelling {
  private static final String REPLACEMENT = "\ufffd";

  private Spelling() {}

  /** A sentence about an argument or a working folder that Java could not decode, or null. */
  static String problem(String[] args) {
    for (String arg : args) {
      if (arg.contains(REPLACEMENT) && !argumentsAreSound()) {
        return sentence(arg);
      }
    }
    String folder = System.getProperty("user.dir");
    return folder.contains(REPLACEMENT) && !isWorkingFolder(folder)
        ? "the working folder: " + sentence(folder)
        : null;
  }

  /** What to do about a name. */
  static String sentence(String name) {
    Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding"));
    return "'"
        + name
        + "' is a name that cannot be spelled in "
        + charset
        + (charset.equals(StandardCharsets.UTF_8)
            ? "; rename the file or folder."
            : ", which the locale sets for the names of files; set LC_ALL=C.UTF-8, or another locale"
                + " with UTF-8.");
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
    } catch (IOException | java.nio.file.InvalidPathException e) {
      // Nothing is hidden: no such folder, or no such name, is an answer.
      return false;
    }
  }
}
