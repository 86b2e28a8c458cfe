package tangram.web.annotate;

import java.nio.file.Path;
import tangram.pclmix.active.ActiveData;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.active.ActiveOptions;
import tangram.pclmix.active.ActiveTrainer;
import tangram.pclmix.training.TrainedModel;
import tangram.tensor.Device;

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

  /** Networks that learn on a device. */
  static Models of(Device device, ActiveOptions options) {
    return new Models() {
      @Override
      public ActiveModel open(ActiveData data, Path folder, ActiveModel.Listener listener) {
        return new ActiveTrainer(device, options, data, folder, listener);
      }

      @Override
      public TrainedModel load(Path weights) {
        return TrainedModel.load(weights, device);
      }
    };
  }
}
