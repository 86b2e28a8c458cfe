package tangram.pclmix.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.tensor.Device;

/**
 * What a run ran on: {@code environment.properties} in its folder, lines {@code NUMBER.key =
 * value}, where the start of the run has the number 1 and every continuation the next.
 */
public final class RunEnvironment {
  private static final String FILE = "environment.properties";
  private static final Pattern LINE = Pattern.compile("(\\d{1,6})\\.([\\w.-]+) = (.*)");

  /** Thousands of continuations take less. */
  private static final int MAX_BYTES = 1 << 22;

  private RunEnvironment() {}

  /**
   * Adds what the run is computed with from now on.
   *
   * @param folder of the run
   * @param program name and version of the program
   * @param step number of steps done before
   * @throws tangram.nn.FileWriteException if the file cannot be written
   * @throws FileFormatException if what is there cannot be read
   */
  public static void append(Path folder, String program, Device device, int step) {
    List<Map<String, String>> all = new ArrayList<>(read(folder));
    Map<String, String> now = new LinkedHashMap<>();
    now.put("started", OffsetDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
    now.put("after-step", Integer.toString(step));
    now.put("program", program);
    now.put("device", device.name());
    now.put("device-description", device.description());
    now.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    now.put("java", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    now.put("system", System.getProperty("os.name") + ", " + System.getProperty("os.arch"));
    all.add(now);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < all.size(); i++) {
      String number = i + 1 + ".";
      all.get(i)
          .forEach(
              (key, value) ->
                  text.append(number).append(key).append(" = ").append(line(value)).append('\n'));
    }
    AtomicFile.write(folder.resolve(FILE), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String line(String value) {
    return value.replaceAll("\\p{Cntrl}+", " ").strip();
  }

  /**
   * What a run was computed with, one entry for its start and one for every continuation; none if
   * the folder does not tell. Lines that are not of the file's form are left out.
   *
   * @throws FileFormatException if the file is there and cannot be read
   */
  public static List<Map<String, String>> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return List.of();
    }
    Map<Integer, Map<String, String>> sessions = new TreeMap<>();
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new FileFormatException(
            file + ": is too long for what a run ran on; remove the file.");
      }
      // Not strictly decoded: the file tells only what is nice to know.
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String line : text.split("\\R")) {
        Matcher parts = LINE.matcher(line);
        if (parts.matches()) {
          sessions
              .computeIfAbsent(Integer.parseInt(parts.group(1)), n -> new LinkedHashMap<>())
              .put(parts.group(2), parts.group(3));
        }
      }
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e.getMessage() + "); make it readable or remove it.", e);
    }
    return List.copyOf(sessions.values());
  }
}
