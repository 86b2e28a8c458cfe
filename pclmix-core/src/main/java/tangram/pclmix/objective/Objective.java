package tangram.pclmix.objective;

import static tangram.tensor.op.Add.add;
import static tangram.tensor.op.Argmax.argmax;
import static tangram.tensor.op.ConfirmLabels.confirmLabels;
import static tangram.tensor.op.CutMix.cutMix;
import static tangram.tensor.op.IndexSelect.indexSelect;
import static tangram.tensor.op.InfoNce.infoNce;
import static tangram.tensor.op.Lerp.lerp;
import static tangram.tensor.op.MseLoss.mseLoss;
import static tangram.tensor.op.NegativeCosine.negativeCosine;
import static tangram.tensor.op.PartialCrossEntropy.partialCrossEntropy;
import static tangram.tensor.op.Permute.permute;
import static tangram.tensor.op.Reshape.reshape;
import static tangram.tensor.op.Scale.scale;

import tangram.nn.DropPath;
import tangram.pclmix.network.TwoViewNetwork;
import tangram.pclmix.network.TwoViewNetwork.Output;
import tangram.pclmix.objective.LossConfig.Term;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * One training step's losses and gradients (paper eq. 1; METHOD, One training step).
 *
 * <p>The targets p12 and p21 of the mixed consistency carry no gradient, so the three forward
 * passes (x, x12, x21) are independent: each is differentiated before the next begins, their
 * gradients add up, and memory for one is enough.
 */
public final class Objective {
  private final TwoViewNetwork network;
  private final LossConfig config;
  private final long iterations;
  private final long seed;
  private final MemoryQueue queue;
  private final AnchorSampler sampler;
  private final Tensor threshold;
  private final Tensor anchorIndex;
  private final Tensor anchorLabel;
  private final Tensor contrastWeight;
  private final Tensor consistencyWeight;
  private final Tensor mixWeight;
  private int[] map = {};

  /**
   * Creates the objective.
   *
   * @param iterations length of the whole training, which warm-up and threshold scale with
   * @param seed the run's seed
   */
  public Objective(
      Device device, TwoViewNetwork network, LossConfig config, long iterations, long seed) {
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
      contrastWeight = device.scalar(config.contrastWeight());
      consistencyWeight = device.scalar(config.consistencyWeight());
      mixWeight = device.scalar(config.consistencyWeight() * config.mixWeight());
    }
  }

  /** The contrast's memory, part of the training's state. */
  public MemoryQueue queue() {
    return queue;
  }

  /**
   * Adds the gradients of a step to the network's parameters.
   *
   * @param step iteration, counted from 0
   */
  public StepLosses step(StepInput input, long step) {
    Totals totals = new Totals();
    int batch = input.image.dim(0);
    try (Scope scope = Scope.open()) {
      Tensor main;
      Tensor auxiliary;
      try (Scope pass = Scope.open()) {
        DropPath.resampleAll(network, batch, seed, step, 0);
        boolean contrast =
            config.uses(Term.CTR) && step >= Math.round(config.warmUpFraction() * iterations);
        Output out = network.forward(input.image, contrast);
        main = pass.keep(out.main().detach());
        auxiliary = pass.keep(out.auxiliary().detach());
        Tensor q = lerp(out.main(), out.auxiliary(), config.lambdaT());
        Tensor loss = supervisedAndHeterogeneous(out, q, input.scribble, totals);
        if (!contrast) {
          backward(loss);
        } else {
          Contrast c = contrast(out, q, input.scribble, step, totals);
          backward(sum(loss, scale(c.loss, contrastWeight)));
          // The gradient reads the queue as the loss saw it, so the prototypes go in only now.
          queue.enqueue(c.pixels, c.labels, batch);
        }
      }
      mixedPass(input, 0, main, auxiliary, batch, step, totals);
      mixedPass(input, 1, auxiliary, main, batch, step, totals);
    }
    return totals.result(config);
  }

  /**
   * One of the two mixed views. View 0 pastes the first order into the second, with the main
   * decoder's predictions for the first (x12); view 1 the other way round (x21).
   */
  private void mixedPass(
      StepInput input,
      int view,
      Tensor pasted,
      Tensor ground,
      int batch,
      long step,
      Totals totals) {
    try (Scope pass = Scope.open()) {
      DropPath.resampleAll(network, batch, seed, step, 1 + view);
      Tensor first = input.order[view];
      Tensor second = input.order[1 - view];
      Tensor mask = input.mask[view];
      Tensor x = cutMix(input.image, first, input.image, second, mask);
      Tensor y = cutMix(input.scribble, first, input.scribble, second, mask);
      Output out = network.forward(x, false);
      Tensor q = lerp(out.main(), out.auxiliary(), config.lambdaT());
      Tensor loss = supervisedAndHeterogeneous(out, q, y, totals);
      if (config.uses(Term.MIX)) {
        Tensor target = cutMix(pasted, first, ground, second, mask);
        Tensor mix = negativeCosine(target, q);
        totals.mix += mix.item();
        loss = sum(loss, scale(mix, mixWeight));
      }
      backward(loss);
    }
  }

  private Tensor supervisedAndHeterogeneous(Output out, Tensor q, Tensor scribble, Totals totals) {
    Tensor loss = null;
    if (config.uses(Term.SUP)) {
      Tensor sup = partialCrossEntropy(config.transformerSupervision() ? q : out.main(), scribble);
      totals.sup += sup.item();
      loss = sup;
    }
    if (config.uses(Term.HET)) {
      Tensor het = mseLoss(out.main(), out.auxiliary());
      totals.het += het.item();
      loss = sum(loss, scale(het, consistencyWeight));
    }
    return loss;
  }

  /** The contrast of a batch: its loss, the embedding by pixel, and the confirmed labels. */
  private record Contrast(Tensor loss, Tensor pixels, int[] labels) {}

  private Contrast contrast(Output out, Tensor q, Tensor scribble, long step, Totals totals) {
    threshold.copyFrom(new double[] {UncertaintyThreshold.at(step, iterations)}, 0);
    Tensor embedding = out.embedding();
    int n = embedding.dim(0);
    int dim = embedding.dim(1);
    int h = embedding.dim(2);
    int w = embedding.dim(3);
    int[] labels = everyEighth(confirmLabels(q.detach(), scribble, threshold).labels(), n, h, w);
    int[] predicted = everyEighth(argmax(out.main().detach(), 1), n, h, w);
    Anchors anchors = sampler.sample(labels, predicted, n, step);
    anchorIndex.copyFrom(anchors.index(), 0);
    anchorLabel.copyFrom(anchors.label(), 0);
    Tensor pixels = reshape(permute(embedding, 0, 2, 3, 1), n * h * w, dim);
    Tensor loss =
        infoNce(
            indexSelect(pixels, anchorIndex),
            anchorLabel,
            queue.vectors(),
            queue.filled(),
            config.temperature());
    totals.ctr += loss.item();
    totals.anchors = anchors.count();
    return new Contrast(loss, pixels.detach(), labels);
  }

  private static Tensor sum(Tensor a, Tensor b) {
    return a == null ? b : add(a, b);
  }

  /** Nearest-neighbour reduction to stride 8: row and column 8 i (METHOD, step 7). */
  private int[] everyEighth(Tensor classes, int n, int h, int w) {
    if (map.length < classes.size()) {
      map = new int[classes.size()];
    }
    classes.copyTo(map, 0);
    int[] small = new int[n * h * w];
    for (int i = 0, k = 0; i < n; i++) {
      for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
          small[k++] = map[(i * 8 * h + 8 * y) * 8 * w + 8 * x];
        }
      }
    }
    return small;
  }

  private static void backward(Tensor loss) {
    if (loss != null) {
      loss.backward();
    }
  }

  /** Sums over the three passes. */
  private static final class Totals {
    private double sup;
    private double ctr;
    private double het;
    private double mix;
    private int anchors;

    StepLosses result(LossConfig config) {
      double total =
          sup
              + config.contrastWeight() * ctr
              + config.consistencyWeight() * (het + config.mixWeight() * mix);
      return new StepLosses(total, sup, ctr, het, mix, anchors);
    }
  }
}
