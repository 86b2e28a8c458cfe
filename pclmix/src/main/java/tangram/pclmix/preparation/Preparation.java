package tangram.pclmix.preparation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import tangram.nn.AtomicFile;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.Folds;
import tangram.pclmix.data.Hdf5Writer;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Slice;
import tangram.pclmix.data.Supervision;
import tangram.pclmix.file.RunTable;

/**
 * Writes cases into a data folder, one at a time: volumes of those with a truth, slices of those
 * with a scribble, and what the manifest says of them. A case that the manifest says is done, of
 * the same sources, is not done again; a file that is there is replaced only if that was asked for.
 */
public final class Preparation {
  /** The folds' file in a data folder. */
  public static final String SPLITS = "splits.csv";

  /** The classes of ACDC, of which the manifest tells. */
  static final Labels LABELS = Labels.HEART;

  private final Path acdc;
  private final Path scribbles;
  private final Path out;
  private final boolean replace;
  private final boolean anywhere;
  private final Manifest manifest;

  /**
   * Prepares into a folder, which need not exist and may hold an earlier preparation.
   *
   * @param acdc the folder of scans, below which the manifest names them
   * @param scribbles that of the scribbles; null where they lie in the former
   * @param replace whether files that are there with other contents are replaced
   * @param anywhere whether truth and scribble may lie elsewhere in the scanner than their scan
   * @throws DataException if there is a manifest in the folder that cannot be read
   */
  public Preparation(Path acdc, Path scribbles, Path out, boolean replace, boolean anywhere) {
    this.acdc = acdc;
    this.scribbles = scribbles;
    this.out = out;
    this.replace = replace;
    this.anywhere = anywhere;
    this.manifest = Manifest.of(out);
  }

  /**
   * What became of a case.
   *
   * @param volumes number of its volumes in the folder, 0 or 1
   * @param slices number of its slices in the folder
   * @param before whether all was there already
   * @param warnings sentences for the user
   */
  public record Outcome(int volumes, int slices, boolean before, List<String> warnings) {}

  /** A file to be written. */
  private record Output(CaseName name, Path file, Consumer<Path> writer) {}

  /**
   * Prepares a case. Nothing is written unless all its files are sound.
   *
   * @throws DataException if a source is malformed or does not fit the others, or a file of other
   *     contents is in the way
   * @throws FileWriteException if a file cannot be written
   */
  public Outcome prepare(SourceCase source) {
    PatientInfo info = PatientInfo.beside(source.image());
    ManifestRow.Source image = source(source.image());
    ManifestRow.Source truth = source(source.truth());
    ManifestRow.Source scribble = source(source.scribble());
    String group = info.group();
    String role = info.role(source.name().frame());
    List<ManifestRow> known = manifest.rows(source.name());
    if (isDone(known, group, role, Arrays.asList(image, truth, scribble))) {
      return outcome(known, true, List.of());
    }
    PreparedCase prepared = PreparedCase.read(source, LABELS, anywhere);
    List<ManifestRow> rows = new ArrayList<>();
    for (Output output : write(outputs(source, prepared))) {
      rows.add(
          new ManifestRow(
              relative(out, output.file()),
              Checksum.of(output.file()),
              output.name(),
              group,
              role,
              shape(output.name(), prepared),
              prepared.volume().spacing(),
              scribbled(output.name(), prepared),
              image,
              truth,
              scribble));
    }
    manifest.put(source.name(), rows);
    return outcome(rows, false, prepared.warnings());
  }

  /**
   * Writes the manifest in order, and {@link #SPLITS}.
   *
   * @throws FileWriteException if one cannot be written
   */
  public void finish() {
    manifest.save();
    RunTable form = RunTable.ofTexts("patient", "fold");
    StringBuilder splits = new StringBuilder(form.header());
    TreeSet<Integer> patients = new TreeSet<>();
    manifest.names().forEach(name -> patients.add(name.patient()));
    for (int patient : patients) {
      String fold = "";
      for (int f = 1; f <= Folds.COUNT; f++) {
        fold = Folds.test(f).contains(patient) ? Integer.toString(f) : fold;
      }
      splits.append(form.line(patient, fold));
    }
    AtomicFile.write(out.resolve(SPLITS), splits.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** The cases that the folder holds by now, in order. */
  public List<CaseName> cases() {
    return List.copyOf(manifest.names());
  }

  private ManifestRow.Source source(Path file) {
    if (file == null) {
      return null;
    }
    Path folder = file.startsWith(acdc) || scribbles == null ? acdc : scribbles;
    return new ManifestRow.Source(relative(folder, file), Checksum.of(file));
  }

  /** With slashes on every system. */
  private static String relative(Path folder, Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }

  private boolean isDone(
      List<ManifestRow> rows, String group, String role, List<ManifestRow.Source> sources) {
    return !rows.isEmpty()
        && rows.stream()
            .allMatch(
                row ->
                    row.group().equals(group)
                        && row.role().equals(role)
                        && sameContents(
                            sources, Arrays.asList(row.image(), row.truth(), row.scribble()))
                        && isSound(row))
        && rows.size() == expected(rows.get(0), rows);
  }

  /** A killed process can leave fewer rows than a case has files. */
  private static int expected(ManifestRow first, List<ManifestRow> rows) {
    int volumes = first.truth() == null ? 0 : 1;
    if (first.scribble() == null) {
      return volumes;
    }
    int depth =
        rows.stream().filter(row -> !row.name().isSlice()).mapToInt(r -> r.shape()[0]).sum();
    // Without a volume the rows do not tell how many slices there should be: look again.
    return volumes == 0 ? -1 : volumes + depth;
  }

  private static boolean sameContents(List<ManifestRow.Source> a, List<ManifestRow.Source> b) {
    for (int i = 0; i < a.size(); i++) {
      String one = a.get(i) == null ? null : a.get(i).sha256();
      if (!Objects.equals(one, b.get(i) == null ? null : b.get(i).sha256())) {
        return false;
      }
    }
    return true;
  }

  private boolean isSound(ManifestRow row) {
    Path file = out.resolve(row.file());
    return Files.isRegularFile(file) && Checksum.of(file).equals(row.sha256());
  }

  private List<Output> outputs(SourceCase source, PreparedCase prepared) {
    List<Output> outputs = new ArrayList<>();
    if (source.truth() != null) {
      outputs.add(
          new Output(
              source.name(),
              out.resolve(DataFolder.VOLUMES).resolve(source.name().text() + ".h5"),
              file -> Hdf5Writer.writeVolume(file, prepared.volume())));
    }
    int z = 0;
    for (Slice slice : prepared.slices()) {
      CaseName name = SourceCase.canonical(source.name().patient(), source.name().frame(), z++);
      outputs.add(
          new Output(
              name,
              out.resolve(DataFolder.SLICES).resolve(name.text() + ".h5"),
              file -> Hdf5Writer.writeSlice(file, slice)));
    }
    return outputs;
  }

  /** Looks at all that is there before anything is written. */
  private List<Output> write(List<Output> outputs) {
    List<Output> missing = new ArrayList<>();
    for (Output output : outputs) {
      if (!Files.exists(output.file())) {
        missing.add(output);
      } else if (!holds(output)) {
        if (!replace) {
          throw new DataException(
              output.file()
                  + ": is there with other contents; choose another folder with --out, or replace"
                  + " such files with --replace.");
        }
        missing.add(output);
      }
    }
    for (Output output : missing) {
      output.writer().accept(output.file());
    }
    return outputs;
  }

  /** Whether an output's file is what would be written. */
  private static boolean holds(Output output) {
    if (!Files.isRegularFile(output.file())) {
      return false;
    }
    Path fresh =
        output
            .file()
            .resolveSibling("." + output.file().getFileName() + "." + UUID.randomUUID() + ".new");
    try {
      output.writer().accept(fresh);
      return Checksum.of(fresh).equals(Checksum.of(output.file()));
    } finally {
      delete(fresh);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new FileWriteException(
          file + ": cannot be removed (" + e.getMessage() + "); make its folder writable.", e);
    }
  }

  private static int[] shape(CaseName name, PreparedCase prepared) {
    int depth = name.isSlice() ? 1 : prepared.volume().depth();
    return new int[] {depth, prepared.volume().height(), prepared.volume().width()};
  }

  private static long[] scribbled(CaseName name, PreparedCase prepared) {
    byte[] scribble = prepared.volume().scribble();
    int pixels = prepared.volume().height() * prepared.volume().width();
    return scribble == null
        ? null
        : name.isSlice()
            ? Supervision.counts(
                scribble, name.slice() * pixels, (name.slice() + 1) * pixels, LABELS)
            : Supervision.counts(scribble, 0, scribble.length, LABELS);
  }

  private static Outcome outcome(List<ManifestRow> rows, boolean before, List<String> warnings) {
    int slices = (int) rows.stream().filter(row -> row.name().isSlice()).count();
    return new Outcome(rows.size() - slices, slices, before, warnings);
  }
}
