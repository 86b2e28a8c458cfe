package tangram.compare;

import static tangram.tensor.op.CrossEntropyOp.crossEntropy;
import static tangram.tensor.op.LinearOp.linear;
import static tangram.tensor.op.NormOp.layerNorm;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tangram.compare.OperationCase.Input;
import tangram.compare.OperationCase.Ours;
import tangram.compare.OperationCase.Theirs;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.RecurrentOp;

/** What array programs are made of. */
@Command(
    name = "arrays",
    description =
        "Operations of general array programs, forward, and with all gradients, and their share of"
            + " what memory or multiply-adds allow.")
final class ArraysCommand implements Runnable {
  private static final double TOLERANCE = 1e-4;
  private static final double EPS = 1e-5;
  private static final long FLOAT = Float.BYTES;

  @Mixin private CompareOptions options;

  private final List<Entry> entries = new ArrayList<>();
  private final Map<Entry, Work> work = new LinkedHashMap<>();

  /**
   * The least that a computation must do.
   *
   * @param bytes read and written once
   * @param flops multiplications and additions
   */
  record Work(long bytes, long flops) {}

  @Override
  public void run() {
    elementwise();
    copies();
    sums();
    rows();
    indices();
    products();
    convolutions();
    optimizer();
    attention();
    recurrent(RecurrentOp.Cell.LSTM);
    recurrent(RecurrentOp.Cell.GRU);
    options.compare(entries, new ShareOfLimit(options, work));
  }

  private void row(
      String name,
      String mode,
      Work least,
      Supplier<List<Input>> inputs,
      Ours ours,
      Theirs theirs) {
    Entry entry = OperationCase.entry(options, name, mode, 0, TOLERANCE, inputs, ours, theirs);
    entries.add(entry);
    work.put(entry, least);
  }

  /**
   * Rows for both modes.
   *
   * @param floats elements read and written by the forward pass, and by the backward pass
   * @param multiplyAdds of the forward pass; the backward pass has twice as many
   */
  private void both(
      String name,
      long[] floats,
      long multiplyAdds,
      Supplier<List<Input>> inputs,
      Ours ours,
      Theirs theirs) {
    Work forward = new Work(FLOAT * floats[0], 2 * multiplyAdds);
    Work all = new Work(FLOAT * (floats[0] + floats[1]), 6 * multiplyAdds);
    row(name, Entry.FORWARD, forward, inputs, ours, theirs);
    row(name, Entry.TRAINING, all, inputs, ours, theirs);
  }

  private static long[] floats(long forward, long backward) {
    return new long[] {forward, backward};
  }

  private void elementwise() {
    int n = 2048;
    long size = (long) n * n;
    both(
        "add [2048, 2048] + [2048, 2048]",
        floats(3 * size, size),
        0,
        () -> List.of(Input.gaussian(0, n, n), Input.gaussian(1, n, n)),
        x -> x[0].add(x[1]),
        x -> JniUtils.add(x[0], x[1]));
    both(
        "mul [2048, 2048] * [2048]",
        floats(2 * size, 4 * size),
        0,
        () -> List.of(Input.gaussian(0, n, n), Input.gaussian(1, n)),
        x -> x[0].mul(x[1]),
        x -> JniUtils.mul(x[0], x[1]));
    both(
        "mul [2048, 2048] * [2048, 1]",
        floats(2 * size, 4 * size),
        0,
        () -> List.of(Input.gaussian(0, n, n), Input.gaussian(1, n, 1)),
        x -> x[0].mul(x[1]),
        x -> JniUtils.mul(x[0], x[1]));
    both(
        "sqrt(exp(-x) + 1) [2048, 2048]",
        floats(8 * size, 8 * size),
        0,
        () -> List.of(Input.gaussian(0, n, n)),
        x -> x[0].neg().exp().add(1).sqrt(),
        x -> {
          try (PtNDArray a = JniUtils.neg(x[0]);
              PtNDArray b = JniUtils.exp(a);
              PtNDArray c = b.add(1)) {
            return JniUtils.sqrt(c);
          }
        });
  }

  private void copies() {
    int n = 2048;
    long size = (long) n * n;
    row(
        "copy of a transpose [2048, 2048]",
        Entry.FORWARD,
        new Work(2 * FLOAT * size, 0),
        () -> List.of(Input.gaussian(0, n, n)),
        x -> x[0].t().contiguous(),
        x -> contiguous(JniUtils.permute(x[0], new long[] {1, 0})));
    row(
        "NHWC to NCHW [8, 64, 64, 96]",
        Entry.FORWARD,
        new Work(2 * FLOAT * 8 * 64 * 64 * 96, 0),
        () -> List.of(Input.gaussian(0, 8, 64, 64, 96)),
        x -> x[0].permute(0, 3, 1, 2).contiguous(),
        x -> contiguous(JniUtils.permute(x[0], new long[] {0, 3, 1, 2})));
    row(
        "copy of every second column [2048, 2048]",
        Entry.FORWARD,
        new Work(FLOAT * (size + size / 2), 0),
        () -> List.of(Input.gaussian(0, n, n)),
        x -> x[0].slice(1, 0, n, 2).contiguous(),
        x -> {
          // Neither dense nor permuted: a duplicate has its elements one after the other.
          try (PtNDArray view =
              JniUtils.index(
                  x[0],
                  new long[] {0, 0},
                  new long[] {n, n},
                  new long[] {1, 2},
                  x[0].getManager())) {
            return (PtNDArray) view.duplicate();
          }
        });
  }

  /** The elements one after the other; a duplicate would keep a permuted view's order in memory. */
  private static PtNDArray contiguous(PtNDArray view) {
    try (view) {
      return JniUtils.reshape(view, new long[] {-1});
    }
  }

  private void sums() {
    long size = 64L * 256 * 256;
    for (int axis = 0; axis < 3; axis++) {
      int a = axis;
      both(
          "sum over axis " + a + " of [64, 256, 256]",
          floats(size, size),
          0,
          () -> List.of(Input.gaussian(0, 64, 256, 256)),
          x -> x[0].sum(a),
          x -> JniUtils.sum(x[0], new long[] {a}, false));
    }
    row(
        "sum of [64, 256, 256]",
        Entry.FORWARD,
        new Work(FLOAT * size, 0),
        () -> List.of(Input.gaussian(0, 64, 256, 256)),
        x -> x[0].sum(),
        x -> JniUtils.sum(x[0]));
  }

  private void rows() {
    both(
        "softmax [4096, 1000]",
        floats(2L * 4096 * 1000, 3L * 4096 * 1000),
        0,
        () -> List.of(Input.gaussian(0, 4096, 1000)),
        x -> x[0].softmax(1),
        x -> TorchOps.softmax(x[0], 1));
    both(
        "softmax over axis 1 of [12, 4, 256, 256]",
        floats(2L * 12 * 4 * 65536, 3L * 12 * 4 * 65536),
        0,
        () -> List.of(Input.gaussian(0, 12, 4, 256, 256)),
        x -> x[0].softmax(1),
        x -> TorchOps.softmax(x[0], 1));
    int classes = 1000;
    int[] labels = indices(4096, classes);
    Tensor ourLabels = options.device().tensor(labels, 4096);
    both(
        "cross-entropy [4096, 1000]",
        floats(4096L * classes, 2L * 4096 * classes),
        0,
        () -> List.of(Input.gaussian(0, 4096, classes)),
        x -> crossEntropy(x[0], ourLabels),
        x -> {
          try (PtNDArray index = options.libtorch().array(labels, 4096, 1);
              PtNDArray logs = JniUtils.logSoftmax(x[0], 1, DataType.FLOAT32);
              PtNDArray chosen = JniUtils.gather(logs, index, 1);
              PtNDArray mean = JniUtils.mean(chosen)) {
            return JniUtils.neg(mean);
          }
        });
    both(
        "layer norm [8192, 768]",
        floats(2L * 8192 * 768, 3L * 8192 * 768),
        0,
        () -> List.of(Input.gaussian(0, 8192, 768), Input.gaussian(1, 768), Input.gaussian(2, 768)),
        x -> layerNorm(x[0], Shape.of(768), x[1], x[2], EPS),
        x -> TorchOps.layerNorm(x[0], x[1], x[2]));
  }

  private void indices() {
    long size = 4096L * 1024;
    for (int axis = 0; axis < 2; axis++) {
      int a = axis;
      both(
          "cumsum over axis " + a + " of [4096, 1024]",
          floats(2 * size, 2 * size),
          0,
          () -> List.of(Input.gaussian(0, 4096, 1024)),
          x -> x[0].cumsum(a),
          x -> JniUtils.cumSum(x[0], a));
    }
    int[] places = indices(4096 * 1024, 1024);
    Tensor ourPlaces = options.device().tensor(places, 4096, 1024);
    PtNDArray theirPlaces = options.libtorch().array(places, 4096, 1024);
    // The backward pass is a scatter-add.
    both(
        "gather along axis 1 of [4096, 1024]",
        floats(3 * size, 3 * size),
        0,
        () -> List.of(Input.gaussian(0, 4096, 1024)),
        x -> x[0].gather(1, ourPlaces),
        x -> JniUtils.gather(x[0], theirPlaces, 1));
    int[] words = indices(16384, 30000);
    Tensor ourWords = options.device().tensor(words, 16384);
    PtNDArray theirWords = options.libtorch().array(words, 16384);
    both(
        "embedding of 16384 from [30000, 256]",
        floats(2L * 16384 * 256, 16384L * 256 + 30000L * 256),
        0,
        () -> List.of(Input.gaussian(0, 30000, 256)),
        x -> x[0].indexSelect(0, ourWords),
        x -> JniUtils.embedding(theirWords, x[0], false));
    row(
        "sort of rows [1000, 1000]",
        Entry.FORWARD,
        new Work(FLOAT * 2 * 1000 * 1000, 0),
        () -> List.of(Input.gaussian(0, 1000, 1000)),
        x -> x[0].sort(1, false).values(),
        x -> JniUtils.sort(x[0], 1, false));
    row(
        "sort of [1000000]",
        Entry.FORWARD,
        new Work(FLOAT * 2 * 1000 * 1000, 0),
        () -> List.of(Input.gaussian(0, 1_000_000)),
        x -> x[0].sort(0, false).values(),
        x -> JniUtils.sort(x[0], 0, false));
  }

  private static int[] indices(int count, int below) {
    return new Random(5).ints(count, 0, below).toArray();
  }

  private void products() {
    both(
        "matmul [64, 128, 64] x [64, 64, 128]",
        floats(64L * (2 * 128 * 64 + 128 * 128), 64L * (4 * 128 * 64 + 128 * 128)),
        64L * 128 * 64 * 128,
        () -> List.of(Input.gaussian(0, 64, 128, 64), Input.gaussian(1, 64, 64, 128)),
        x -> x[0].matmul(x[1]),
        x -> JniUtils.matmul(x[0], x[1]));
    both(
        "matmul [16, 256, 256] x [256, 256]",
        floats(2L * 16 * 65536 + 65536, 3L * 16 * 65536 + 65536),
        16L * 256 * 256 * 256,
        () -> List.of(Input.gaussian(0, 16, 256, 256), Input.gaussian(1, 256, 256)),
        x -> x[0].matmul(x[1]),
        x -> JniUtils.matmul(x[0], x[1]));
  }

  private void convolutions() {
    convolution("depthwise convolution 3x3 [8, 128, 56, 56]", 128, 128, 1);
    convolution("dilated convolution 3x3 [8, 64, 56, 56]", 64, 1, 2);
    convolution("grouped convolution 3x3 [8, 128, 56, 56]", 128, 8, 1);
  }

  private void convolution(String name, int channels, int groups, int dilation) {
    long map = 8L * channels * 56 * 56;
    both(
        name,
        floats(2 * map, 4 * map),
        map * 9 * channels / groups,
        () ->
            List.of(
                Input.gaussian(0, 8, channels, 56, 56),
                Input.gaussian(1, channels, channels / groups, 3, 3)),
        x -> ours(x, dilation, groups),
        x ->
            JniUtils.convolution(
                x[0],
                x[1],
                null,
                new ai.djl.ndarray.types.Shape(1, 1),
                new ai.djl.ndarray.types.Shape(dilation, dilation),
                new ai.djl.ndarray.types.Shape(dilation, dilation),
                groups));
  }

  private static Tensor ours(Tensor[] x, int dilation, int groups) {
    ConvOptions options = ConvOptions.DEFAULT.padding(dilation).dilation(dilation).groups(groups);
    return ConvOp.conv(2, x[0], x[1], null, options);
  }

  private void optimizer() {
    int size = 1 << 22;
    Entry entry =
        new Entry(
            "Adam of [4194304]",
            "step",
            0,
            () -> new AdamCase(options.device(), options.libtorch(), size));
    entries.add(entry);
    work.put(entry, new Work(7 * FLOAT * size, 0));
  }

  private void attention() {
    for (boolean causal : new boolean[] {false, true}) {
      long tokens = 4L * 8 * 1024;
      both(
          "attention [4, 8, 1024, 64]" + (causal ? ", causal" : ""),
          floats(4 * tokens * 64, 7 * tokens * 64),
          2 * tokens * 1024 * 64 / (causal ? 2 : 1),
          () ->
              List.of(
                  Input.gaussian(0, 4, 8, 1024, 64),
                  Input.gaussian(1, 4, 8, 1024, 64),
                  Input.gaussian(2, 4, 8, 1024, 64)),
          x -> x[0].scaledDotProductAttention(x[1], x[2], null, causal, null, false),
          x -> TorchOps.attention(x[0], x[1], x[2], causal));
    }
  }

  private void recurrent(RecurrentOp.Cell cell) {
    int steps = 64;
    int batch = 32;
    int in = 128;
    int size = 256;
    int width = cell.gates() * size;
    long gates = (long) steps * batch * width;
    long states = (long) steps * batch * size;
    both(
        cell + " [64, 32, 128] to 256",
        floats(2 * gates + 2 * states, 4 * gates + 4 * states),
        gates * (in + size),
        () ->
            List.of(
                scaled(0, 1, steps, batch, in),
                scaled(1, 0, batch, size),
                // Small enough that differences by rounding do not grow from step to step.
                scaled(2, 0.05, width, in),
                scaled(3, 0.05, width, size),
                scaled(4, 0.05, width),
                scaled(5, 0.05, width)),
        x -> {
          Tensor g = linear(x[0], x[2], x[4]);
          Tensor memory = cell.hasMemory() ? x[1] : null;
          Tensor all = RecurrentOp.recurrent(cell, g, x[1], memory, x[3], x[5], false);
          return all.select(0, 0).narrow(0, 1, steps);
        },
        x -> TorchOps.recurrent(cell.hasMemory(), x));
  }

  private static Input scaled(int number, double factor, int... dims) {
    Input gaussian = Input.gaussian(number, dims);
    float[] values = gaussian.values();
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) factor;
    }
    // What begins with zeros is a constant.
    return new Input(values, factor != 0, dims);
  }
}
