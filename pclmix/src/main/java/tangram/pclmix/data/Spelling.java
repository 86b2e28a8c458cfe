package tangram.pclmix.data;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Names of files that the encoding of the locale cannot spell. Java can read such a file where a
 * folder lists it, but the text of its name is that of another file, or of none.
 */
public final class Spelling {
  private Spelling() {}

  /** Whether the text of a file's name leads to the file. */
  public static boolean isKnown(Path file) {
    Path name = file.getFileName();
    try {
      return name == null || Path.of(name.toString()).equals(name);
    } catch (InvalidPathException e) {
      // Nothing is hidden: this is the question.
      return false;
    }
  }

  /** What to do about a name. */
  public static String sentence(String name) {
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
}
