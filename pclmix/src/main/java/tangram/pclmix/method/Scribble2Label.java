package tangram.pclmix.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tangram.nn.Checkpoint;
import tangram.nn.CheckpointWriter;
import tangram.pclmix.data.ByteMap;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Slice;
import tangram.pclmix.label.RunningMeans;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Losses;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Scribble2Label (Lee and Jeong 2020): where the running mean of the network's own predictions is
 * sure of a class, that is a label.
 */
final class Scribble2Label implements Method {
  /** The labels among a slice's maps. */
  static final String LABELS = "running_mean";

  @Override
  public String key() {
    return "s2l";
  }

  @Override
  public String row() {
    return "S2L";
  }

  @Override
  public String summary() {
    return "s2l: labels by running means of predictions";
  }

  @Override
  public Map<String, String> losses() {
    return Names.of(Names.SUP, Names.SUP_TITLE, Names.PSEUDO, Names.PSEUDO_TITLE);
  }

  /** Labels that are yet to come. */
  @Override
  public Dataset prepare(Dataset slices, TrainingConfig config) {
    return slices.prepared(
        s -> {
          byte[] labels = new byte[s.scribble().length];
          Arrays.fill(labels, (byte) Slice.UNLABELLED);
          return s.with(ByteMap.ofLabels(LABELS, labels));
        });
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    return new AtWork(
        device,
        this,
        config,
        slices,
        SegmentationNetwork.create(device, config.seed(), config.network()));
  }

  private static final class AtWork extends OnePass {
    private static final String MEANS = "running_means.";

    private final SegmentationNetwork network;
    private final List<Slice> slices;

    /** Those of the slices, which every batch reads. */
    private final List<byte[]> labels = new ArrayList<>();

    private final RunningMeans means;
    private final double confidence;
    private final int period;
    private final double start;
    private final double weight;
    private final Tensor pseudoWeight;
    private final Replay prediction;
    private final float[] images;
    private final Tensor seen;
    private final Tensor predicted;

    AtWork(
        Device device,
        Method method,
        TrainingConfig config,
        Dataset data,
        SegmentationNetwork network) {
      super(device, method, network);
      this.network = network;
      this.slices = data.slices();
      for (Slice slice : slices) {
        slice.maps().stream()
            .filter(map -> map.name().equals(LABELS))
            .forEach(map -> labels.add(map.values()));
      }
      int classes = config.network().classes();
      int size = config.imageSize();
      this.means =
          new RunningMeans(slices.size(), classes, size * size, config.real(Setting.S2L_AVERAGE));
      this.confidence = config.real(Setting.S2L_CONFIDENCE);
      this.period = config.integer(Setting.S2L_PERIOD);
      this.start = config.real(Setting.S2L_START) * config.iterations();
      this.weight = config.real(Setting.S2L_WEIGHT);
      this.prediction = device.replay("running means");
      this.images = new float[config.batch() * size * size];
      try (Scope persistent = Scope.detached()) {
        pseudoWeight = device.scalar(0);
        seen = device.zeros(config.batch(), 1, size, size);
        predicted = device.zeros(config.batch(), classes, size, size);
      }
      IntStream.range(0, slices.size()).parallel().forEach(this::label);
    }

    @Override
    void prepare(StepInput input, long step) {
      pseudoWeight.copyFrom(new double[] {step < start ? 0 : weight}, 0);
    }

    @Override
    Tensor loss(StepInput input, LossReport report) {
      Tensor p = network.probabilities(input.image());
      Tensor sup = report.put(Names.SUP, Losses.partialCrossEntropy(p, input.scribble()));
      Tensor pseudo = report.put(Names.PSEUDO, Losses.partialCrossEntropy(p, input.map(LABELS)));
      return sup.add(pseudo.mul(pseudoWeight));
    }

    @Override
    public void updated(long step) {
      if ((step + 1) % period == 0) {
        predictAll();
      }
    }

    /** Takes in what the network, as it will be used, makes of all slices as they are. */
    private void predictAll() {
      boolean training = network.isTraining();
      network.train(false);
      try (Autograd.Guard guard = Autograd.noGrad()) {
        for (int first = 0; first < slices.size(); first += seen.dim(0)) {
          predict(first, Math.min(seen.dim(0), slices.size() - first));
        }
      } finally {
        network.train(training);
      }
    }

    private void predict(int first, int count) {
      int pixels = slices.get(0).image().length;
      // The rest of a last batch is what was there before; nobody reads what comes of it.
      for (int i = 0; i < count; i++) {
        System.arraycopy(slices.get(first + i).image(), 0, images, i * pixels, pixels);
      }
      seen.copyFrom(images, 0);
      try (Scope scope = Scope.open()) {
        prediction.begin();
        prediction.section(() -> predicted.copyFrom(network.probabilities(seen)));
        float[] p = predicted.toFloats();
        int each = p.length / seen.dim(0);
        IntStream.range(0, count)
            .parallel()
            .forEach(
                i -> {
                  means.update(first + i, p, i * each);
                  label(first + i);
                });
      }
    }

    private void label(int slice) {
      means.label(slice, confidence, slices.get(slice).scribble(), labels.get(slice));
    }

    @Override
    public void save(CheckpointWriter writer) {
      for (int i = 0; i < means.slices(); i++) {
        writer.extra(MEANS + i, means.packed(i), means.packed(i).length);
      }
    }

    @Override
    public Map<String, Tensor> restore(Checkpoint checkpoint) {
      for (int i = 0; i < means.slices(); i++) {
        if (!means.restore(i, checkpoint.extraInts(MEANS + i))) {
          throw checkpoint.impossible();
        }
        label(i);
      }
      return Map.of();
    }
  }
}
