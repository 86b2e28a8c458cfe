package tangram.pclmix.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;
import tangram.pclmix.file.RunTable;

/**
 * What a run learns from, case by case, with a checksum of each: {@code data.csv} in its folder. A
 * run that continues with other data would not have the bits that it would have had, so they are
 * compared. The checksums are of the numbers in memory: a file that was copied, moved or packed
 * anew with the same contents is the same.
 */
record DataRecord(List<Entry> entries) {
  static final String FILE = "data.csv";

  private static final RunTable FORM = RunTable.ofTexts("part", "name", "size", "sha256");

  /** A million cases take less. */
  private static final int MAX_BYTES = 1 << 28;

  private static final int NAMED = 3;

  /** The part of the file that the encoder starts from. */
  private static final String ENCODER = "encoder";

  /**
   * A case.
   *
   * @param part training, validation or test, or the file that the encoder starts from
   * @param size rows and columns, of volumes slices before; empty for the encoder
   */
  record Entry(String part, String name, String size, String sha256) {}

  /** Describes a run's data, in the order in which the run knows them. */
  static DataRecord of(TrainingData data) {
    List<Entry> entries = new ArrayList<>();
    for (Slice s : data.training().slices()) {
      entries.add(
          new Entry(
              "training",
              s.name(),
              s.height() + "x" + s.width(),
              new Digest().add(s.image()).add(s.scribble()).text()));
    }
    data.validation().forEach(v -> entries.add(entry("validation", v)));
    data.test().forEach(v -> entries.add(entry("test", v)));
    data.encoder()
        .filter(Files::isRegularFile)
        .ifPresent(
            file ->
                entries.add(
                    new Entry(
                        ENCODER,
                        file.getFileName().toString(),
                        "",
                        new Digest().add(file).text())));
    return new DataRecord(List.copyOf(entries));
  }

  private static Entry entry(String part, Volume v) {
    double[] spacing = v.spacing() == null ? new double[0] : v.spacing();
    return new Entry(
        part,
        v.name(),
        v.depth() + "x" + v.height() + "x" + v.width(),
        new Digest().add(v.image()).add(v.label()).add(spacing).text());
  }

  /** Writes it into a run's folder. */
  void write(Path folder) {
    StringBuilder text = new StringBuilder(FORM.header());
    entries.forEach(e -> text.append(FORM.line(e.part(), e.name(), e.size(), e.sha256())));
    AtomicFile.write(folder.resolve(FILE), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Compares a run's data with what its folder tells of those that it began with. Where the folder
   * does not tell, it does from now on.
   *
   * @param begun whether there is a checkpoint, so that the encoder's file is not needed any more
   * @return a sentence if they could not be compared
   * @throws FileFormatException if they differ
   */
  Optional<String> requireSame(Path folder, boolean begun) {
    Path file = folder.resolve(FILE);
    List<Entry> before = new ArrayList<>();
    String problem = null;
    if (!Files.exists(file)) {
      problem = file + ": is missing";
    } else {
      try {
        List<Long> damaged =
            FORM.read(
                file,
                MAX_BYTES,
                "restore it",
                row -> before.add(new Entry(row.get(0), row.get(1), row.get(2), row.get(3))));
        problem = damaged.isEmpty() ? null : file + ": is damaged";
      } catch (FileFormatException e) {
        problem = e.getMessage();
      }
    }
    if (problem != null) {
      write(folder);
      return Optional.of(
          problem.replaceFirst("; .*|\\.$", "")
              + "; whether the data are those that the run began with cannot be told.");
    }
    List<Entry> now = new ArrayList<>(entries);
    if (begun) {
      before.removeIf(e -> e.part().equals(ENCODER));
      now.removeIf(e -> e.part().equals(ENCODER));
    }
    if (before.equals(now)) {
      return Optional.empty();
    }
    throw new FileFormatException(
        folder
            + ": the run began with other data: "
            + difference(byName(before), byName(now))
            + "; restore them, or start a new run.");
  }

  private static String difference(Map<String, Entry> old, Map<String, Entry> now) {
    List<String> missing = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    old.forEach(
        (name, entry) -> {
          if (!now.containsKey(name)) {
            missing.add(name);
          } else if (!now.get(name).equals(entry)) {
            changed.add(name);
          }
        });
    List<String> added = now.keySet().stream().filter(name -> !old.containsKey(name)).toList();
    List<String> parts = new ArrayList<>();
    tell(parts, missing, "missing");
    tell(parts, changed, "changed");
    tell(parts, added, "new");
    return parts.isEmpty() ? "their order or number is another" : String.join(", ", parts);
  }

  private static Map<String, Entry> byName(List<Entry> entries) {
    Map<String, Entry> map = new LinkedHashMap<>();
    entries.forEach(e -> map.put(FileFormatException.quote(e.name()) + " (" + e.part() + ")", e));
    return map;
  }

  private static void tell(List<String> parts, List<String> names, String what) {
    if (!names.isEmpty()) {
      String more = names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "";
      parts.add(
          String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
              + more
              + (names.size() == 1 ? " is " : " are ")
              + what);
    }
  }

  /** SHA-256 of numbers and files. */
  private static final class Digest {
    private static final int PART = 1 << 14;

    private final MessageDigest digest;
    private final ByteBuffer buffer =
        ByteBuffer.allocate(PART * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    Digest() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }

    Digest add(float[] values) {
      for (int from = 0; from < values.length; from += PART) {
        int count = Math.min(PART, values.length - from);
        buffer.clear().asFloatBuffer().put(values, from, count);
        digest.update(buffer.limit(count * Float.BYTES));
      }
      return this;
    }

    Digest add(byte[] values) {
      if (values != null) {
        digest.update(values);
      }
      return this;
    }

    Digest add(Path file) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        while (channel.read(buffer.clear()) >= 0) {
          digest.update(buffer.flip());
        }
        return this;
      } catch (IOException e) {
        throw new FileFormatException(
            file + ": cannot be read (" + e.getMessage() + "); make it readable.", e);
      }
    }

    Digest add(double[] values) {
      for (double value : values) {
        digest.update(buffer.clear().putDouble(value).flip());
      }
      return this;
    }

    String text() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
