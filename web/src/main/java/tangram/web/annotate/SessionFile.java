package tangram.web.annotate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tangram.nn.AtomicFile;
import tangram.nn.FileFormatException;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Labels;
import tangram.web.http.Json;

/** Reads and writes {@code session.json}. */
final class SessionFile {
  static final String NAME = "session.json";
  private static final int VERSION = 1;
  private static final long MAX_BYTES = 1 << 26;

  private SessionFile() {}

  /**
   * What is kept of a scan.
   *
   * @param file its name in the folder
   * @param sha256 of the file that was drawn on
   * @param window the least and greatest intensity shown; null for automatic
   * @param skipped frame and slice where there is nothing to draw
   * @param zeroIsBackground whether zeros of a foreign scribble were said to be background
   */
  record SavedScan(
      String file,
      String sha256,
      String patient,
      boolean heldOut,
      double[] window,
      List<int[]> skipped,
      boolean zeroIsBackground) {}

  /**
   * What is kept of a session.
   *
   * @param rewriting what stood for unlabelled before the classes changed, while scribbles are
   *     rewritten; -1 else
   */
  record Saved(Labels labels, int rewriting, List<SavedScan> scans) {}

  /**
   * Reads a file.
   *
   * @return empty if there is none
   * @throws FileFormatException if it is damaged or of a later version
   */
  static Optional<Saved> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("too large");
      }
      ObjectNode root = Json.parse(Files.readAllBytes(file));
      int version = root.path("version").asInt(-1);
      if (version > VERSION) {
        throw new FileFormatException(
            file + ": was written by a later version of this program; use that one.");
      }
      require(version == VERSION);
      List<SavedScan> scans = new ArrayList<>();
      for (JsonNode scan : array(root, "scans")) {
        scans.add(scan(scan));
      }
      return Optional.of(new Saved(labels(root), root.path("rewriting").asInt(-1), scans));
    } catch (IOException | IllegalArgumentException e) {
      throw new FileFormatException(
          file
              + ": is no session ("
              + e.getMessage()
              + "); put a copy back, or remove it to start a session anew with the scribbles that"
              + " are there.",
          e);
    }
  }

  private static void require(boolean fits) {
    if (!fits) {
      throw new IllegalArgumentException("a part is missing or of another form");
    }
  }

  private static JsonNode array(JsonNode node, String name) {
    require(node.path(name).isArray());
    return node.path(name);
  }

  private static Labels labels(JsonNode root) {
    List<String> names = new ArrayList<>();
    List<String> colours = new ArrayList<>();
    for (JsonNode row : array(root, "classes")) {
      require(row.path("id").asInt(-1) == names.size());
      names.add(row.path("name").asText());
      colours.add(row.path("colour").asText());
    }
    return ClassTable.of(names, colours, root.path("unlabelled").asInt(-1));
  }

  private static SavedScan scan(JsonNode node) {
    require(node.path("file").isTextual() && node.path("patient").isTextual());
    List<int[]> skipped = new ArrayList<>();
    for (JsonNode pair : node.path("skipped")) {
      require(pair.size() == 2 && pair.path(0).isInt() && pair.path(1).isInt());
      skipped.add(new int[] {pair.path(0).asInt(), pair.path(1).asInt()});
    }
    JsonNode window = node.path("window");
    require(!window.isArray() || window.size() == 2);
    return new SavedScan(
        node.path("file").asText(),
        node.path("sha256").asText(),
        node.path("patient").asText(),
        node.path("role").asText().equals("heldOut"),
        window.isArray()
            ? new double[] {window.path(0).asDouble(), window.path(1).asDouble()}
            : null,
        skipped,
        node.path("zeroIsBackground").asBoolean(false));
  }

  /** Writes a file. */
  static void write(Path file, Saved saved) {
    ObjectNode root = Json.object().put("version", VERSION);
    putClasses(root.putArray("classes"), saved.labels());
    root.put("unlabelled", saved.labels().unlabelledInFiles());
    if (saved.rewriting() >= 0) {
      root.put("rewriting", saved.rewriting());
    }
    ArrayNode scans = root.putArray("scans");
    for (SavedScan scan : saved.scans()) {
      ObjectNode node = scans.addObject();
      node.put("file", scan.file()).put("sha256", scan.sha256()).put("patient", scan.patient());
      node.put("role", scan.heldOut() ? "heldOut" : "train");
      if (scan.window() != null) {
        node.putArray("window").add(scan.window()[0]).add(scan.window()[1]);
      }
      ArrayNode skipped = node.putArray("skipped");
      scan.skipped().forEach(pair -> skipped.addArray().add(pair[0]).add(pair[1]));
      if (scan.zeroIsBackground()) {
        node.put("zeroIsBackground", true);
      }
    }
    AtomicFile.write(file, Json.pretty(root));
  }

  /** Writes the classes as the API and the file have them. */
  static void putClasses(ArrayNode classes, Labels labels) {
    for (int c = 0; c < labels.count(); c++) {
      classes
          .addObject()
          .put("id", c)
          .put("name", labels.name(c))
          .put("colour", ClassTable.colour(labels, c));
    }
  }

  /** Refuses a session whose classes are others than asked for. */
  static void requireSame(Path file, Labels saved, Labels given) {
    if (given != null && !given.equals(saved)) {
      throw new DataException(
          file
              + ": the session has the classes "
              + saved.text()
              + "; leave out --classes and change them on the page.");
    }
  }
}
