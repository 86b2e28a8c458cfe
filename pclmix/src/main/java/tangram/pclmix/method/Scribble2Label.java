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
import tangram.pclmix.data.Volume;
import tangram.pclmix.label.RunningMeans;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.network.SegmentationOptions;
import tangram.pclmix.network.Segmenter;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Losses;
import tangram.pclmix.objective.ScribbleLoss;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Device;
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

  @Override
  public boolean keepsSlices() {
    return true;
  }

  /** Labels that are yet to come. */
  @Override
  public Dataset prepare(Dataset slices, TrainingConfig config) {
    return slices.prepared(
        s -> {
          byte[] labels = new byte[s.scribble().length];
          Arrays.fill(labels, s.labels().unlabelled());
          return s.with(ByteMap.ofLabels(LABELS, labels, s.labels()));
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

    private final ScribbleLoss scribbles;
    private final RunningMeans means;
    private final double confidence;
    private final int period;
    private final double start;
    private final double weight;
    private final Tensor pseudoWeight;
    private final int together;
    private final Segmenter segmenter;

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
      this.scribbles = config.scribbleLoss();
      this.means =
          new RunningMeans(
              labels.stream().mapToInt(l -> l.length).toArray(),
              config.network().classes(),
              config.real(Setting.S2L_AVERAGE));
      this.confidence = config.real(Setting.S2L_CONFIDENCE);
      this.period = config.integer(Setting.S2L_PERIOD);
      this.start = config.real(Setting.S2L_START) * config.iterations();
      this.weight = config.real(Setting.S2L_WEIGHT);
      this.together = config.batch();
      this.segmenter =
          new Segmenter(device, network, data.labels(), data.framing(), SegmentationOptions.PLAIN);
      try (Scope persistent = Scope.detached()) {
        pseudoWeight = device.scalar(0);
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
      Tensor sup = report.put(Names.SUP, scribbles.of(p, scribbles.target(input)));
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
      int first = 0;
      while (first < slices.size()) {
        int end = first + 1;
        while (end < slices.size() && end - first < together && isAlike(first, end)) {
          end++;
        }
        predict(first, end);
        first = end;
      }
    }

    private boolean isAlike(int a, int b) {
      return slices.get(a).height() == slices.get(b).height()
          && slices.get(a).width() == slices.get(b).width();
    }

    /** Slices of one size, as if they were one scan. */
    private void predict(int first, int end) {
      Slice one = slices.get(first);
      int pixels = one.image().length;
      float[] images = new float[(end - first) * pixels];
      for (int i = first; i < end; i++) {
        System.arraycopy(slices.get(i).image(), 0, images, (i - first) * pixels, pixels);
      }
      Volume volume =
          new Volume(
              one.name(),
              one.patient(),
              end - first,
              one.height(),
              one.width(),
              images,
              null,
              one.spacing(),
              null);
      float[][] p = segmenter.segment(volume, true).probabilities();
      IntStream.range(first, end)
          .parallel()
          .forEach(
              i -> {
                means.update(i, p, (i - first) * pixels);
                label(i);
              });
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
