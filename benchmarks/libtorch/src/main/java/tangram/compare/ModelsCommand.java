package tangram.compare;

import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tangram.nn.Init;
import tangram.nn.Initializer;
import tangram.nn.Layer;
import tangram.nn.model.Gpt2;
import tangram.nn.model.LanguageModel;
import tangram.nn.model.ResNet;
import tangram.nn.model.VisionTransformer;
import tangram.nn.text.Sampling;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.vector.VectorDevice;

/**
 * Whole networks: training steps, inference, and text by GPT-2. Inference is compared with ONNX
 * Runtime too, in turns of its own.
 *
 * <p>{@link TorchModels} says how libtorch computes the networks; {@link TorchOptimizer}, how it
 * moves weights. Both sides get inputs that lie in memory and give outputs as arrays of Java. ONNX
 * Runtime reads models that are written by hand, with batch norms and GELU in the form that it
 * fuses; it has no training.
 */
@Command(
    name = "models",
    description =
        "Training steps of ResNet-18, ViT-Tiny and an LSTM, text by GPT-2, and inference, also of the"
            + " paper's network; that also against ONNX Runtime.")
final class ModelsCommand implements Runnable {
  private static final String INFERENCE = "inference";
  private static final int CLASSES = 1000;
  private static final int SIDE = 224;
  private static final int BATCH = 8;

  /** Slices of a few volumes, and their side. */
  private static final int SLICES = 40;

  private static final int SLICE = 256;

  /** Of outputs, and of gradients through smooth functions. */
  private static final double TOLERANCE = 1e-4;

  /**
   * Of gradients through rectifiers, which rounding may turn on or off, and through batch norms of
   * few values.
   */
  private static final double RECTIFIED = 2e-2;

  private static final int CONTEXT = 256;

  private static final int LSTM_STEPS = 64;
  private static final int LSTM_BATCH = 32;
  private static final int LSTM_IN = 128;
  private static final int LSTM_SIZE = 256;
  private static final int LSTM_LAYERS = 2;
  private static final int LSTM_CLASSES = 10;

  /** ViT-Tiny/16. */
  private static final VisionTransformer.Config VIT =
      new VisionTransformer.Config(SIDE, 16, 12, 3, 192, 768, 0, CLASSES);

  private static final Gpt2.Config GPT2 = Gpt2.Config.small();

  @Mixin private CompareOptions options;

  private final List<Entry> entries = new ArrayList<>();

  /** The same rows against ONNX Runtime. */
  private final Map<Entry, Supplier<Case>> onnx = new LinkedHashMap<>();

  private final List<Double> onnxRatios = new ArrayList<>();

  @Override
  public void run() {
    training(
        new ModelStepCase.Training(
            "ResNet-18, 8 images",
            ModelsCommand::resNet,
            TorchModels::resNet18,
            ModelStepCase.Rule.SGD,
            0.01,
            RECTIFIED),
        () -> ModelStepCase.Batch.gaussian(BATCH, CLASSES, BATCH, 3, SIDE, SIDE));
    training(
        new ModelStepCase.Training(
            "ViT-Tiny, 8 images",
            ModelsCommand::vit,
            (models, x) -> models.vit(x, VIT),
            ModelStepCase.Rule.ADAMW,
            1e-4,
            TOLERANCE),
        () -> ModelStepCase.Batch.gaussian(BATCH, CLASSES, BATCH, 3, SIDE, SIDE));
    training(
        new ModelStepCase.Training(
            "LSTM 2x256, [64, 32, 128]",
            d -> new LstmClassifier(new Init(d, 1), LSTM_IN, LSTM_SIZE, LSTM_LAYERS, LSTM_CLASSES),
            (models, x) -> models.lstm(x, LSTM_LAYERS),
            ModelStepCase.Rule.ADAMW,
            1e-3,
            TOLERANCE),
        () ->
            ModelStepCase.Batch.gaussian(
                LSTM_BATCH, LSTM_CLASSES, LSTM_STEPS, LSTM_BATCH, LSTM_IN));
    add(new Entry("GPT-2 small, a token behind 256", INFERENCE, 0, this::token), null);
    add(new Entry("GPT-2 small, a prompt of 256", INFERENCE, 0, this::prompt), null);
    for (int n : new int[] {1, BATCH}) {
      int[] dims = {n, 3, SIDE, SIDE};
      inference(
          "ResNet-18, " + (n == 1 ? "an image" : n + " images"),
          ModelsCommand::resNet,
          TorchModels::resNet18,
          network -> OnnxModels.resNet18(network, dims),
          dims);
    }
    inference(
        "ViT-Tiny, an image",
        ModelsCommand::vit,
        (models, x) -> models.vit(x, VIT),
        network -> OnnxModels.vit(network, VIT),
        1,
        3,
        SIDE,
        SIDE);
    inference(
        "paper's network, %d slices".formatted(SLICES),
        ModelsCommand::segmentation,
        TorchModels::segmentation,
        OnnxModels::segmentation,
        SLICES,
        1,
        SLICE,
        SLICE);
    options.compare(entries, new OnnxColumn(), pace());
    if (!onnxRatios.isEmpty()) {
      double logs = onnxRatios.stream().mapToDouble(Math::log).average().orElseThrow();
      options
          .out()
          .printf(Locale.ROOT, "geometric mean ours/ONNX Runtime time: %.2f%n", Math.exp(logs));
    }
  }

  private Pace pace() {
    return options.quick() ? Pace.QUICK_MODELS : Pace.MODELS;
  }

  private void add(Entry entry, Supplier<Case> againstOnnx) {
    entries.add(entry);
    if (againstOnnx != null) {
      onnx.put(entry, againstOnnx);
    }
  }

  private static Layer resNet(Device device) {
    return new ResNet(new Init(device, 1), ResNet.Config.of(18, CLASSES));
  }

  /** What segments after training with the preset {@code paper}. */
  private static Layer segmentation(Device device) {
    TrainingConfig config = TrainingConfig.of(Preset.PAPER, Map.of());
    return SegmentationNetwork.create(device, 1, config.network());
  }

  /** A network whose last weights are not zero, which would hide all others from the loss. */
  private static Layer vit(Device device) {
    VisionTransformer network = new VisionTransformer(new Init(device, 1), VIT);
    new Init(device, 2)
        .fill(network.parameters().get("heads.head.weight"), Initializer.normal(0, 0.1));
    return network;
  }

  private void training(ModelStepCase.Training training, Supplier<ModelStepCase.Batch> batch) {
    add(
        new Entry(
            training.name(),
            "training",
            0,
            () -> new ModelStepCase(new VectorDevice(), options.libtorch(), training, batch.get())),
        null);
  }

  /** What our side computes: a network in evaluation of an input. */
  private static Supplier<float[]> ours(Layer network, Tensor x) {
    return () -> {
      try (Scope scope = Scope.open();
          Autograd.Guard inference = Autograd.noGrad()) {
        return network.forward(x).toFloats();
      }
    };
  }

  private static float[] scopedFloats(Supplier<PtNDArray> body) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      return body.get().toFloatArray();
    }
  }

  private static TorchParameters parameters(Libtorch libtorch, Layer network) {
    Map<String, Tensor> state = network.state();
    return new TorchParameters(libtorch, network, name -> state.get(name).toFloats());
  }

  private void inference(
      String name,
      Function<Device, Layer> make,
      BiFunction<TorchModels, PtNDArray, PtNDArray> theirs,
      Function<Layer, byte[]> onnxModel,
      int... dims) {
    int size = Shape.of(dims).size();
    add(
        new Entry(
            name,
            INFERENCE,
            0,
            () -> {
              Device device = new VectorDevice();
              Layer network = make.apply(device);
              network.train(false);
              float[] values = Numbers.gaussian(size, 0);
              Libtorch libtorch = options.libtorch().branch();
              TorchModels models = new TorchModels(libtorch, parameters(libtorch, network), false);
              PtNDArray x = libtorch.array(values, dims);
              return new OutputCase(
                  "the logits of " + name,
                  TOLERANCE,
                  ours(network, device.tensor(values, dims)),
                  () -> scopedFloats(() -> theirs.apply(models, x)),
                  libtorch::close);
            }),
        () -> {
          Device device = new VectorDevice();
          Layer network = make.apply(device);
          network.train(false);
          float[] values = Numbers.gaussian(size, 0);
          OnnxRuntime runtime =
              new OnnxRuntime(onnxModel.apply(network), options.threads(), values, dims);
          return new OutputCase(
              "the logits of " + name + " with ONNX Runtime",
              TOLERANCE,
              ours(network, device.tensor(values, dims)),
              runtime::run,
              runtime::close);
        });
  }

  /** Tokens of no meaning, all different. */
  private static int[] text() {
    int[] tokens = new int[CONTEXT];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = 190 * i + 7;
    }
    return tokens;
  }

  private static Gpt2 gpt2() {
    Gpt2 network = new Gpt2(new Init(new VectorDevice(), 1), GPT2);
    network.train(false);
    return network;
  }

  /** GPT-2 in libtorch with a cache. */
  private static final class TorchText {
    final Libtorch libtorch;
    final TorchModels models;
    final PtNDArray[][] cache;
    final Sampling greedy = Sampling.greedy(1);

    TorchText(Libtorch shared, Gpt2 network) {
      libtorch = shared.branch();
      models = new TorchModels(libtorch, parameters(libtorch, network), false);
      cache = TorchModels.cache(libtorch, GPT2, CONTEXT + 1);
    }

    float[] logits(PtNDArray tokens, int start) {
      return scopedFloats(() -> models.gpt2(tokens, start, cache, GPT2));
    }

    int choose(float[] logits) {
      return greedy.choose(logits, 0);
    }
  }

  /** The logits behind one more token and the choice of the next, on both sides in Java. */
  private Case token() {
    Gpt2 network = gpt2();
    Device device = network.parameters().values().iterator().next().device();
    LanguageModel.Cache cache = network.cache(1, CONTEXT + 1);
    try (Scope scope = Scope.open();
        Autograd.Guard inference = Autograd.noGrad()) {
      network.forward(device.tensor(text(), 1, CONTEXT), cache);
    }
    TorchText theirs = new TorchText(options.libtorch(), network);
    theirs.logits(theirs.libtorch.array(text(), 1, CONTEXT), 0);
    int[] token = {11};
    PtNDArray theirToken = theirs.libtorch.array(token, 1, 1);
    return new OutputCase(
        "the logits of GPT-2 behind 257 tokens",
        TOLERANCE,
        () -> {
          try (Scope scope = Scope.open();
              Autograd.Guard inference = Autograd.noGrad()) {
            float[] logits = network.forward(device.tensor(token, 1, 1), cache).toFloats();
            cache.layers().forEach(layer -> layer.truncate(CONTEXT));
            theirs.choose(logits);
            return logits;
          }
        },
        () -> {
          float[] logits = theirs.logits(theirToken, CONTEXT);
          theirs.choose(logits);
          return logits;
        },
        () -> {
          cache.close();
          theirs.libtorch.close();
        });
  }

  /**
   * From a prompt to its first new token, which is all that is compared; what the prompt leaves in
   * the caches is compared by {@link #token}.
   */
  private Case prompt() {
    Gpt2 network = gpt2();
    TorchText theirs = new TorchText(options.libtorch(), network);
    PtNDArray tokens = theirs.libtorch.array(text(), 1, CONTEXT);
    Sampling greedy = Sampling.greedy(1);
    return new OutputCase(
        "the token that GPT-2 writes behind a prompt",
        0,
        () -> new float[] {network.generate(text(), greedy)[0]},
        () -> new float[] {theirs.choose(theirs.logits(tokens, 0))},
        theirs.libtorch::close);
  }

  /** Time of ONNX Runtime and the ratio to it, where there is a model for it. */
  private final class OnnxColumn implements Comparison.Column {
    @Override
    public String title() {
      return "ONNX Runtime ms  ratio";
    }

    @Override
    public String value(Entry entry, Race.Times libtorch) {
      if (!onnx.containsKey(entry)) {
        return "";
      }
      try (Case c = onnx.get(entry).get()) {
        c.check();
        Race.Times times = new Race(pace()).run(c);
        onnxRatios.add(times.ratio());
        return String.format(Locale.ROOT, "%15.3f %6.2f", 1e3 * times.theirs(), times.ratio());
      }
    }
  }
}
