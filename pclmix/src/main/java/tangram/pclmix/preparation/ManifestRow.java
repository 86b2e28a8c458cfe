package tangram.pclmix.preparation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.data.CaseName;

/**
 * What a manifest says about one written file.
 *
 * @param file its place in the data folder, with slashes
 * @param sha256 its checksum
 * @param name patient, frame and slice
 * @param group the patient's pathology; empty where unknown
 * @param role ED or ES; empty where unknown
 * @param shape depth (1 for a slice), height, width
 * @param spacing distance between voxel centres in mm, {z, y, x}
 * @param scribbled pixels of each class 0..3, and unlabelled ones; null without a scribble
 * @param image the scan it was made of
 * @param truth the truth it was made of; null without
 * @param scribble the scribble it was made of; null without
 */
record ManifestRow(
    String file,
    String sha256,
    CaseName name,
    String group,
    String role,
    int[] shape,
    double[] spacing,
    long[] scribbled,
    Source image,
    Source truth,
    Source scribble) {
  /** The columns, in order. */
  static final List<String> COLUMNS =
      List.of(
          ("file,sha256,case,patient,frame,slice,group,role,depth,height,width,"
                  + "spacing_z_mm,spacing_y_mm,spacing_x_mm,"
                  + "scribbled_background,scribbled_rv,scribbled_myo,scribbled_lv,unlabelled,"
                  + "image,image_sha256,truth,truth_sha256,scribble,scribble_sha256")
              .split(","));

  /**
   * A file that something was made of.
   *
   * @param path below the folder that was named
   * @param sha256 its checksum
   */
  record Source(String path, String sha256) {}

  /** The name of the case, without a slice. */
  CaseName caseName() {
    return SourceCase.canonical(name.patient(), name.frame(), -1);
  }

  /** The values of the columns. */
  List<String> values() {
    List<String> values = new ArrayList<>(List.of(file, sha256, caseName().text()));
    values.add(Integer.toString(name.patient()));
    values.add(Integer.toString(name.frame()));
    values.add(name.isSlice() ? Integer.toString(name.slice()) : "");
    values.add(group);
    values.add(role);
    for (int side : shape) {
      values.add(Integer.toString(side));
    }
    for (double s : spacing) {
      values.add(String.format(Locale.ROOT, "%.6g", s));
    }
    for (int i = 0; i <= Preparation.LABELS.unlabelled(); i++) {
      values.add(scribbled == null ? "" : Long.toString(scribbled[i]));
    }
    for (Source source : new Source[] {image, truth, scribble}) {
      values.add(source == null ? "" : source.path());
      values.add(source == null ? "" : source.sha256());
    }
    return values;
  }

  /**
   * The row of these values.
   *
   * @throws IllegalArgumentException if they are no row
   */
  static ManifestRow parse(List<String> v) {
    String file = v.get(0);
    if (v.size() != COLUMNS.size() || !Checksum.isOne(v.get(1)) || !isBelow(file)) {
      throw new IllegalArgumentException("no row of a manifest");
    }
    int slice = v.get(5).isEmpty() ? -1 : Integer.parseInt(v.get(5));
    return new ManifestRow(
        file,
        v.get(1),
        SourceCase.canonical(Integer.parseInt(v.get(3)), Integer.parseInt(v.get(4)), slice),
        v.get(6),
        v.get(7),
        v.subList(8, 11).stream().mapToInt(Integer::parseInt).toArray(),
        v.subList(11, 14).stream().mapToDouble(Double::parseDouble).toArray(),
        v.get(14).isEmpty()
            ? null
            : v.subList(14, 19).stream().mapToLong(Long::parseLong).toArray(),
        source(v, 19),
        source(v, 21),
        source(v, 23));
  }

  private static Source source(List<String> v, int at) {
    if (v.get(at).isEmpty()) {
      return null;
    }
    if (!Checksum.isOne(v.get(at + 1))) {
      throw new IllegalArgumentException("no checksum");
    }
    return new Source(v.get(at), v.get(at + 1));
  }

  /** Whether a path names a file below a folder, whatever the system. */
  private static boolean isBelow(String path) {
    return !path.isEmpty()
        && path.matches("[^\\p{Cntrl}:\\\\]+")
        && Arrays.stream(path.split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals("..") || part.equals("."));
  }
}
