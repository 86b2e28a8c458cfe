package tangram.web.annotate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;

/** Scores of the model on the scans whose truth lies beside them, {@code X_gt.nii.gz}. */
final class TruthScores {
  private volatile JsonNode json = NullNode.getInstance();

  /** By scan, or null where there is no truth or no score yet. */
  JsonNode json() {
    return json;
  }
}
