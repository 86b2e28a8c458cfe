package tangram.web.annotate;

import java.nio.file.Path;
import tangram.pclmix.active.ActiveData;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.training.TrainedModel;

/** Where the networks of a session come from. */
public interface Models {
  /**
   * A network that learns from a session.
   *
   * @param folder where it keeps its weights and rounds
   */
  ActiveModel open(ActiveData data, Path folder, ActiveModel.Listener listener);

  /** Weights to segment scans with, as {@code predict} loads them. */
  TrainedModel load(Path weights);
}
