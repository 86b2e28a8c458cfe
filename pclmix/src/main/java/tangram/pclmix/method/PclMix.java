package tangram.pclmix.method;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.Checkpoint;
import tangram.nn.CheckpointWriter;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.network.TwoViewNetwork;
import tangram.pclmix.objective.LossConfig.Term;
import tangram.pclmix.objective.Objective;
import tangram.pclmix.objective.PseudoLabels;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.objective.UncertaintyThreshold;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** The paper's method: two decoders, mixed consistency and pixel contrast (docs/method.md). */
public final class PclMix implements Method {
  PclMix() {}

  @Override
  public String key() {
    return "pclmix";
  }

  @Override
  public String row() {
    return "PCLMix";
  }

  @Override
  public String summary() {
    return "PCLMix";
  }

  @Override
  public Map<String, String> losses() {
    Map<String, String> losses = new LinkedHashMap<>();
    losses.put(Term.SUP.key(), "Supervised loss (sup)");
    losses.put(Term.CTR.key(), "Pixel contrast (ctr)");
    losses.put(Term.HET.key(), "Heterogeneous consistency (het)");
    losses.put(Term.MIX.key(), "Mixed consistency (mix)");
    losses.put(Objective.ANCHORS, "Anchors of the contrast");
    return losses;
  }

  @Override
  public boolean isDivisible() {
    return true;
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    return new AtWork(device, config);
  }

  /**
   * What two views show: the entropy of their ensemble, and the pseudo labels that are confirmed
   * (docs/method.md, step 6).
   *
   * @param scribbles integers [N, H, W]
   * @param lambdaT weight of the auxiliary view in the ensemble
   * @param threshold entropy below which a label is confirmed
   */
  public static Learner.Look look(
      TwoViewNetwork.Output out, Tensor scribbles, double lambdaT, double threshold) {
    Tensor q = out.main().lerp(out.auxiliary(), lambdaT);
    PseudoLabels labels = PseudoLabels.confirm(q, scribbles, scribbles.device().scalar(threshold));
    return new Learner.Look(
        out.main().argmax(1).to(DType.I32), labels.uncertainty(), labels.labels());
  }

  private static final class AtWork implements Learner {
    private final PclMixNetwork network;
    private final Objective objective;
    private final double lambdaT;
    private final long iterations;

    AtWork(Device device, TrainingConfig config) {
      this.network = new PclMixNetwork(new Init(device, config.seed()), config.network());
      this.iterations = config.iterations();
      this.lambdaT = config.real(Setting.LAMBDA_T);
      this.objective =
          new Objective(
              device, network, config.losses(), config.scribbleLoss(), iterations, config.seed());
    }

    @Override
    public Module network() {
      return network;
    }

    @Override
    public SegmentationNetwork segmentation() {
      return network.segmentation();
    }

    @Override
    public StepLosses step(StepInput input, long step) {
      return objective.step(input, step);
    }

    @Override
    public void divide() {
      objective.divide();
    }

    @Override
    public float[] left() {
      return objective.prototypes();
    }

    @Override
    public void take(List<float[]> shards) {
      objective.remember(shards);
    }

    @Override
    public void save(CheckpointWriter writer) {
      objective.queue().save(writer);
    }

    @Override
    public Map<String, Tensor> restore(Checkpoint checkpoint) {
      return objective.queue().restore(checkpoint);
    }

    @Override
    public Look look(Tensor images, Tensor scribbles, long step) {
      double threshold = UncertaintyThreshold.at(step, iterations);
      return PclMix.look(network.forward(images, false), scribbles, lambdaT, threshold);
    }
  }
}
