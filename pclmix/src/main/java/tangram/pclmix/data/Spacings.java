package tangram.pclmix.data;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.FileFormatException;
import tangram.pclmix.file.RunTable;

/**
 * Voxel spacings of cases whose files do not tell them, from a table with the columns {@code case}
 * (such as patient021_frame01), {@code spacing_z}, {@code spacing_y} and {@code spacing_x} in mm.
 */
public final class Spacings {
  /** No table. */
  public static final Spacings NONE = new Spacings(Map.of());

  private static final RunTable FORM =
      RunTable.ofTexts("case", "spacing_z", "spacing_y", "spacing_x");

  private static final int MAX_BYTES = 1 << 24;
  private static final String ADVICE = "name a CSV file with such columns with --spacing-file";

  private final Map<CaseName, double[]> byCase;

  private Spacings(Map<CaseName, double[]> byCase) {
    this.byCase = byCase;
  }

  /**
   * Reads a table.
   *
   * @throws FileFormatException if it cannot be read, lacks a column, or has a row that does not
   *     name a case and three positive numbers
   */
  public static Spacings read(Path file) {
    Map<CaseName, double[]> spacings = new HashMap<>();
    List<Long> damaged =
        FORM.read(
            file,
            MAX_BYTES,
            ADVICE,
            row -> {
              double[] mm = new double[3];
              for (int i = 0; i < mm.length; i++) {
                mm[i] = Double.parseDouble(row.get(i + 1));
              }
              CaseName name = CaseName.parse(row.get(0).strip()).orElse(null);
              return name != null
                  && Volume.isSpacing(mm)
                  && spacings.put(name.ofVolume(), mm) == null;
            });
    if (!damaged.isEmpty()) {
      throw new FileFormatException(
          file
              + (damaged.get(0) < 0 ? ": a quotation that never ends" : ": row " + damaged.get(0))
              + " is not one case, such as patient021_frame01, named once, and three positive"
              + " numbers of mm; correct it.");
    }
    return new Spacings(spacings);
  }

  /**
   * The spacing of a volume or of a slice of it, {z, y, x} in mm.
   *
   * @param name of the file, without extension
   * @return null if the table does not tell
   */
  double[] of(String name) {
    return CaseName.parse(name).map(CaseName::ofVolume).map(byCase::get).orElse(null);
  }
}
