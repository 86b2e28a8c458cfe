package tangram.pclmix.method;

import java.util.Map;
import tangram.nn.Init;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;

/**
 * Dynamically mixed pseudo labels (Luo et al., MICCAI 2022): a second decoder sees the features
 * with half of their channels dropped; a random mixture of both predictions labels both.
 */
final class Dmpls implements Method {
  @Override
  public String key() {
    return "dmpls";
  }

  @Override
  public String row() {
    return "DMPLS";
  }

  @Override
  public String summary() {
    return "dmpls: dynamically mixed pseudo labels";
  }

  @Override
  public Map<String, String> losses() {
    return Names.of(Names.SUP, Names.SUP_TITLE, Names.PSEUDO, Names.PSEUDO_TITLE);
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    Init init = new Init(device, config.seed());
    return new TwoDecoders(
        device, this, config, TwoDecoders.Networks.create(init, config.network()), Map.of());
  }
}
