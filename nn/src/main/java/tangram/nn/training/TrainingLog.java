package tangram.nn.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import tangram.nn.AtomicFile;
import tangram.nn.FileWriteException;

/** A CSV file that grows by a row at a time; rows begin with the number of a step. */
final class TrainingLog {
  private final Path file;

  /** Goes on after a step: rows of later steps, and what is no row, are removed. */
  TrainingLog(Path file, String header, long step) {
    this.file = file;
    StringBuilder kept = new StringBuilder(header).append('\n');
    if (Files.exists(file)) {
      lines(file).stream()
          .filter(line -> line.matches("[1-9]\\d{0,17},.*"))
          .filter(line -> Long.parseLong(line.substring(0, line.indexOf(','))) <= step)
          .forEach(line -> kept.append(line).append('\n'));
    }
    AtomicFile.write(file, kept.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new FileWriteException(
          file + ": is there but cannot be read (" + e.getMessage() + "); move it away.", e);
    }
  }

  /** Adds a row. */
  void append(long step, Object... cells) {
    String row =
        step
            + ","
            + Arrays.stream(cells).map(String::valueOf).collect(Collectors.joining(","))
            + "\n";
    try {
      Files.writeString(file, row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new FileWriteException(
          file + ": cannot be written (" + e.getMessage() + "); free some space and run again.", e);
    }
  }
}
