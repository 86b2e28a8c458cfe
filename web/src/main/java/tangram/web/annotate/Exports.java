package tangram.web.annotate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Spacings;
import tangram.pclmix.prediction.Prediction;
import tangram.pclmix.prediction.PredictionFiles;
import tangram.pclmix.prediction.Scan;
import tangram.pclmix.training.TrainedModel;
import tangram.web.http.HttpProblem;
import tangram.web.http.Json;
import tangram.web.http.Reply;

/** Writes masks, as {@code predict} does. */
final class Exports {
  private static final String MASKS = "masks";

  private Exports() {}

  /** The weights of a model. */
  static Path weights(Session session, int model) {
    return session.own(String.format(Locale.ROOT, "model/%03d.safetensors", model));
  }

  /**
   * Segments all scans that can be read.
   *
   * @param replace whether files that are there are replaced
   * @throws HttpProblem 409 if some are there and must not be
   */
  static Reply write(Session session, TrainedModel model, boolean probabilities, boolean replace) {
    PredictionFiles files =
        new PredictionFiles(session.folder().resolve(MASKS), probabilities, false);
    List<SessionScan> scans = session.all().stream().filter(SessionScan::usable).toList();
    List<Path> all = new ArrayList<>();
    for (SessionScan scan : scans) {
      all.add(files.classes(scan.name));
      if (probabilities) {
        all.add(files.probabilities(scan.name));
      }
    }
    List<Path> there = all.stream().filter(Files::exists).toList();
    if (!replace && !there.isEmpty()) {
      ObjectNode problem = Json.object();
      problem.put("error", there.size() + " of the files are there already.");
      problem.put("mend", "Say that they are to be replaced, or move them away.");
      return Reply.json(409, put(problem, session, there));
    }
    for (SessionScan scan : scans) {
      Scan read = Scan.read(scan.file, Spacings.NONE, new Notices());
      Prediction.of(read, model.segmenter(), probabilities, (frame, frames) -> true)
          .ifPresent(files::write);
    }
    return Reply.json(put(Json.object(), session, all));
  }

  private static ObjectNode put(ObjectNode node, Session session, List<Path> files) {
    ArrayNode names = node.putArray("files");
    files.forEach(file -> names.add(session.folder().relativize(file).toString()));
    return node;
  }
}
