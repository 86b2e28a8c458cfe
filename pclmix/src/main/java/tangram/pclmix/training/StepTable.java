package tangram.pclmix.training;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;

/**
 * A CSV file that grows by a row at a time, while others may read it. Rows begin with the number of
 * a step and come in its order.
 */
final class StepTable {
  /** Rows are far shorter. */
  private static final int MAX_ROW_BYTES = 1024;

  private final Path file;
  private final String header;

  StepTable(Path file, String header) {
    this.file = file;
    this.header = header;
  }

  /** Makes the file, with its header alone. */
  void create() {
    write(List.of(header));
  }

  /** Adds a row, which ends with the end of a line. */
  void append(String row) {
    try {
      Files.writeString(file, row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new FileWriteException(
          file + ": cannot be written (" + e.getMessage() + "); free some space and use --resume.",
          e);
    }
  }

  /** Removes the rows of later steps, and what is no whole row. */
  void truncateAfter(long step) {
    List<String> kept = new ArrayList<>();
    for (String line : RunFolder.read(file).split("\n")) {
      int comma = line.indexOf(',');
      if (kept.isEmpty() || (comma > 0 && isUpTo(line.substring(0, comma), step))) {
        kept.add(line);
      }
    }
    write(kept);
  }

  private void write(List<String> lines) {
    AtomicFile.write(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isUpTo(String text, long step) {
    try {
      return Long.parseLong(text) <= step;
    } catch (NumberFormatException e) {
      // A killed process can leave a half-written last row; it is not kept.
      return false;
    }
  }

  /**
   * A number of the last whole row.
   *
   * @param column counted from 0
   * @param otherwise what it is without rows
   * @throws FileFormatException if the file cannot be read or ends in something else
   */
  double last(int column, double otherwise) {
    if (!Files.isRegularFile(file)) {
      return otherwise;
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(in.length(), MAX_ROW_BYTES)];
      in.seek(in.length() - tail.length);
      in.readFully(tail);
      String text = new String(tail, StandardCharsets.UTF_8);
      int end = text.lastIndexOf('\n');
      int start = end < 1 ? -1 : text.lastIndexOf('\n', end - 1);
      // Without a line before it, it is the header.
      return start < 0
          ? otherwise
          : Double.parseDouble(text.substring(start + 1, end).split(",")[column]);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new FileFormatException(
          file + ": is damaged at its end; resume the run, which repairs it.", e);
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e.getMessage() + "); make it readable.", e);
    }
  }
}
