package tangram.web.annotate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import tangram.nn.FileFormatException;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Spacings;
import tangram.pclmix.metrics.ClassScore;
import tangram.pclmix.metrics.SegmentationScores;
import tangram.pclmix.metrics.VoxelGrid;
import tangram.pclmix.prediction.Scan;
import tangram.pclmix.training.TrainedModel;
import tangram.web.http.Json;

/**
 * Scores of the model on the scans whose truth lies beside them, as {@code evaluate} scores: of a
 * series, their mean over its frames.
 */
final class TruthScores {
  private final Session session;
  private final Models models;
  private final Consumer<String> tell;
  private final AtomicInteger asked = new AtomicInteger();
  private volatile JsonNode json = NullNode.getInstance();

  /**
   * None yet.
   *
   * @param tell hears sentences about truths that cannot be used
   */
  TruthScores(Session session, Models models, Consumer<String> tell) {
    this.session = session;
    this.models = models;
    this.tell = tell;
  }

  /** By scan, or null where there is no truth or no score yet. */
  JsonNode json() {
    return json;
  }

  /** Whether there is anything to score. */
  boolean any() {
    return session.all().stream().anyMatch(scan -> scan.hasTruth && scan.usable());
  }

  /** Asks for scores of the model that is then in use; the last that is asked for counts. */
  int ask() {
    return asked.incrementAndGet();
  }

  /**
   * Scores a model, unless a later one is asked for.
   *
   * @return whether there are other scores now
   */
  boolean score(int request, int model) {
    Path weights = Exports.weights(session, model);
    if (!Files.exists(weights)) {
      json = NullNode.getInstance();
      return true;
    }
    ArrayNode scores = Json.object().putArray("truth");
    try {
      TrainedModel trained = models.load(weights);
      for (SessionScan scan : session.all()) {
        if (request != asked.get()) {
          return false;
        }
        if (scan.hasTruth && scan.usable()) {
          put(scores, scan, trained);
        }
      }
    } catch (FileFormatException e) {
      // A model that has been removed meanwhile is no longer asked for.
      if (request == asked.get()) {
        tell.accept(e.getMessage());
      }
      return false;
    }
    json = scores;
    return true;
  }

  private void put(ArrayNode scores, SessionScan scan, TrainedModel trained) {
    Labels labels = trained.segmenter().labels();
    int count = labels.count();
    double[] dice = new double[count];
    double[] hd95 = new double[count];
    try {
      byte[][] truth = Truths.read(scan, labels);
      Scan read = Scan.read(scan.file, Spacings.NONE, new Notices());
      for (int frame = 0; frame < truth.length; frame++) {
        for (ClassScore of : score(read, frame, trained, truth[frame]).classes()) {
          dice[of.label()] += of.dice() / truth.length;
          hd95[of.label()] += of.hd95Mm() / truth.length;
        }
      }
    } catch (DataException e) {
      tell.accept(e.getMessage());
      return;
    }
    ObjectNode row = scores.addObject().put("id", scan.id);
    put(row.putArray("dice"), dice);
    put(row.putArray("hd95"), hd95);
  }

  /** The background has no score. */
  private static void put(ArrayNode array, double[] scores) {
    array.addNull();
    for (int c = 1; c < scores.length; c++) {
      array.add(scores[c]);
    }
  }

  private static SegmentationScores score(
      Scan scan, int frame, TrainedModel trained, byte[] truth) {
    NiftiHeader header = scan.header();
    double[] s = header.spacing();
    return SegmentationScores.of(
        scan.name(),
        trained.segmenter().labels().count(),
        trained.segmenter().segment(scan.frame(frame)).classes(),
        truth,
        new VoxelGrid(header.depth(), header.height(), header.width(), s[0], s[1], s[2]));
  }
}
