package tangram.pclmix.data;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tangram.nn.data.DataException;

/**
 * The parts of a name such as {@code patient041_frame01_slice_3} (a slice) or {@code
 * patient021_frame01} (a volume). Ordered by patient, frame and slice as numbers, so that slice 10
 * follows slice 9.
 *
 * @param text the name without its file extension
 * @param patient the patient's number
 * @param frame the number of the frame in the cardiac cycle
 * @param slice the number of the slice, or -1 for a volume
 */
public record CaseName(String text, int patient, int frame, int slice)
    implements Comparable<CaseName> {
  private static final Pattern NAME =
      Pattern.compile("patient(\\d{1,9})_frame(\\d{1,9})(?:_slice_(\\d{1,9}))?");
  private static final Pattern HDF5 = Pattern.compile("(?is).*\\.(h5|hdf5)");
  private static final Comparator<CaseName> ORDER =
      Comparator.comparingInt(CaseName::patient)
          .thenComparingInt(CaseName::frame)
          .thenComparingInt(CaseName::slice)
          .thenComparing(CaseName::text);

  /** Parses a name without extension; empty if it has another form. */
  public static Optional<CaseName> parse(String text) {
    Matcher matcher = NAME.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String slice = matcher.group(3);
    return Optional.of(
        new CaseName(
            text,
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            slice == null ? -1 : Integer.parseInt(slice)));
  }

  /** Whether a file is HDF5, by its name: it ends in {@code .h5} or {@code .hdf5}. */
  public static boolean isHdf5(Path file) {
    Path name = file.getFileName();
    return name != null && HDF5.matcher(name.toString()).matches();
  }

  /** The same patient, frame and slice, whatever the zeros before the numbers. */
  public CaseName canonical() {
    return new CaseName("", patient, frame, slice);
  }

  /**
   * The file's name without the extensions {@code .h5}, {@code .hdf5}, {@code .nii} or {@code
   * .nii.gz}, in small or capital letters.
   *
   * @throws DataException if the locale cannot spell the name
   */
  public static String withoutExtension(Path file) {
    if (!Spelling.isKnown(file)) {
      throw new DataException(Spelling.sentence(file.toString()));
    }
    Path name = file.getFileName();
    return name == null ? "" : name.toString().replaceFirst("(?i)\\.(h5|hdf5|nii|nii\\.gz)$", "");
  }

  /** The patient's number in the file's name, or 0 where the name has another form. */
  static int patientOf(Path file) {
    return parse(withoutExtension(file)).map(CaseName::patient).orElse(0);
  }

  /** The volume it belongs to, whatever the zeros before the numbers. */
  CaseName ofVolume() {
    return new CaseName("", patient, frame, -1);
  }

  /** Whether this names a slice rather than a volume. */
  public boolean isSlice() {
    return slice >= 0;
  }

  @Override
  public int compareTo(CaseName other) {
    return ORDER.compare(this, other);
  }
}
