package tangram.pclmix.data;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds the real ACDC data, which is not part of the repository. */
public final class AcdcData {
  private AcdcData() {}

  /**
   * The folder named by the system property or environment variable ACDC_DIR, else {@code
   * shared/acdc} beside this folder or one above it. Skips the test where there is none.
   */
  public static Path folder() {
    String named = System.getProperty("ACDC_DIR", System.getenv("ACDC_DIR"));
    Path found = null;
    if (named != null) {
      found = Path.of(named);
    } else {
      for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
        Path candidate = at.resolve("shared").resolve("acdc");
        if (Files.isDirectory(candidate)) {
          found = candidate;
          break;
        }
      }
    }
    boolean present = found != null && Files.isDirectory(found.resolve("ACDC_training_slices"));
    if (!present) {
      System.out.println("Skipped: no ACDC data at ACDC_DIR or ../shared/acdc");
    }
    Assumptions.assumeTrue(present, "no ACDC data at ACDC_DIR or ../shared/acdc");
    return found;
  }
}
