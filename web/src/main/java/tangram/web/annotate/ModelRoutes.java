package tangram.web.annotate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.active.SlicePrediction;
import tangram.web.http.HttpProblem;
import tangram.web.http.Json;
import tangram.web.http.LocalServer;
import tangram.web.http.Reply;
import tangram.web.http.Request;

/** Training, predictions, what is next, and export. */
final class ModelRoutes {
  private static final int CANDIDATES = 5;

  private final AnnotateServer server;
  private final Session session;

  ModelRoutes(AnnotateServer server) {
    this.server = server;
    session = server.session();
  }

  void addTo(LocalServer http) {
    http.route("GET", "/api/scans/{}/prediction/{}/{}", this::prediction)
        .route("GET", "/api/next", this::next)
        .route("POST", "/api/next/skip", this::skip)
        .route("POST", "/api/train", this::train)
        .route("DELETE", "/api/train", this::stop)
        .route("POST", "/api/model/{}", this::back)
        .route("POST", "/api/export", this::export);
  }

  private Reply prediction(Request request) {
    SliceKey key = ScanRoutes.key(session, request.number(0), request.number(1), request.number(2));
    if (!ScanRoutes.scan(session, key.scan()).usable()) {
      return Reply.nothing();
    }
    if (request.query("view", 0) == 1) {
      server.model().view(key);
    }
    Optional<SlicePrediction> found = server.model().prediction(key);
    if (found.isEmpty()) {
      return Reply.nothing();
    }
    SlicePrediction p = found.get();
    byte[] body = new byte[p.classes().length + p.entropy().length];
    System.arraycopy(p.classes(), 0, body, 0, p.classes().length);
    System.arraycopy(p.entropy(), 0, body, p.classes().length, p.entropy().length);
    return Reply.bytes(body)
        .with("X-Model", Integer.toString(p.model()))
        .with("X-Size", p.height() + " " + p.width());
  }

  private Reply next(Request request) {
    int count = Math.clamp(request.query("count", CANDIDATES), 1, 100);
    ArrayNode list = Json.object().putArray("next");
    for (ActiveModel.Candidate candidate : server.model().next(count)) {
      ObjectNode node = AnnotateServer.json(candidate.key());
      Json.put(node, "score", candidate.score());
      list.add(node.put("why", candidate.why()));
    }
    return Reply.json(list);
  }

  private Reply skip(Request request) {
    server.requireWriter(request);
    ObjectNode body = request.json();
    SliceKey key =
        ScanRoutes.key(
            session,
            body.path("scan").asInt(-1),
            body.path("frame").asInt(-1),
            body.path("slice").asInt(-1));
    synchronized (session) {
      SessionScan scan = ScanRoutes.scan(session, key.scan());
      if (body.path("undo").asBoolean(false)) {
        scan.skipped.remove(key);
      } else {
        scan.skipped.add(key);
      }
      session.keep();
    }
    server.events().publish("next", Json.object());
    return Reply.json(Json.object());
  }

  private Reply train(Request request) {
    server.requireWriter(request);
    String mode = request.json().path("mode").asText();
    if (server.full().isRunning()) {
      throw new HttpProblem(409, "A full training is running.", "Wait for it, or stop it.");
    }
    // What is drawn is in the files before a training that may end the program by its memory.
    server.save();
    try {
      switch (mode) {
        case "once" -> server.model().train(ActiveModel.Mode.ONCE);
        case "keep" -> server.model().train(ActiveModel.Mode.KEEP);
        case "full" -> {
          if (server.model().status().running()) {
            throw new HttpProblem(409, "Training is running.", "Stop it first.");
          }
          server.full().start(session, this::truth, session.own("runs"), this::news);
        }
        default ->
            throw new HttpProblem(422, "A mode of training is once, keep or full.", "Name one.");
      }
    } catch (IllegalStateException e) {
      throw HttpProblem.of(409, e.getMessage());
    }
    return training();
  }

  private void news() {
    server.events().publish("round", Json.object());
  }

  private byte[] truth(int scan, int frame) {
    SessionScan of = ScanRoutes.scan(session, scan);
    return of.hasTruth ? Truths.read(of, session.labels())[frame] : null;
  }

  private Reply training() {
    return Reply.json(SessionJson.training(server.model().status(), server.full()));
  }

  private Reply stop(Request request) {
    server.requireWriter(request);
    server.model().stop();
    server.full().stop();
    return training();
  }

  private Reply back(Request request) {
    server.requireWriter(request);
    try {
      server.model().back(request.number(0));
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw HttpProblem.of(409, e.getMessage());
    }
    return Reply.json(server.state());
  }

  private Reply export(Request request) {
    server.requireWriter(request);
    ObjectNode body = request.json();
    String what = body.path("what").asText();
    if (!what.equals("masks") && !what.equals("probabilities")) {
      throw new HttpProblem(422, "What is exported is masks or probabilities.", "Name one.");
    }
    Path weights = Exports.weights(session, server.model().status().model());
    if (!Files.exists(weights)) {
      throw new HttpProblem(409, "There is no model yet to export masks of.", "Train one first.");
    }
    boolean replace = body.path("replace").asBoolean(false);
    return server.work(
        () ->
            Exports.write(
                session, server.models().load(weights), what.equals("probabilities"), replace));
  }
}
