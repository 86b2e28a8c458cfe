package tangram.pclmix.method;

import java.util.Map;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;

/** The paper's upper bound: cross-entropy on dense truth (paper 4.2). */
final class Full implements Method {
  @Override
  public String key() {
    return "full";
  }

  @Override
  public String row() {
    return "upper bound";
  }

  @Override
  public String summary() {
    return "full: U-Net on dense truth";
  }

  @Override
  public Map<String, String> losses() {
    return Map.of(Names.SUP, Names.SUP_TITLE);
  }

  @Override
  public boolean isDense() {
    return true;
  }

  @Override
  public Dataset prepare(Dataset slices, TrainingConfig config) {
    return slices.denselyAnnotated();
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    return Pce.supervised(device, config, this);
  }
}
