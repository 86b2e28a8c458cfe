package tangram.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tangram.nn.console.Visible;
import tangram.pclmix.data.Labels;
import tangram.pclmix.prediction.ClassVolumes;
import tangram.pclmix.prediction.Prediction;

/** The volumes of the classes, a line a scan; of a series, a line for each of its key frames. */
final class PredictionTable {
  private static final int LEAST_WIDTH = 8;

  private final Labels labels;
  private final List<ClassVolumes> rows = new ArrayList<>();
  private int scans;
  private int withoutSpacing;

  /** Without scans yet. */
  PredictionTable(Labels labels) {
    this.labels = labels;
  }

  /** Adds a scan. */
  void add(Prediction prediction) {
    for (int frame : prediction.keyFrames()) {
      rows.add(prediction.volumes(frame));
    }
    scans++;
    withoutSpacing += prediction.scan().spacingKnown() ? 0 : 1;
  }

  /** Number of scans added. */
  int scans() {
    return scans;
  }

  /** The name of the scan that was added first. */
  String firstName() {
    return rows.get(0).name();
  }

  /** The table. */
  String text() {
    int width = "scan".length();
    for (ClassVolumes row : rows) {
      width = Math.max(width, title(row).length());
    }
    String format = "%-" + width + "s  %6s";
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, format, "scan", "slices"));
    for (int label = 1; label < labels.count(); label++) {
      text.append(String.format(Locale.ROOT, column(label, "s"), labels.name(label)));
    }
    text.append('\n');
    for (ClassVolumes row : rows) {
      text.append(String.format(Locale.ROOT, format, title(row), row.slices()));
      for (int label = 1; label < labels.count(); label++) {
        text.append(
            row.hasMillilitres()
                ? String.format(Locale.ROOT, column(label, ".1f"), row.millilitres(label))
                : String.format(Locale.ROOT, column(label, "d"), row.voxels()[label]));
      }
      text.append(row.hasMillilitres() ? "  ml\n" : "  voxels\n");
    }
    if (rows.stream().anyMatch(row -> row.frames() > 1)) {
      text.append(
          "Of a series, the volumes with the largest and the smallest "
              + (labels.find("LV").isPresent() ? "LV" : "segmentation")
              + ".\n");
    }
    if (withoutSpacing > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              "The voxel spacing of %s is unknown; 1 mm is written in its place.%n",
              withoutSpacing == 1 ? "one scan" : withoutSpacing + " scans"));
    }
    return text.toString();
  }

  /** The format of a class's column. */
  private String column(int label, String conversion) {
    return " %" + Math.max(LEAST_WIDTH, labels.name(label).length()) + conversion;
  }

  private static String title(ClassVolumes row) {
    String name = Visible.of(row.name());
    return row.frames() == 1 ? name : name + ", frame " + (row.frame() + 1);
  }
}
