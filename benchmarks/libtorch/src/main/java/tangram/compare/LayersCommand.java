package tangram.compare;

import static tangram.tensor.op.NormOp.layerNorm;
import static tangram.tensor.op.PoolOp.maxPool2d;
import static tangram.tensor.op.ResizeOp.upsampleNearest2x;
import static tangram.tensor.op.SoftmaxOp.softmax;
import static tangram.tensor.op.WindowAttentionOp.windowAttention;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tangram.compare.DryDevice.Call;
import tangram.compare.OperationCase.Input;
import tangram.compare.OperationCase.Ours;
import tangram.compare.OperationCase.Theirs;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.Sparse;
import tangram.tensor.kernel.Window;
import tangram.tensor.op.NormOp;

/**
 * What the network does between convolutions and products. Of each kind of layer the smallest,
 * middle and largest sizes that occur.
 */
@Command(
    name = "layers",
    description =
        "The other layers of the paper's network at 224x224 and batch 2, forward, and with all"
            + " gradients; of each kind the smallest, middle and largest size.")
final class LayersCommand implements Runnable {
  private static final double TOLERANCE = 1e-4;
  private static final double EPS = 1e-5;
  private static final double MOMENTUM = 0.1;

  /** Added to the scores of tokens that must not see each other. */
  private static final float MASKED = -100;

  /** What a batch norm adds before its rectifier, among what its cascade reads. */
  private static final int RESIDUAL = 3;

  @Mixin private CompareOptions options;

  private final List<Entry> entries = new ArrayList<>();
  private List<Call> calls;
  private int batch;

  @Override
  public void run() {
    TrainingConfig config = Configurations.paper();
    batch = config.batch();
    NetworkCalls network = NetworkCalls.of(config);
    calls = network.forward();
    batchNorm("batch norm", false, false);
    batchNorm("batch norm + ReLU", false, true);
    batchNorm("batch norm + add + ReLU", true, true);
    some("layer_norm", LayersCommand::dims).forEach(this::layerNormRows);
    some("softmax", LayersCommand::dims).forEach(this::softmaxRows);
    some("map gelu", c -> List.of(c.get(3, View.class).size())).forEach(this::geluRows);
    List<Call> doublings =
        calls.stream()
            .filter(c -> c.kernel().equals("resample"))
            .filter(c -> c.get(1, Sparse.class).rows() == 2 * c.get(1, Sparse.class).cols())
            .toList();
    some(
            doublings,
            c ->
                List.of(c.integer(0), c.get(1, Sparse.class).cols(), c.get(2, Sparse.class).cols()),
            size -> (long) size.get(0) * size.get(1) * size.get(2))
        .forEach(this::upsampleRows);
    some(network.concatenations(), c -> c, c -> size(c)).forEach(this::catRows);
    some("maxPool", c -> c.get(0, PoolShape.class), p -> (long) p.planes() * p.inputVolume())
        .forEach(this::maxPoolRows);
    attention("window attention", false);
    attention("window attention, masked", true);
    options.compare(entries, Comparison.NONE);
  }

  /** The smallest, middle and largest of different sizes, with how often each occurs. */
  private static <S, T> Map<T, Integer> some(
      List<S> calls, Function<S, T> what, ToLongFunction<T> size) {
    Map<T, Integer> counts = new LinkedHashMap<>();
    calls.forEach(c -> counts.merge(what.apply(c), 1, Integer::sum));
    if (counts.isEmpty()) {
      throw new IllegalStateException("the network no longer has one of these layers");
    }
    List<T> sorted = new ArrayList<>(counts.keySet());
    sorted.sort(Comparator.comparingLong(size));
    Map<T, Integer> chosen = new LinkedHashMap<>();
    for (int i : new TreeSet<>(List.of(0, sorted.size() / 2, sorted.size() - 1))) {
      chosen.put(sorted.get(i), counts.get(sorted.get(i)));
    }
    return chosen;
  }

  private <T> Map<T, Integer> some(String kernel, Function<Call, T> what, ToLongFunction<T> size) {
    return some(calls.stream().filter(c -> c.kernel().equals(kernel)).toList(), what, size);
  }

  private Map<List<Integer>, Integer> some(String kernel, Function<Call, List<Integer>> what) {
    return some(kernel, what, LayersCommand::size);
  }

  private static long size(List<Integer> dims) {
    return dims.stream().mapToLong(d -> d).reduce(1, (a, b) -> a * b);
  }

  /** Rows for both modes; the inputs are made when it is their turn. */
  private void rows(
      String name, int count, Supplier<List<Input>> inputs, Ours ours, Theirs theirs) {
    for (String mode : List.of(Entry.FORWARD, Entry.TRAINING)) {
      entries.add(OperationCase.entry(options, name, mode, count, TOLERANCE, inputs, ours, theirs));
    }
  }

  /** Maps are square, since the images are. */
  private static int side(int pixels) {
    int side = (int) Math.round(Math.sqrt(pixels));
    if (side * side != pixels) {
      throw new IllegalStateException("a map of " + pixels + " pixels is not square");
    }
    return side;
  }

  /** What a cascade reads. */
  private static View[] inputs(Call cascade) {
    return cascade.get(2, View[].class);
  }

  /** The shape that a cascade works on. */
  private static List<Integer> dims(Call cascade) {
    return Arrays.stream(inputs(cascade)[0].dims()).boxed().toList();
  }

  /** Whether the last step of a cascade is a rectifier. */
  private static boolean isRectified(Call cascade) {
    List<Cascade.Pass> passes = cascade.get(0, Cascade.class).passes();
    return passes.get(passes.size() - 1).formula().name().equals("relu");
  }

  private void batchNorm(String name, boolean residual, boolean relu) {
    List<Call> such =
        calls.stream()
            .filter(c -> c.kernel().equals("batch_norm"))
            .filter(c -> (inputs(c)[RESIDUAL] != null) == residual && isRectified(c) == relu)
            .toList();
    some(such, LayersCommand::dims, LayersCommand::size)
        .forEach((s, n) -> batchNormRows(name, residual, relu, s, n));
  }

  private void batchNormRows(
      String name, boolean residual, boolean relu, List<Integer> size, int count) {
    int n = size.get(0);
    int c = size.get(1);
    int side = side(size.get(2));
    Tensor mean = options.device().zeros(c);
    Tensor variance = options.device().full(1, c);
    PtNDArray theirMean = options.libtorch().array(new float[c], c);
    PtNDArray theirVariance = theirMean.add(1);
    rows(
        name + " [" + n + ", " + c + ", " + side + ", " + side + "]",
        count,
        () -> {
          List<Input> inputs = new ArrayList<>();
          inputs.add(Input.gaussian(0, n, c, side, side));
          inputs.add(Input.gaussian(1, c));
          inputs.add(Input.gaussian(2, c));
          if (residual) {
            inputs.add(Input.gaussian(3, n, c, side, side));
          }
          return inputs;
        },
        x ->
            NormOp.batchNorm(
                x[0], residual ? x[3] : null, x[1], x[2], mean, variance, MOMENTUM, EPS, relu),
        x -> {
          PtNDArray y = TorchOps.batchNorm(x[0], x[1], x[2], theirMean, theirVariance);
          if (residual) {
            y = TorchOps.addTo(y, x[3]);
          }
          return relu ? TorchOps.reluOf(y) : y;
        });
  }

  private void layerNormRows(List<Integer> size, int count) {
    int rows = size.get(0);
    int columns = size.get(1);
    rows(
        "layer norm [" + rows + ", " + columns + "]",
        count,
        () ->
            List.of(
                Input.gaussian(0, rows, columns),
                Input.gaussian(1, columns),
                Input.gaussian(2, columns)),
        x -> layerNorm(x[0], x[1].shape(), x[1], x[2], EPS),
        x -> TorchOps.layerNorm(x[0], x[1], x[2]));
  }

  private void softmaxRows(List<Integer> size, int count) {
    int[] dims = size.stream().mapToInt(d -> d).toArray();
    rows(
        "softmax " + size,
        count,
        () -> List.of(Input.gaussian(0, dims)),
        x -> softmax(x[0], 1),
        x -> TorchOps.softmax(x[0], 1));
  }

  private void geluRows(List<Integer> size, int count) {
    rows(
        "GELU [" + size.get(0) + "]",
        count,
        () -> List.of(Input.gaussian(0, size.get(0))),
        x -> x[0].gelu(),
        x -> JniUtils.gelu(x[0]));
  }

  private void upsampleRows(List<Integer> size, int count) {
    int c = size.get(0) / batch;
    int h = size.get(1);
    int w = size.get(2);
    rows(
        "upsample nearest [" + batch + ", " + c + ", " + h + ", " + w + "]",
        count,
        () -> List.of(Input.gaussian(0, batch, c, h, w)),
        x -> upsampleNearest2x(x[0]),
        x -> TorchOps.upsampleNearest2x(x[0]));
  }

  private void catRows(List<Integer> size, int count) {
    int rows = size.get(0);
    int a = size.get(1);
    int b = size.get(2);
    rows(
        "concat [" + rows + ", " + a + " + " + b + "]",
        count,
        () -> List.of(Input.gaussian(0, rows, a), Input.gaussian(1, rows, b)),
        x -> Tensor.cat(1, x[0], x[1]),
        x -> TorchOps.cat(x[0], x[1], 1));
  }

  private void maxPoolRows(PoolShape s, int count) {
    int c = s.planes() / batch;
    Window window = s.rows().window();
    int h = s.rows().size();
    int w = s.cols().size();
    rows(
        "max pool %d/%d [%d, %d, %d, %d]"
            .formatted(window.kernel(), window.stride(), batch, c, h, w),
        count,
        () -> List.of(Input.gaussian(0, batch, c, h, w)),
        x -> maxPool2d(x[0], window.kernel(), window.stride(), window.begin()),
        x -> TorchOps.maxPool(x[0], window.kernel(), window.stride(), window.begin()));
  }

  private void attention(String name, boolean masked) {
    List<Call> such =
        calls.stream()
            .filter(
                c ->
                    c.kernel().equals("attention")
                        && (c.get(0, AttentionOperands.class).mask() != null) == masked)
            .toList();
    some(
            such,
            c -> AttentionSize.of(c.get(0, AttentionOperands.class)),
            s -> (long) s.images * s.windows * s.heads * s.tokens * s.headDim)
        .forEach((s, n) -> attentionRows(name, masked, s, n));
  }

  /** Sizes of an attention within windows. */
  private record AttentionSize(int images, int windows, int heads, int tokens, int headDim) {
    static AttentionSize of(AttentionOperands o) {
      int[] dims = o.query().dims();
      return new AttentionSize(dims[0], dims[1], dims[2], dims[3], dims[4]);
    }
  }

  private void attentionRows(String name, boolean masked, AttentionSize s, int count) {
    int t = s.tokens();
    int windows = s.images() * s.windows();
    rows(
        name + " [" + windows + ", " + t + ", " + s.heads() + "x" + s.headDim() + "]",
        count,
        () -> {
          List<Input> inputs = new ArrayList<>();
          inputs.add(Input.gaussian(0, windows, t, 3 * s.heads() * s.headDim()));
          inputs.add(Input.gaussian(1, s.heads(), t, t));
          if (masked) {
            inputs.add(new Input(halves(s.windows(), t), false, s.windows(), t, t));
          }
          return inputs;
        },
        x -> windowAttention(x[0], x[1], masked ? x[2] : null),
        x -> TorchOps.windowAttention(x[0], x[1], masked ? x[2] : null));
  }

  /** A mask like a shift's: in every second window the two halves do not see each other. */
  private static float[] halves(int windows, int tokens) {
    float[] mask = new float[windows * tokens * tokens];
    for (int i = 0; i < mask.length; i++) {
      int window = i / (tokens * tokens);
      int row = i / tokens % tokens;
      int column = i % tokens;
      boolean apart = (row < tokens / 2) != (column < tokens / 2);
      mask[i] = window % 2 == 1 && apart ? MASKED : 0;
    }
    return mask;
  }
}
