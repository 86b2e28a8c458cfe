package tangram.compare;

import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtGradientCollector;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import tangram.nn.Module;
import tangram.pclmix.data.Labels;
import tangram.pclmix.objective.AnchorSampler;
import tangram.pclmix.objective.Anchors;
import tangram.pclmix.objective.LossConfig;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.objective.UncertaintyThreshold;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/**
 * The same training steps as {@link OurStep} with libtorch: three passes, each differentiated
 * before the next begins, then stochastic gradient descent.
 */
final class TorchStep implements AutoCloseable {
  private static final int STRIDE = 8;

  private final Libtorch libtorch;
  private final TrainingConfig config;
  private final LossConfig losses;
  private final TorchParameters parameters;
  private final TorchNetwork network;
  private final TorchMemory memory;
  private final AnchorSampler sampler;
  private final int batch;
  private final PtNDArray image;
  private final PtNDArray scribble;
  private final PtNDArray[] order = new PtNDArray[2];
  private final PtNDArray[] mask = new PtNDArray[2];
  private int step;
  private double sup;
  private double ctr;
  private double het;
  private double mix;

  /**
   * Prepares the steps.
   *
   * @param like a network with the names and shapes of the parameters
   * @param numbers the initial values of a tensor of the network, by name
   */
  TorchStep(Libtorch shared, StepSetting setting, Module like, Function<String, float[]> numbers) {
    libtorch = shared.branch();
    config = setting.config();
    losses = config.losses();
    parameters = new TorchParameters(libtorch, like, numbers);
    network = new TorchNetwork(libtorch, parameters, setting);
    memory =
        new TorchMemory(libtorch, Labels.HEART.count() - 1, losses.queueSlots(), setting.memory());
    sampler = new AnchorSampler(Labels.HEART.count(), losses, config.seed());
    batch = config.batch();
    int size = config.imageSize();
    image = libtorch.array(setting.images(), batch, 1, size, size);
    scribble = libtorch.array(setting.scribbles(), batch, size, size);
    for (int i = 0; i < 2; i++) {
      order[i] = libtorch.array(StepInput.order(batch, config.seed(), 0, i), batch);
      try (PtNDArray numbersOfMask = libtorch.array(setting.masks()[i], batch, size, size)) {
        mask[i] = numbersOfMask.gt(0);
      }
    }
  }

  /** The parameters and their values. */
  TorchParameters parameters() {
    return parameters;
  }

  /** One step. */
  StepLosses run() {
    sup = 0;
    ctr = 0;
    het = 0;
    mix = 0;
    parameters.clearGradients();
    PtNDArray[] views = plainPass();
    mixedPass(0, views[0], views[1]);
    mixedPass(1, views[1], views[0]);
    views[0].close();
    views[1].close();
    parameters.sgd(
        config.schedule().at(0), config.real(Setting.MOMENTUM), config.real(Setting.WEIGHT_DECAY));
    step++;
    double total =
        sup
            + losses.contrastWeight() * ctr
            + losses.consistencyWeight() * (het + losses.mixWeight() * mix);
    return new StepLosses(total, Map.of("sup", sup, "ctr", ctr, "het", het, "mix", mix));
  }

  /** The pass of the images as they are; returns both views without their history. */
  private PtNDArray[] plainPass() {
    network.resampleDropPath(batch, config.seed(), step, 0);
    try (NDScope pass = new NDScope();
        PtGradientCollector collector = new PtGradientCollector()) {
      pass.suppressNotUsedWarning();
      PtNDArray[] out = network.forward(image, true);
      PtNDArray q = TorchLosses.lerp(out[0], out[1], losses.lambdaT());
      PtNDArray loss = supervisedAndHeterogeneous(out, q, scribble);
      PtNDArray pixels = byPixel(out[2]);
      int[] labels = everyEighth(TorchLosses.confirmedLabels(detached(q), scribble, threshold()));
      PtNDArray contrast = contrast(pixels, labels, detached(out[0]));
      collector.backward(JniUtils.add(loss, TorchOps.scaled(contrast, losses.contrastWeight())));
      memory.enqueue(detached(pixels), labels, batch);
      return new PtNDArray[] {Libtorch.keep(detached(out[0])), Libtorch.keep(detached(out[1]))};
    }
  }

  private void mixedPass(int view, PtNDArray pasted, PtNDArray ground) {
    network.resampleDropPath(batch, config.seed(), step, 1 + view);
    try (NDScope pass = new NDScope();
        PtGradientCollector collector = new PtGradientCollector()) {
      pass.suppressNotUsedWarning();
      PtNDArray[] out = network.forward(cutMix(view, image, image), false);
      PtNDArray q = TorchLosses.lerp(out[0], out[1], losses.lambdaT());
      PtNDArray loss = supervisedAndHeterogeneous(out, q, cutMix(view, scribble, scribble));
      PtNDArray consistency = TorchLosses.negativeCosine(cutMix(view, pasted, ground), q);
      mix += consistency.getFloat();
      double weight = losses.consistencyWeight() * losses.mixWeight();
      collector.backward(JniUtils.add(loss, TorchOps.scaled(consistency, weight)));
    }
  }

  private PtNDArray supervisedAndHeterogeneous(PtNDArray[] out, PtNDArray q, PtNDArray labels) {
    PtNDArray supervised = TorchLosses.partialCrossEntropy(q, labels);
    PtNDArray heterogeneous = TorchLosses.meanSquare(out[0], out[1]);
    sup += supervised.getFloat();
    het += heterogeneous.getFloat();
    return JniUtils.add(supervised, TorchOps.scaled(heterogeneous, losses.consistencyWeight()));
  }

  private PtNDArray contrast(PtNDArray pixels, int[] labels, PtNDArray main) {
    int[] predicted = everyEighth(JniUtils.argMax(main, 1, false));
    Anchors anchors = sampler.sample(labels, predicted, batch, step);
    int anchorCount = anchors.count();
    PtNDArray index = libtorch.array(Arrays.copyOf(anchors.index(), anchorCount), anchorCount);
    PtNDArray loss =
        memory.contrast(
            JniUtils.embedding(index, pixels, false),
            Arrays.copyOf(anchors.label(), anchorCount),
            losses.temperature());
    ctr += loss.getFloat();
    return loss;
  }

  /** [N, D, H, W] to [N * H * W, D]. */
  private static PtNDArray byPixel(PtNDArray embedding) {
    return TorchOps.reshape(
        TorchOps.permute(embedding, 0, 2, 3, 1), -1, embedding.getShape().get(1));
  }

  private PtNDArray cutMix(int view, PtNDArray pasted, PtNDArray ground) {
    return Libtorch.scoped(
        () -> {
          PtNDArray a = (PtNDArray) pasted.get(order[view]);
          PtNDArray b = (PtNDArray) ground.get(order[1 - view]);
          boolean labels = a.getShape().dimension() == mask[view].getShape().dimension();
          return JniUtils.where(labels ? mask[view] : JniUtils.unsqueeze(mask[view], 1), a, b);
        });
  }

  private double threshold() {
    return UncertaintyThreshold.at(step, config.iterations());
  }

  private static PtNDArray detached(PtNDArray x) {
    return (PtNDArray) x.stopGradient();
  }

  /** Rows and columns 8 i of integers [N, H, W], on the host. */
  private static int[] everyEighth(PtNDArray map) {
    long size = map.getShape().get(1);
    try (PtNDArray rows = JniUtils.slice(map, 1, 0, size, STRIDE);
        PtNDArray small = JniUtils.slice(rows, 2, 0, size, STRIDE)) {
      return Arrays.stream(small.toLongArray()).mapToInt(Math::toIntExact).toArray();
    }
  }

  /** Closes all arrays. */
  @Override
  public void close() {
    libtorch.close();
  }
}
