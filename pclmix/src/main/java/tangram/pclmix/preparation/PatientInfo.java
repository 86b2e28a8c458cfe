package tangram.pclmix.preparation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tangram.nn.data.DataException;

/**
 * What ACDC's {@code Info.cfg} tells of a patient, in lines such as {@code ED: 1} and {@code Group:
 * DCM}.
 *
 * @param group the pathology; empty where unknown
 * @param diastole the frame of the end of diastole; -1 where unknown
 * @param systole the frame of the end of systole; -1 where unknown
 */
record PatientInfo(String group, int diastole, int systole) {
  private static final String FILE = "Info.cfg";
  private static final int MAX_BYTES = 1 << 16;

  /**
   * Reads the file beside a scan.
   *
   * @throws DataException if it is there but cannot be read
   */
  static PatientInfo beside(Path image) {
    Path file = image.resolveSibling(FILE);
    if (!Files.isRegularFile(file)) {
      return new PatientInfo("", -1, -1);
    }
    Map<String, String> values = new HashMap<>();
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new DataException(
            file + ": is too long for a patient's few lines; restore it or move it away.");
      }
      // Every byte is a character: what matters is ASCII, and no name of a group may stop this.
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      for (String line : withoutMark(text).split("\\R")) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          values.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
      }
    } catch (IOException e) {
      throw new DataException(
          file + ": cannot be read (" + e + "); make it readable or move it away.", e);
    }
    return new PatientInfo(
        values.getOrDefault("Group", ""), frame(values.get("ED")), frame(values.get("ES")));
  }

  /** Editors put a byte order mark before UTF-8 text. */
  private static String withoutMark(String latin) {
    String mark = "\u00ef\u00bb\u00bf";
    return latin.startsWith(mark) ? latin.substring(mark.length()) : latin;
  }

  /** ED, ES, or empty where unknown. */
  String role(int frame) {
    return frame == diastole ? "ED" : frame == systole ? "ES" : "";
  }

  private static int frame(String text) {
    return text != null && text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
  }
}
