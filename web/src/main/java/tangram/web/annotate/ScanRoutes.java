package tangram.web.annotate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.data.Labels;
import tangram.web.http.HttpProblem;
import tangram.web.http.Json;
import tangram.web.http.LocalServer;
import tangram.web.http.Reply;
import tangram.web.http.Request;

/** The session, its scans and scribbles. */
final class ScanRoutes {
  private static final int LARGEST = 65535;

  private final AnnotateServer server;
  private final Session session;

  ScanRoutes(AnnotateServer server) {
    this.server = server;
    session = server.session();
  }

  void addTo(LocalServer http) {
    http.route("GET", "/api/session", request -> Reply.json(server.state()))
        .route("PATCH", "/api/session", this::patch)
        .route("POST", "/api/session/look", this::look)
        .route("POST", "/api/session/take", this::take)
        .route("GET", "/api/events", r -> server.tabs().listen(AnnotateServer.tab(r)))
        .route("GET", "/api/scans/{}/frames/{}", this::frame)
        .route("GET", "/api/scans/{}/scribbles/{}/{}", this::scribble)
        .route("PUT", "/api/scans/{}/scribbles/{}/{}", this::put);
  }

  private Reply look(Request request) {
    session.look();
    return Reply.json(server.state());
  }

  private Reply take(Request request) {
    server.tabs().take(AnnotateServer.tab(request));
    return Reply.json(server.state());
  }

  /** The scan of a number, whatever is wrong with it. */
  static SessionScan scan(Session session, int number) {
    if (number < 0 || number >= session.all().size()) {
      throw new HttpProblem(404, "There is no scan " + number + ".", "Load the page again.");
    }
    return session.all().get(number);
  }

  /** The slice that a scan's number, a frame and a slice name. */
  static SliceKey key(Session session, int number, int frame, int slice) {
    SessionScan scan = scan(session, number);
    if (!scan.has(frame, slice)) {
      throw new HttpProblem(
          404,
          "There is no frame " + frame + " with a slice " + slice + " in " + scan.fileName() + ".",
          "Load the page again.");
    }
    return new SliceKey(number, frame, slice);
  }

  private SliceKey key(Request request) {
    return key(session, request.number(0), request.number(1), request.number(2));
  }

  private Reply frame(Request request) {
    SessionScan scan = scan(session, request.number(0));
    if (scan.header == null) {
      throw HttpProblem.of(409, scan.reason);
    }
    int frame = key(session, scan.id, request.number(1), 0).frame();
    float[] values = session.image(scan).floats(frame);
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    // In double: the difference of two large floats may overflow a float.
    double range = (double) max - min;
    byte[] body = new byte[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      long level = range > 0 ? Math.round(((double) values[i] - min) / range * LARGEST) : 0;
      body[2 * i] = (byte) level;
      body[2 * i + 1] = (byte) (level >> 8);
    }
    return Reply.bytes(body).zipped().with("X-Range", min + " " + max);
  }

  private Reply scribble(Request request) {
    SliceKey key = key(request);
    SessionScan scan = scan(session, key.scan());
    requireKnown(scan);
    byte[] slice = session.store().contents(scan, key);
    return Reply.bytes(slice).with("ETag", tag(slice));
  }

  private static String tag(byte[] slice) {
    return "\"" + ScribbleStore.revision(slice) + "\"";
  }

  private static void requireKnown(SessionScan scan) {
    if (scan.state == SessionScan.State.REFUSED || scan.state == SessionScan.State.QUESTION) {
      throw HttpProblem.of(409, scan.reason);
    }
  }

  private Reply put(Request request) {
    server.requireWriter(request);
    SliceKey key = key(request);
    SessionScan scan = scan(session, key.scan());
    requireKnown(scan);
    if (scan.state != SessionScan.State.OK) {
      throw HttpProblem.of(409, scan.reason);
    }
    long expected = expected(request);
    byte[] slice = request.body(scan.plane());
    requireLabels(slice, scan);
    byte[] before = session.put(scan, key, slice, expected);
    if (session.store().isDirty()) {
      server.saveSoon();
    }
    changed(key, before, slice);
    ObjectNode answer = Json.object().put("revision", ScribbleStore.revision(slice));
    answer.put("saved", session.store().saved());
    return Reply.json(answer).with("ETag", tag(slice));
  }

  private void requireLabels(byte[] slice, SessionScan scan) {
    if (slice.length != scan.plane()) {
      throw new HttpProblem(
          422,
          String.format(
              Locale.ROOT,
              "A slice of %s has %dx%d voxels, not %d.",
              scan.fileName(),
              scan.header.height(),
              scan.header.width(),
              slice.length),
          "Load the page again.");
    }
    for (byte value : slice) {
      if (!ClassTable.isValue(value & 0xFF, session.labels())) {
        throw new HttpProblem(
            422, "There is no class " + (value & 0xFF) + ".", "Load the page again.");
      }
    }
  }

  private static long expected(Request request) {
    String tag =
        request
            .header("If-Match")
            .orElseThrow(
                () ->
                    new HttpProblem(
                        428,
                        "The request does not say which revision it changes.",
                        "Send If-Match."));
    if (!tag.matches("\"?\\d{1,15}\"?")) {
      throw new HttpProblem(
          412, "This slice has no such revision.", "Load it again; your strokes are not in it.");
    }
    return Long.parseLong(tag.replace("\"", ""));
  }

  private void changed(SliceKey key, byte[] before, byte[] after) {
    int[] index = new int[after.length];
    byte[] to = new byte[after.length];
    int count = 0;
    for (int i = 0; i < after.length; i++) {
      if (before[i] != after[i]) {
        index[count] = i;
        to[count++] = after[i] == Scribbles.NONE ? session.labels().unlabelled() : after[i];
      }
    }
    if (count > 0) {
      server.model().changed(key, Arrays.copyOf(index, count), Arrays.copyOf(to, count));
    }
  }

  private Reply patch(Request request) {
    server.requireWriter(request);
    ObjectNode body = request.json();
    if (body.has("classes")) {
      classes(body.path("classes"));
    }
    synchronized (session) {
      if (body.has("scan")) {
        role(body.path("scan"));
      }
      if (body.has("window")) {
        window(body.path("window"));
      }
      session.keep();
    }
    if (body.has("answer")) {
      answer(body.path("answer"));
    }
    return Reply.json(server.state());
  }

  private void classes(JsonNode rows) {
    List<String> names = new ArrayList<>();
    List<String> colours = new ArrayList<>();
    for (JsonNode row : rows) {
      if (row.path("id").asInt(-1) != names.size()) {
        throw unfit("the classes have the numbers 0, 1, 2 and so on, in this order");
      }
      names.add(row.path("name").asText());
      colours.add(row.path("colour").asText());
    }
    int count = session.labels().count();
    Labels labels;
    try {
      int unlabelled = ClassTable.unlabelled(session.labels(), names.size());
      labels = ClassTable.of(names, colours, unlabelled);
    } catch (IllegalArgumentException e) {
      throw unfit(e.getMessage());
    }
    if (labels.count() != count && server.model().status().running()) {
      throw new HttpProblem(
          409, "The number of classes cannot change during training.", "Stop it first.");
    }
    try {
      session.relabel(labels);
    } catch (IllegalArgumentException e) {
      throw HttpProblem.of(409, e.getMessage());
    } finally {
      // Even if files are still to be rewritten.
      if (session.labels().count() != count) {
        server.reopenModel();
      }
    }
  }

  private static HttpProblem unfit(String why) {
    String text = Character.toUpperCase(why.charAt(0)) + why.substring(1);
    return new HttpProblem(422, text + ".", "Correct that.");
  }

  /** A patient's scans train, or are held out, together. */
  private void role(JsonNode node) {
    SessionScan scan = scan(session, node.path("id").asInt(-1));
    if (node.has("patient")) {
      String patient = node.path("patient").asText().strip();
      if (patient.isEmpty() || patient.length() > 100) {
        throw unfit("a patient has a name of 1 to 100 characters");
      }
      scan.patient = patient;
      session.all().stream()
          .filter(other -> other != scan && other.patient.equals(patient))
          .findFirst()
          .ifPresent(other -> scan.heldOut = other.heldOut);
    }
    if (node.has("role")) {
      String role = node.path("role").asText();
      if (!role.equals("train") && !role.equals("heldOut")) {
        throw unfit("a scan's role is train or heldOut");
      }
      for (SessionScan other : session.all()) {
        if (other.patient.equals(scan.patient)) {
          other.heldOut = role.equals("heldOut");
        }
      }
    }
  }

  private void window(JsonNode node) {
    SessionScan scan = scan(session, node.path("scan").asInt(-1));
    if (node.path("low").isNull() && node.path("high").isNull()) {
      scan.window = null;
      return;
    }
    double low = node.path("low").asDouble(Double.NaN);
    double high = node.path("high").asDouble(Double.NaN);
    if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
      throw unfit("a window is from a low to a high number");
    }
    scan.window = new double[] {low, high};
  }

  private void answer(JsonNode node) {
    SessionScan scan = scan(session, node.path("scan").asInt(-1));
    if (scan.state != SessionScan.State.QUESTION || !node.path("zeroIsUnlabelled").isBoolean()) {
      throw unfit("nothing was asked about this scan, or the answer is not true or false");
    }
    session.answer(scan, node.path("zeroIsUnlabelled").asBoolean());
  }
}
