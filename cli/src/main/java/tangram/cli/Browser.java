package tangram.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Opens addresses in the user's browser. */
final class Browser {
  private static final String PAGE =
      "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">"
          + "<meta http-equiv=\"refresh\" content=\"0; url=%s\"><title>Opening</title>";

  private Browser() {}

  /**
   * Opens an address, where there is a screen. The address goes by a file that others cannot read:
   * all users of a machine see the arguments of its processes.
   *
   * @return the file, which is to be removed; null where there is no screen or no browser
   */
  static Path open(String url, Map<String, String> environment) {
    boolean mac = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac");
    if (!mac
        && !environment.containsKey("DISPLAY")
        && !environment.containsKey("WAYLAND_DISPLAY")) {
      return null;
    }
    try {
      // Readable by its owner alone.
      Path page = Files.createTempFile("pclmix", ".html");
      page.toFile().deleteOnExit();
      Files.writeString(page, String.format(PAGE, url));
      new ProcessBuilder(List.of(mac ? "open" : "xdg-open", page.toUri().toString()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
      return page;
    } catch (IOException e) {
      // The address is printed as well.
      return null;
    }
  }
}
