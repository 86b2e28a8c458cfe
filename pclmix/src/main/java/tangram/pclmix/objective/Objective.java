package tangram.pclmix.objective;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.DropPath;
import tangram.pclmix.network.TwoViewNetwork;
import tangram.pclmix.network.TwoViewNetwork.Output;
import tangram.pclmix.objective.LossConfig.Term;
import tangram.pclmix.objective.ScribbleLoss.Target;
import tangram.tensor.Autograd;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * One training step's losses and gradients (paper eq. 1; docs/method.md, One training step).
 *
 * <p>The targets p12 and p21 of the mixed consistency carry no gradient, so the three forward
 * passes (x, x12, x21) are independent: each is differentiated before the next begins, their
 * gradients add up, and memory for one is enough. Both mixed passes are one {@link Replay}; what
 * distinguishes them is copied into the same tensors before.
 */
public final class Objective {
  private static final int COIN = 0x0B1E_0200;
  private static final int[] BOTH_VIEWS = {0, 1};

  /** Number of contrasted pixels. */
  public static final String ANCHORS = "anchors";

  private final TwoViewNetwork network;
  private final LossConfig config;
  private final ScribbleLoss scribbles;
  private final long iterations;
  private final long seed;
  private final MemoryQueue queue;
  private final AnchorSampler sampler;
  private final Device device;
  private final Tensor threshold;
  private final Tensor anchorIndex;
  private final Tensor anchorLabel;
  private final Tensor contrastWeight;
  private final Tensor heterogeneousWeight;
  private final Tensor mixWeight;
  private final LossReport report;
  private final Replay plainPass;
  private final Replay contrastPass;
  private final Replay mixedPass;
  private StepTensors tensors;

  /** Whether batches come in shards, so that prototypes wait for those of the others. */
  private boolean isDivided;

  /** What the last shard leaves to the memory; see {@link #prototypes}. */
  private float[] left;

  /**
   * Creates the objective.
   *
   * @param iterations length of the whole training, which warm-up and threshold scale with
   * @param seed the run's seed
   */
  public Objective(
      Device device, TwoViewNetwork network, LossConfig config, long iterations, long seed) {
    this(device, network, config, ScribbleLoss.PLAIN, iterations, seed);
  }

  /**
   * Creates the objective with another loss on scribbles.
   *
   * @param iterations length of the whole training, which warm-up and threshold scale with
   * @param seed the run's seed
   */
  public Objective(
      Device device,
      TwoViewNetwork network,
      LossConfig config,
      ScribbleLoss scribbles,
      long iterations,
      long seed) {
    this.scribbles = scribbles;
    this.device = device;
    this.network = network;
    this.config = config;
    this.iterations = iterations;
    this.seed = seed;
    int classes = network.config().classes();
    this.queue =
        new MemoryQueue(device, classes - 1, config.queueSlots(), network.config().embeddingDim());
    this.sampler = new AnchorSampler(classes, config, seed);
    try (Scope persistent = Scope.detached()) {
      threshold = device.scalar(0);
      anchorIndex = device.emptyInts(config.totalAnchors());
      anchorLabel = device.emptyInts(config.totalAnchors());
      contrastWeight = device.scalar(0);
      heterogeneousWeight = device.scalar(0);
      mixWeight = device.scalar(config.consistencyWeight() * config.mixWeight());
    }
    report = new LossReport(device, Arrays.stream(Term.values()).map(Term::key).toList());
    plainPass = device.replay("pass");
    contrastPass = device.replay("contrast");
    mixedPass = device.replay("mixed");
  }

  /** The contrast's memory, part of the training's state. */
  public MemoryQueue queue() {
    return queue;
  }

  /** Makes steps leave what goes into the memory to {@link #prototypes} and {@link #remember}. */
  public void divide() {
    isDivided = true;
  }

  /**
   * The prototypes of the last step's images: for each image and foreground class 1 if the image
   * shows the class, else 0, then the vector.
   */
  public float[] prototypes() {
    return left;
  }

  /**
   * Puts the prototypes of all shards into the memory.
   *
   * @param shards what {@link #prototypes} was after each, in the order of the shards
   */
  public void remember(List<float[]> shards) {
    int length = 1 + network.config().embeddingDim();
    int classes = network.config().classes() - 1;
    int each = shards.get(0).length / length;
    boolean[] shown = new boolean[each * shards.size()];
    float[] vectors = new float[shown.length * (length - 1)];
    for (int i = 0; i < shown.length; i++) {
      float[] shard = shards.get(i / each);
      int at = i % each * length;
      shown[i] = shard[at] != 0;
      System.arraycopy(shard, at + 1, vectors, i * (length - 1), length - 1);
    }
    try (Scope scope = Scope.open()) {
      Tensor rows = device.tensor(queue.reserve(shown), shown.length / classes, classes);
      queue.place(device.tensor(vectors, shown.length, length - 1), rows);
    }
    queue.publish();
  }

  /**
   * Adds the gradients of a step to the network's parameters.
   *
   * @param step iteration, counted from 0
   */
  public StepLosses step(StepInput input, long step) {
    Totals totals = new Totals(step);
    contrastWeight.copyFrom(new double[] {totals.contrastWeight}, 0);
    heterogeneousWeight.copyFrom(
        new double[] {config.consistencyWeight() * totals.heterogeneousRamp}, 0);
    if (tensors == null || !tensors.fit(input)) {
      tensors = new StepTensors(device, input, network.config().classes());
      if (isDivided) {
        int prototypes = input.size() * (network.config().classes() - 1);
        int length = network.config().embeddingDim();
        try (Scope persistent = Scope.detached()) {
          tensors.prototypes = device.zeros(prototypes, length);
        }
        left = new float[prototypes * (1 + length)];
      }
    }
    if (isDivided) {
      Arrays.fill(left, 0);
    }
    if (config.uses(Term.CTR) && step >= Math.round(config.warmUpFraction() * iterations)) {
      contrastedPass(input, step, totals);
    } else {
      unmixedPass(input, step, totals);
    }
    for (int view : views(step)) {
      mixedPass(input, view, step, totals);
    }
    return totals.result();
  }

  private int[] views(long step) {
    if (config.mixes() == 2) {
      return BOTH_VIEWS;
    }
    return new int[] {new CounterRandom(seed, COIN, step, 0).nextInt(2)};
  }

  /** The pass of x without contrast. */
  private void unmixedPass(StepInput input, long step, Totals totals) {
    DropPath.resampleAll(network, input.image.dim(0), seed, step, pass(input, 0));
    try (Scope pass = Scope.open()) {
      plainPass.begin();
      plainPass.section(() -> backward(unmixedLoss(network.forward(input.image, false), input)));
    }
    totals.add(Term.SUP, Term.HET);
  }

  /**
   * The pass of x with contrast. Between its sections the host chooses the anchors by the confirmed
   * labels and gives the prototypes their slots.
   */
  private void contrastedPass(StepInput input, long step, Totals totals) {
    int batch = input.image.dim(0);
    DropPath.resampleAll(network, batch, seed, step, pass(input, 0));
    threshold.copyFrom(new double[] {UncertaintyThreshold.at(step, iterations)}, 0);
    try (Scope pass = Scope.open()) {
      Intermediate made = new Intermediate();
      contrastPass.begin();
      contrastPass.section(
          () -> {
            made.out = network.forward(input.image, true);
            made.loss = unmixedLoss(made.out, input);
            confirm(made.out, input.scribble);
          });
      int[] labels = tensors.labels.toInts();
      Anchors anchors =
          sampler.sample(labels, tensors.predicted.toInts(), batch, step, input.shard());
      anchorIndex.copyFrom(anchors.index(), 0);
      anchorLabel.copyFrom(anchors.label(), 0);
      if (isDivided) {
        contrastPass.section(() -> contrast(made));
        leave(queue.shown(labels, batch));
      } else {
        tensors.slots.copyFrom(queue.reserve(labels, batch), 0);
        contrastPass.section(() -> contrast(made));
        queue.publish();
      }
      totals.anchors = anchors.count();
    }
    totals.add(Term.SUP, Term.HET, Term.CTR);
  }

  /** What the first section of a pass makes for the second. */
  private static final class Intermediate {
    private Output out;
    private Tensor loss;
  }

  /** The losses of x without contrast; keeps the predictions as targets of the mixed passes. */
  private Tensor unmixedLoss(Output out, StepInput input) {
    tensors.main.copyFrom(out.main());
    tensors.auxiliary.copyFrom(out.auxiliary());
    Tensor q = out.main().lerp(out.auxiliary(), config.lambdaT());
    return supervisedAndHeterogeneous(out, q, scribbles.target(input));
  }

  /**
   * Confirmed and predicted labels at the stride of the embedding (docs/method.md, steps 6 and 7).
   */
  private void confirm(Output out, Tensor scribble) {
    try (Autograd.Guard guard = Autograd.noGrad();
        Scope scope = Scope.open()) {
      Tensor main = sampled(out.main());
      Tensor q = main.lerp(sampled(out.auxiliary()), config.lambdaT());
      tensors.labels.copyFrom(PseudoLabels.confirm(q, sampled(scribble), threshold).labels());
      tensors.predicted.copyFrom(main.argmax(1).to(DType.I32));
    }
  }

  /** Every eighth row and column. */
  private static Tensor sampled(Tensor x) {
    return x.slice(-2, 0, x.dim(-2), StepTensors.STRIDE)
        .slice(-1, 0, x.dim(-1), StepTensors.STRIDE);
  }

  private void contrast(Intermediate made) {
    Tensor embedding = made.out.embedding();
    int count = embedding.dim(0) * embedding.dim(2) * embedding.dim(3);
    Tensor pixels = embedding.permute(0, 2, 3, 1).reshape(count, embedding.dim(1));
    Tensor vectors = pixels.detach();
    Tensor ctr =
        Contrast.infoNce(
            pixels.indexSelect(0, anchorIndex),
            anchorLabel,
            queue.vectors(),
            queue.filled(),
            config.temperature());
    report(Term.CTR, ctr);
    backward(sum(made.loss, ctr.mul(contrastWeight)));
    // The gradient reads the queue as the loss saw it, so the prototypes go in only now.
    if (isDivided) {
      tensors.prototypes.copyFrom(queue.prototypes(vectors, tensors.labels, tensors.slots.dim(0)));
    } else {
      queue.enqueue(vectors, tensors.labels, tensors.slots);
    }
  }

  /** Keeps the prototypes for {@link #prototypes}. */
  private void leave(boolean[] shown) {
    float[] vectors = tensors.prototypes.toFloats();
    int length = vectors.length / shown.length;
    for (int i = 0; i < shown.length; i++) {
      if (shown[i]) {
        left[i * (length + 1)] = 1;
        System.arraycopy(vectors, i * length, left, i * (length + 1) + 1, length);
      }
    }
  }

  /** The number of a pass of the network among all of the step's shards. */
  private static int pass(StepInput input, int number) {
    return input.shard() * (1 + BOTH_VIEWS.length) + number;
  }

  /**
   * One of the two mixed views. View 0 pastes the first order into the second, with the main
   * decoder's predictions for the first (x12); view 1 the other way round (x21).
   */
  private void mixedPass(StepInput input, int view, long step, Totals totals) {
    DropPath.resampleAll(network, input.image.dim(0), seed, step, pass(input, 1 + view));
    StepTensors t = tensors;
    t.loadView(input, view);
    try (Scope pass = Scope.open()) {
      mixedPass.begin();
      mixedPass.section(
          () -> {
            Tensor x = Mixing.cutMix(input.image, t.first, input.image, t.second, t.mask);
            Target y = scribbles.target(input).cutMix(t.first, t.second, t.mask);
            Output out = network.forward(x, false);
            Tensor q = out.main().lerp(out.auxiliary(), config.lambdaT());
            Tensor total = supervisedAndHeterogeneous(out, q, y);
            if (config.uses(Term.MIX)) {
              Tensor target = Mixing.cutMix(t.pasted, t.first, t.ground, t.second, t.mask);
              Tensor mix = config.form().mixed(target, out, q);
              report(Term.MIX, mix);
              total = sum(total, mix.mul(mixWeight));
            }
            backward(total);
          });
    }
    totals.add(Term.SUP, Term.HET, Term.MIX);
  }

  private Tensor supervisedAndHeterogeneous(Output out, Tensor q, Target target) {
    Tensor total = null;
    if (config.uses(Term.SUP)) {
      Tensor sup =
          config.form().supervised(scribbles, out, q, target, config.transformerSupervision());
      report(Term.SUP, sup);
      total = sup;
    }
    if (config.uses(Term.HET)) {
      Tensor het = config.form().heterogeneous(out);
      report(Term.HET, het);
      total = sum(total, het.mul(heterogeneousWeight));
    }
    return total;
  }

  /** Leaves a loss where the host reads it after the pass. */
  private void report(Term term, Tensor value) {
    report.put(term.key(), value);
  }

  private static Tensor sum(Tensor a, Tensor b) {
    return a == null ? b : a.add(b);
  }

  private static void backward(Tensor loss) {
    if (loss != null) {
      loss.backward();
    }
  }

  /** Sums over the passes of a step, and its weights. */
  private final class Totals {
    private final double contrastWeight;
    private final double heterogeneousRamp;
    private final Map<Term, Double> sums = new EnumMap<>(Term.class);
    private int anchors;

    Totals(long step) {
      contrastWeight = config.contrastWeight() * config.form().contrastRamp(step, iterations);
      heterogeneousRamp = config.form().heterogeneousRamp(step, iterations);
    }

    /** Adds what a pass reported of those terms that are in use. */
    void add(Term... terms) {
      Map<String, Double> values = report.read();
      for (Term term : terms) {
        if (config.uses(term)) {
          sums.merge(term, values.get(term.key()), Double::sum);
        }
      }
    }

    private double sum(Term term) {
      return sums.getOrDefault(term, 0.0);
    }

    StepLosses result() {
      double total =
          sum(Term.SUP)
              + contrastWeight * sum(Term.CTR)
              + config.consistencyWeight()
                  * (heterogeneousRamp * sum(Term.HET) + config.mixWeight() * sum(Term.MIX));
      Map<String, Double> values = new LinkedHashMap<>();
      for (Term term : Term.values()) {
        values.put(term.key(), sum(term));
      }
      values.put(ANCHORS, (double) anchors);
      return new StepLosses(total, values);
    }
  }
}
