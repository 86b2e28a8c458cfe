package tangram.pclmix.method;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.Init;
import tangram.nn.Layer;
import tangram.nn.Module;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.network.NetworkMean;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.LossReport;
import tangram.pclmix.objective.Losses;
import tangram.pclmix.objective.Mixing;
import tangram.pclmix.objective.ScribbleLoss;
import tangram.pclmix.objective.ScribbleLoss.Target;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingConfig.TriMixInference;
import tangram.tensor.Autograd;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * TriMix (Zhang and Patel, TriMix 2023): three networks; each learns from a mixture of two views of
 * the batch what the other two make of them.
 */
final class TriMix implements Method {
  private static final int COUNT = 3;
  private static final int COIN = 0x3E7D_0301;
  private static final String MIXED = "mixed";

  /** The two views that each network's mixture is made of; the coin turns them. */
  private static final int[][] VIEWS = {{1, 2}, {0, 2}, {0, 1}};

  @Override
  public String key() {
    return "trimix";
  }

  @Override
  public String row() {
    return "TriMix";
  }

  @Override
  public String summary() {
    return "trimix: three networks teach each other on mixed images";
  }

  @Override
  public Map<String, String> losses() {
    return Names.of(
        Names.SUP,
        Names.SUP_TITLE,
        MIXED,
        "Supervised loss of mixed images (mixed)",
        Names.PSEUDO,
        Names.PSEUDO_TITLE);
  }

  @Override
  public Learner learner(Device device, TrainingConfig config, Dataset slices) {
    return new AtWork(device, this, config);
  }

  @Override
  public Layer predictor(Device device, TrainingConfig config) {
    return hasMean(config)
        ? mean(networks(device, config))
        : Method.super.predictor(device, config);
  }

  private static boolean hasMean(TrainingConfig config) {
    return config.triMixInference() == TriMixInference.MEAN;
  }

  private static SegmentationNetwork[] networks(Device device, TrainingConfig config) {
    Init init = new Init(device, config.seed());
    SegmentationNetwork[] networks = new SegmentationNetwork[COUNT];
    for (int i = 0; i < COUNT; i++) {
      networks[i] = new SegmentationNetwork(init, config.network());
    }
    return networks;
  }

  private static NetworkMean mean(SegmentationNetwork[] networks) {
    Map<String, SegmentationNetwork> others = new LinkedHashMap<>();
    others.put("second", networks[1]);
    others.put("third", networks[2]);
    return new NetworkMean(networks[0], others);
  }

  private static final class AtWork implements Learner {
    private final TrainingConfig config;
    private final ScribbleLoss scribbles;
    private final SegmentationNetwork[] networks;
    private final NetworkMean all;
    private final LossReport report;
    private final Replay[] plain = new Replay[COUNT];
    private final Replay[] mixed = new Replay[COUNT];

    /** What each network makes of the batch. */
    private final Tensor[] predicted = new Tensor[COUNT];

    /** The order of each view, of which the first is the batch as it is. */
    private final Tensor[] order = new Tensor[COUNT];

    private final Tensor head;
    private final Tensor tail;
    private final Tensor headPrediction;
    private final Tensor tailPrediction;

    AtWork(Device device, Method method, TrainingConfig config) {
      this.config = config;
      this.scribbles = config.scribbleLoss();
      networks = networks(device, config);
      for (int i = 0; i < COUNT; i++) {
        plain[i] = device.replay("plain " + i);
        mixed[i] = device.replay("mixed " + i);
      }
      all = mean(networks);
      report = new LossReport(device, List.copyOf(method.losses().keySet()));
      int n = config.batch();
      int size = config.imageSize();
      int classes = config.network().classes();
      int[] same = new int[n];
      for (int i = 0; i < n; i++) {
        same[i] = i;
      }
      try (Scope persistent = Scope.detached()) {
        for (int i = 0; i < COUNT; i++) {
          predicted[i] = device.zeros(n, classes, size, size);
          order[i] = device.tensor(same, n);
        }
        head = device.emptyInts(n);
        tail = device.emptyInts(n);
        headPrediction = device.zeros(n, classes, size, size);
        tailPrediction = device.zeros(n, classes, size, size);
      }
    }

    @Override
    public Module network() {
      return all;
    }

    @Override
    public SegmentationNetwork segmentation() {
      return networks[0];
    }

    @Override
    public Layer predictor() {
      return hasMean(config) ? all : networks[0];
    }

    @Override
    public List<SegmentationNetwork> started() {
      return List.of(networks);
    }

    @Override
    public StepLosses step(StepInput input, long step) {
      double sup = 0;
      double mix = 0;
      double pseudo = 0;
      for (int i = 0; i < COUNT; i++) {
        plainPass(input, i);
        sup += report.read().get(Names.SUP);
      }
      order[1].copyFrom(input.order(0));
      order[2].copyFrom(input.order(1));
      boolean turned = new CounterRandom(config.seed(), COIN, step, 0).nextFloat() < 0.5f;
      for (int i = 0; i < COUNT; i++) {
        mixedPass(input, i, VIEWS[i][turned ? 1 : 0], VIEWS[i][turned ? 0 : 1]);
        Map<String, Double> values = report.read();
        mix += values.get(MIXED);
        pseudo += values.get(Names.PSEUDO);
      }
      Map<String, Double> values = new LinkedHashMap<>();
      values.put(Names.SUP, sup);
      values.put(MIXED, mix);
      values.put(Names.PSEUDO, pseudo);
      double total =
          sup
              + config.real(Setting.MIXED_WEIGHT) * mix
              + config.real(Setting.MIXED_PSEUDO_WEIGHT) * pseudo;
      return new StepLosses(total, values);
    }

    private void plainPass(StepInput input, int i) {
      try (Scope scope = Scope.open()) {
        plain[i].begin();
        plain[i].section(
            () -> {
              Tensor p = networks[i].probabilities(input.image());
              predicted[i].copyFrom(p);
              report.put(Names.SUP, scribbles.of(p, scribbles.target(input))).backward();
            });
      }
    }

    /** Each sample is pasted by its own mask, and what a network sees by another's prediction. */
    private void mixedPass(StepInput input, int i, int a, int b) {
      head.copyFrom(order[a]);
      tail.copyFrom(order[b]);
      headPrediction.copyFrom(predicted[a]);
      tailPrediction.copyFrom(predicted[b]);
      try (Scope scope = Scope.open()) {
        mixed[i].begin();
        mixed[i].section(
            () -> {
              Tensor mask = input.mask(0).indexSelect(0, head);
              Tensor x = Mixing.cutMix(input.image(), head, input.image(), tail, mask);
              Target y = scribbles.target(input).cutMix(head, tail, mask);
              Tensor t;
              try (Autograd.Guard guard = Autograd.noGrad()) {
                t =
                    Mixing.cutMix(headPrediction, head, tailPrediction, tail, mask)
                        .argmax(1)
                        .to(DType.I32);
              }
              Tensor q = networks[i].probabilities(x);
              Tensor mixedLoss = report.put(MIXED, scribbles.of(q, y));
              Tensor pseudo = report.put(Names.PSEUDO, Losses.partialCrossEntropy(q, t));
              mixedLoss
                  .mul(config.real(Setting.MIXED_WEIGHT))
                  .add(pseudo.mul(config.real(Setting.MIXED_PSEUDO_WEIGHT)))
                  .backward();
            });
      }
    }
  }
}
