package tangram.pclmix.active;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.pclmix.active.ActiveModel.ClassAgreement;
import tangram.pclmix.data.Labels;
import tangram.pclmix.file.RunTable;

/**
 * The folder of a session's models: {@code NNN.safetensors} of the latest rounds, {@code
 * current.txt} with the number of the one in use, and {@code rounds.csv}.
 */
final class ModelFiles {
  /** Models that are kept. */
  private static final int KEPT = 10;

  private static final Pattern MODEL = Pattern.compile("(\\d{3,9})\\.safetensors");
  private static final int MAX_BYTES = 1 << 26;

  /** A row for each class that strokes were compared of; one without class if there is none. */
  private static final RunTable ROUNDS =
      RunTable.ofGrowingTexts(
          "round", "slices", "steps", "seconds", "undone", "class", "agreement", "voxels");

  private final Path folder;

  /** Makes the folder if need be. */
  ModelFiles(Path folder) {
    this.folder = folder;
    AtomicFile.makeFolder(folder);
  }

  Path file(int model) {
    return folder.resolve(String.format(Locale.ROOT, "%03d.safetensors", model));
  }

  /** The models that are there, in order. */
  List<Integer> kept() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> MODEL.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> Integer.parseInt(name.group(1)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new FileFormatException(
          folder + ": cannot be listed (" + e.getMessage() + "); make it readable.", e);
    }
  }

  /** The model in use, 0 for the one that a session starts with. */
  int current() {
    Path file = folder.resolve("current.txt");
    List<Integer> kept = kept();
    int latest = kept.isEmpty() ? 0 : kept.get(kept.size() - 1);
    if (!Files.isRegularFile(file)) {
      return latest;
    }
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
      int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
      return number == 0 || kept.contains(number) ? number : latest;
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read (" + e.getMessage() + "); make it readable.", e);
    }
  }

  /** Makes a model the one in use. */
  void use(int model) {
    AtomicFile.write(
        folder.resolve("current.txt"), (model + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** Removes what is too old, but for the model in use. */
  void prune(int inUse) {
    List<Integer> kept = kept();
    for (int model : kept.subList(0, Math.max(0, kept.size() - KEPT))) {
      if (model != inUse) {
        try {
          Files.deleteIfExists(file(model));
        } catch (IOException e) {
          throw new FileWriteException(
              file(model) + ": cannot be removed (" + e.getMessage() + "); make it writable.", e);
        }
      }
    }
  }

  /** The number of the last round, undone ones included. */
  int lastRound() {
    List<Integer> kept = kept();
    int[] last = {kept.isEmpty() ? 0 : kept.get(kept.size() - 1)};
    Path file = folder.resolve("rounds.csv");
    if (Files.exists(file)) {
      ROUNDS.read(
          file,
          MAX_BYTES,
          "restore it or remove it",
          row -> {
            last[0] = Math.max(last[0], Integer.parseInt(row.get(0)));
            return true;
          });
    }
    return last[0];
  }

  /** Adds a round to the table. */
  void append(
      int round,
      int slices,
      int steps,
      double seconds,
      boolean undone,
      Labels labels,
      List<ClassAgreement> agreement) {
    StringBuilder rows = new StringBuilder();
    String time = String.format(Locale.ROOT, "%.1f", seconds);
    for (ClassAgreement a : agreement) {
      String part = String.format(Locale.ROOT, "%.4f", a.part());
      String name = labels.name(a.label());
      rows.append(ROUNDS.line(round, slices, steps, time, undone, name, part, a.voxels()));
    }
    if (agreement.isEmpty()) {
      rows.append(ROUNDS.line(round, slices, steps, time, undone, "", "", 0));
    }
    Path file = folder.resolve("rounds.csv");
    try {
      Files.writeString(
          file,
          (Files.exists(file) ? "" : ROUNDS.header()) + rows,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new FileWriteException(
          file + ": cannot be written (" + e.getMessage() + "); free some space.", e);
    }
  }

  /** When a model was made, in milliseconds since 1970. */
  long madeAt(int model) {
    try {
      return Files.getLastModifiedTime(file(model)).toMillis();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
