package tangram.web.annotate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.active.SliceKey;
import tangram.web.http.Json;

/** The state of a session as the page gets it. */
final class SessionJson {
  private static final int VERSION = 1;

  private SessionJson() {}

  /** All of it. */
  static ObjectNode of(
      Session session, ActiveModel.Status status, FullRun full, TruthScores truth) {
    ObjectNode root = Json.object().put("version", VERSION);
    root.put("folder", session.folder().toString());
    root.put("readOnly", session.readOnly());
    root.put("notice", session.notice());
    SessionFile.putClasses(root.putArray("classes"), session.labels());
    ArrayNode scans = root.putArray("scans");
    ObjectNode windows = root.putObject("windows");
    Map<Integer, Map<SliceKey, Integer>> drawn = new TreeMap<>();
    session
        .store()
        .counts()
        .forEach(
            (key, count) ->
                drawn.computeIfAbsent(key.scan(), scan -> new TreeMap<>()).put(key, count));
    synchronized (session) {
      for (SessionScan scan : session.all()) {
        put(scans.addObject(), scan, drawn.getOrDefault(scan.id, Map.of()));
        if (scan.window != null) {
          windows.putArray(Integer.toString(scan.id)).add(scan.window[0]).add(scan.window[1]);
        }
      }
    }
    putModel(root, status, full);
    root.set("truth", truth.json());
    root.put("saved", session.store().saved());
    root.put("unsaved", session.store().unsaved());
    return root;
  }

  private static void put(ObjectNode node, SessionScan scan, Map<SliceKey, Integer> drawn) {
    node.put("id", scan.id).put("name", scan.name).put("file", scan.fileName());
    node.put("patient", scan.patient).put("role", scan.heldOut ? "heldOut" : "train");
    boolean known = scan.header != null;
    node.put("width", known ? scan.header.width() : 0);
    node.put("height", known ? scan.header.height() : 0);
    node.put("depth", known ? scan.header.depth() : 0);
    node.put("frames", known ? scan.header.frames() : 0);
    ArrayNode spacing = node.putArray("spacing");
    for (double side : known ? scan.header.spacing() : new double[] {1, 1, 1}) {
      spacing.add(side);
    }
    Orientation orientation =
        known ? Orientation.of(scan.header) : new Orientation(false, false, null);
    node.put("flipX", orientation.flipX()).put("flipY", orientation.flipY());
    if (orientation.edges() == null) {
      node.putNull("edges");
    } else {
      String[] edges = orientation.edges();
      node.putObject("edges")
          .put("left", edges[0])
          .put("right", edges[1])
          .put("top", edges[2])
          .put("bottom", edges[3]);
    }
    ArrayNode counts = node.putArray("drawn");
    drawn.forEach((key, count) -> counts.addArray().add(key.frame()).add(key.slice()).add(count));
    ArrayNode skipped = node.putArray("skipped");
    scan.skipped.forEach(key -> skipped.addArray().add(key.frame()).add(key.slice()));
    node.put("state", scan.state.name().toLowerCase(Locale.ROOT));
    node.put("reason", scan.reason);
    node.put("hasTruth", scan.hasTruth);
  }

  private static void putModel(ObjectNode root, ActiveModel.Status status, FullRun full) {
    ObjectNode model = root.putObject("model").put("number", status.model());
    model.put("start", status.start()).put("slices", status.slices());
    model.put("made", status.madeAtMillis());
    ArrayNode kept = model.putArray("kept");
    status.kept().forEach(kept::add);
    root.set("training", training(status, full));
    putAgreement(root.putArray("agreement"), status.agreement());
    putAgreement(root.putArray("heldOut"), status.heldOut());
    Json.put(root, "decoders", status.decoders());
    Json.put(root, "changed", status.changed());
    root.put("settled", status.settled());
  }

  /** How training stands. */
  static ObjectNode training(ActiveModel.Status status, FullRun full) {
    ObjectNode training = Json.object();
    boolean fully = full.isRunning();
    training.put("state", status.running() ? "running" : fully ? "full" : "idle");
    boolean moded = status.running() && status.mode() != null;
    training.put("mode", moded ? status.mode().name().toLowerCase(Locale.ROOT) : null);
    training.put("step", status.step()).put("steps", status.steps());
    ArrayNode losses = training.putArray("losses");
    for (double loss : status.losses()) {
      if (Double.isFinite(loss)) {
        losses.add(loss);
      } else {
        losses.addNull();
      }
    }
    Json.put(training, "secondsLeft", status.secondsLeft());
    training.put("note", status.note() != null ? status.note() : full.note().orElse(null));
    training.put("run", full.run().map(Object::toString).orElse(null));
    training.put("runUrl", full.url().orElse(null));
    return training;
  }

  private static void putAgreement(ArrayNode array, List<ActiveModel.ClassAgreement> agreement) {
    for (ActiveModel.ClassAgreement of : agreement) {
      ObjectNode row = array.addObject().put("id", of.label());
      Json.put(row, "part", of.part());
      row.put("voxels", of.voxels());
    }
  }
}
