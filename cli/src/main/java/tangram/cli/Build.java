package tangram.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What the build says about itself. */
final class Build {
  private Build() {}

  /** The version in the build file. */
  static String version() {
    try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A sentence about a defect of the running Java, or null if there is none to tell.
   *
   * @param version {@code Runtime.version()}, or another to test with
   */
  static String warning(Runtime.Version version) {
    if (version.feature() == 25 && version.interim() == 0 && version.update() < 3) {
      return "Java "
          + version
          + " has a defect in its garbage collector that can corrupt arrays in use (fixed in"
          + " 25.0.3); update it before you trust results.";
    }
    return null;
  }
}
