package tangram.pclmix.active;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tangram.nn.AtomicFile;
import tangram.nn.data.DataException;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.Hdf5Writer;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Volume;
import tangram.pclmix.file.RunTable;

/**
 * Makes a data folder of a session for an ordinary training run: the drawn slices of patients that
 * train, and volumes to validate on where there are truths of patients that are held out. Scans
 * have any names, so patients and frames are numbered and {@code cases.csv} tells which is which.
 */
public final class FullTraining {
  private static final RunTable CASES = RunTable.ofTexts("case", "scan", "patient", "frame");
  private static final RunTable CLASSES = RunTable.ofTexts("id", "name", "colour");

  private FullTraining() {}

  /** Tells truths. */
  @FunctionalInterface
  public interface Truths {
    /**
     * The dense truth of a frame.
     *
     * @return classes 0..K-1, [depth][height][width], or null where there is none
     */
    byte[] of(int scan, int frame);
  }

  /**
   * What was made.
   *
   * @param arguments for {@code bin/pclmix train}: the data, the classes and the patients
   * @param notes sentences for the user
   */
  public record Prepared(List<String> arguments, List<String> notes) {
    /** Copies the lists. */
    public Prepared {
      arguments = List.copyOf(arguments);
      notes = List.copyOf(notes);
    }
  }

  /** A frame of a scan and the name of its case. */
  private record Case(int scan, int frame, String name, int patient) {}

  /**
   * Makes the folder.
   *
   * @param folder to make, which must be empty or not be there
   * @throws DataException if the folder holds something, nothing is drawn, or a scan cannot be read
   * @throws tangram.nn.FileWriteException if a file cannot be written
   */
  public static Prepared prepare(ActiveData data, Truths truths, Path folder) {
    requireEmpty(folder);
    List<ActiveScan> scans = data.scans();
    Map<SliceKey, List<Integer>> drawn = new TreeMap<>();
    for (SliceKey key : new TreeSet<>(data.drawn())) {
      ActiveScan scan = scans.get(key.scan());
      if (scan.usable() && !scan.heldOut()) {
        drawn
            .computeIfAbsent(new SliceKey(key.scan(), key.frame(), 0), k -> new ArrayList<>())
            .add(key.slice());
      }
    }
    if (drawn.isEmpty()) {
      throw new DataException(
          "Nothing is drawn in a scan that trains; draw a line in each class and in the background"
              + " first.");
    }
    Numbers numbers = new Numbers(scans);
    List<Case> cases = new ArrayList<>();
    drawn.forEach(
        (key, slices) -> {
          Case made = numbers.next(key.scan(), key.frame());
          cases.add(made);
          writeSlices(data, made, slices, folder);
        });
    TreeSet<Integer> training =
        cases.stream().map(Case::patient).collect(Collectors.toCollection(TreeSet::new));
    TreeSet<Integer> validation = new TreeSet<>();
    for (int s = 0; s < scans.size(); s++) {
      for (int f = 0; f < scans.get(s).frames() && isJudge(scans.get(s)); f++) {
        byte[] truth = truths.of(s, f);
        if (truth != null) {
          Case made = numbers.next(s, f);
          cases.add(made);
          validation.add(made.patient());
          writeVolume(data, made, truth, folder);
        }
      }
    }
    writeCases(scans, cases, folder);
    List<String> arguments = new ArrayList<>(List.of("--data", folder.toString()));
    if (!data.labels().equals(Labels.HEART)) {
      Path classes = folder.resolve("classes.csv");
      AtomicFile.write(classes, classes(data.labels()).getBytes(StandardCharsets.UTF_8));
      arguments.addAll(List.of("--classes", classes.toString()));
    }
    arguments.addAll(List.of("--train-patients", text(training)));
    arguments.addAll(List.of("--val-patients", validation.isEmpty() ? "none" : text(validation)));
    return new Prepared(
        arguments,
        validation.isEmpty()
            ? List.of(
                "No patient that is held out has a truth (X_gt.nii.gz), so the training tells no"
                    + " Dice and keeps the last weights.")
            : List.of());
  }

  private static boolean isJudge(ActiveScan scan) {
    return scan.usable() && scan.heldOut();
  }

  /** Numbers patients in the order of the scans, and the cases of each. */
  private static final class Numbers {
    private final List<ActiveScan> scans;
    private final Map<String, Integer> patients = new LinkedHashMap<>();
    private final Map<Integer, Integer> frames = new LinkedHashMap<>();

    Numbers(List<ActiveScan> scans) {
      this.scans = scans;
      scans.forEach(scan -> patients.putIfAbsent(scan.patient(), patients.size() + 1));
    }

    Case next(int scan, int frame) {
      int patient = patients.get(scans.get(scan).patient());
      int number = frames.merge(patient, 1, Integer::sum);
      String name = String.format(Locale.ROOT, "patient%03d_frame%02d", patient, number);
      return new Case(scan, frame, name, patient);
    }
  }

  private static void requireEmpty(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new DataException(folder + ": is not empty; choose another folder.");
      }
    } catch (IOException e) {
      throw DataException.unreadable(folder, e);
    }
  }

  private static void writeSlices(ActiveData data, Case made, List<Integer> slices, Path folder) {
    Volume v = Frames.scaled(data, made.scan(), made.frame());
    int pixels = v.height() * v.width();
    for (int z : slices) {
      byte[] scribble = data.scribble(new SliceKey(made.scan(), made.frame(), z));
      String name = made.name() + "_slice_" + z;
      Hdf5Writer.writeSlice(
          folder.resolve(DataFolder.SLICES).resolve(name + ".h5"),
          new Slice(
              name,
              made.patient(),
              v.height(),
              v.width(),
              data.labels(),
              Arrays.copyOfRange(v.image(), z * pixels, (z + 1) * pixels),
              null,
              scribble,
              v.spacing()));
    }
  }

  private static void writeVolume(ActiveData data, Case made, byte[] truth, Path folder) {
    Volume v = Frames.scaled(data, made.scan(), made.frame());
    Hdf5Writer.writeVolume(
        folder.resolve(DataFolder.VOLUMES).resolve(made.name() + ".h5"),
        new Volume(
            made.name(),
            made.patient(),
            v.depth(),
            v.height(),
            v.width(),
            v.image(),
            truth,
            v.spacing(),
            null));
  }

  private static void writeCases(List<ActiveScan> scans, List<Case> cases, Path folder) {
    StringBuilder text = new StringBuilder(CASES.header());
    for (Case made : cases) {
      ActiveScan scan = scans.get(made.scan());
      text.append(CASES.line(made.name(), scan.name(), scan.patient(), made.frame() + 1));
    }
    AtomicFile.write(folder.resolve("cases.csv"), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String classes(Labels labels) {
    StringBuilder text = new StringBuilder(CLASSES.header());
    for (int c = 0; c < labels.count(); c++) {
      String colour = String.format(Locale.ROOT, "#%06X", labels.colour(c));
      text.append(CLASSES.line(c, labels.name(c), colour));
    }
    return text.append(CLASSES.line(labels.count(), "unlabelled", "")).toString();
  }

  private static String text(TreeSet<Integer> patients) {
    return patients.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
