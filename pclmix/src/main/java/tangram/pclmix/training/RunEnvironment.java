package tangram.pclmix.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.pclmix.file.TextFile;
import tangram.tensor.Device;

/**
 * What a run ran on: {@code environment.properties} in its folder, lines {@code NUMBER.key =
 * value}, where the start of the run has the number 1 and every continuation the next.
 */
public final class RunEnvironment {
  static final String FILE = "environment.properties";
  private static final Pattern LINE = Pattern.compile("(\\d{1,6})\\.([\\w.-]+) = (.*)");

  /** Results have the same bits on machines that agree in these. */
  private static final List<String> MACHINE = List.of("device", "device-description", "system");

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** Thousands of continuations take less. */
  private static final int MAX_BYTES = 1 << 22;

  private RunEnvironment() {}

  /**
   * Adds what the run is computed with from now on.
   *
   * @param folder of the run
   * @param program name and version of the program
   * @param step number of steps done before
   * @return a sentence if the run began on another kind of machine, and one if what was there is
   *     lost
   * @throws tangram.nn.FileWriteException if the file cannot be written
   */
  public static List<String> append(Path folder, String program, Device device, int step) {
    List<String> warnings = new ArrayList<>();
    List<Map<String, String>> all = new ArrayList<>();
    try {
      all.addAll(read(folder));
      if (step > 0 && all.isEmpty()) {
        warnings.add(
            folder.resolve(FILE)
                + ": is missing or empty; what the run began on cannot be compared with this"
                + " machine.");
      }
    } catch (FileFormatException e) {
      warnings.add(e.getMessage());
    }
    Map<String, String> now = new LinkedHashMap<>();
    now.put("started", OffsetDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
    now.put("after-step", Integer.toString(step));
    now.put("program", program);
    now.put("device", device.name());
    now.put("device-description", device.description());
    now.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    now.put("java", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    now.put("system", System.getProperty("os.name") + ", " + System.getProperty("os.arch"));
    now.put("cpu", cpu());
    if (!all.isEmpty()) {
      difference(all.get(all.size() - 1), now)
          .ifPresent(
              difference ->
                  warnings.add(
                      folder
                          + ": was computed on another kind of machine so far ("
                          + difference
                          + "); results can differ in their last bits from those of a run that was"
                          + " not moved."));
    }
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
    return warnings;
  }

  /** What matters for the bits and differs. */
  private static Optional<String> difference(Map<String, String> before, Map<String, String> now) {
    for (String key : MACHINE) {
      // The number of threads has no influence.
      String old = before.getOrDefault(key, "").replaceAll(", \\d+ threads?$", "");
      String current = line(now.get(key)).replaceAll(", \\d+ threads?$", "");
      if (!old.isEmpty() && !old.equals(current)) {
        return Optional.of(
            FileFormatException.quote(old) + ", now " + FileFormatException.quote(current));
      }
    }
    return Optional.empty();
  }

  /** The processor's name where the system tells it; only to be read by people. */
  private static String cpu() {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse("unknown");
    } catch (IOException | UncheckedIOException e) {
      // There is no such file but on Linux.
      return "unknown";
    }
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
    // Not strictly decoded: the file tells only what is nice to know.
    String text = TextFile.readLeniently(file, MAX_BYTES, "make it readable or remove it");
    for (String line : text.split("\\R")) {
      Matcher parts = LINE.matcher(line);
      if (parts.matches()) {
        sessions
            .computeIfAbsent(Integer.parseInt(parts.group(1)), n -> new LinkedHashMap<>())
            .put(parts.group(2), parts.group(3));
      }
    }
    return List.copyOf(sessions.values());
  }
}
