package tangram.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tangram.tensor.Buffer;
import tangram.tensor.CounterRandom;
import tangram.tensor.DType;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Attention;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.kernel.Sparse;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.NormalizeOp;
import tangram.tensor.op.WindowPartitionOp;
import tangram.tensor.vector.VectorDevice;

/** The kernels that {@link LayersBenchmark} measures, at sizes of the {@code small} preset. */
final class LayerCases {
  private LayerCases() {}

  /** A kernel call and the bytes that it has to move. */
  static final class Case {
    final Runnable call;
    final long bytes;
    final Runnable copy;

    Case(Runnable call, Buffer... moved) {
      this.call = call;
      long elements = 0;
      for (Buffer b : moved) {
        elements += b.length();
      }
      this.bytes = 4 * elements;
      View[] from = {view(reals((int) (elements / 2)))};
      View to = view(reals((int) (elements / 2)));
      this.copy = () -> DEVICE.kernels().maps().map(Formula.IDENTITY, NONE, from, to);
    }
  }

  private static final double[] NONE = {};
  private static final VectorDevice DEVICE = new VectorDevice();
  private static final List<Tensor> KEPT = new ArrayList<>();

  /** Standard normal numbers. */
  private static Buffer kept(Tensor t) {
    KEPT.add(t);
    return t.buffer();
  }

  private static Buffer reals(int n) {
    float[] values = new float[n];
    CounterRandom random = new CounterRandom(1, 1, n, 0);
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return kept(DEVICE.tensor(values, n));
  }

  private static View view(Buffer x, int... dims) {
    return View.dense(DType.F32, x, dims.length == 0 ? new int[] {x.length()} : dims);
  }

  /** Integers below the limit; a negative one leaves 99 of 100 at -1. */
  private static Buffer ints(int n, int limit) {
    CounterRandom random = new CounterRandom(1, 2, n, 0);
    int[] values = new int[n];
    for (int i = 0; i < n; i++) {
      int v = random.nextInt(Math.abs(limit));
      values[i] = limit > 0 || random.nextInt(100) == 0 ? v : -1;
    }
    return kept(DEVICE.tensor(values, n));
  }

  /** All cases by name. */
  static Map<String, Supplier<Case>> cases() {
    Map<String, Supplier<Case>> cases = new LinkedHashMap<>();
    elementwise(cases);
    rows(cases);
    reduction(cases);
    layout(cases);
    attention(cases);
    return cases;
  }

  private static void elementwise(Map<String, Supplier<Case>> cases) {
    int n = 12 * 32 * 64 * 64;
    int tokens = 12 * 1024 * 192;
    Formula relu = Formula.of(x -> x.relu());
    Formula gelu = Formula.of(x -> x.gelu());
    map(cases, "add", Formula.of((a, b) -> a.add(b)), n);
    map(cases, "lerp", Formula.of((a, b) -> a.add(b.sub(a).mul(0.4))), n);
    map(cases, "relu", relu, n);
    map(cases, "reluBackward", relu.derivative(0).formula(), n);
    map(cases, "gelu", gelu, tokens);
    map(cases, "geluBackward", gelu.derivative(0).formula(), tokens);
    map(
        cases,
        "sgd, velocity",
        Formula.of(3, x -> x[0].mul(0.9).add(x[1].add(x[2].mul(5e-4)))),
        1 << 20);
    map(cases, "sgd, weight", Formula.of((w, v) -> w.sub(v.mul(1e-9))), 1 << 20);
    cases.put(
        "broadcastRows",
        () -> {
          View[] v = {view(reals(192)).expand(12 * 1024, 192)};
          Buffer y = reals(tokens);
          View all = view(y, 12 * 1024, 192);
          return new Case(() -> DEVICE.kernels().maps().map(Formula.IDENTITY, NONE, v, all), y);
        });
  }

  private static void map(Map<String, Supplier<Case>> cases, String name, Formula formula, int n) {
    cases.put(
        name,
        () -> {
          List<Buffer> moved = new ArrayList<>();
          View[] x = new View[formula.inputs()];
          for (int i = 0; i < x.length; i++) {
            if (formula.reads(i)) {
              moved.add(reals(n));
              x[i] = view(moved.get(moved.size() - 1));
            }
          }
          moved.add(reals(n));
          View y = view(moved.get(moved.size() - 1));
          return new Case(
              () -> DEVICE.kernels().maps().map(formula, NONE, x, y), moved.toArray(new Buffer[0]));
        });
  }

  /** Operations that fold along rows: forward, and forward and backward. */
  private static void rows(Map<String, Supplier<Case>> cases) {
    for (int[] s : new int[][] {{12, 16, 128 * 128}, {12, 32, 32 * 32}, {12, 256, 4 * 4}}) {
      Tensor p = parameter(s[1]);
      Tensor r = tensor(s).requireGrad();
      String size = Arrays.toString(s);
      rows(cases, "batchNorm" + size, x -> batchNorm(x, null, p), s);
      rows(cases, "batchNorm+residual" + size, x -> batchNorm(x, r, p), s);
    }
    for (int[] s : new int[][] {{12 * 1024, 48}, {12 * 64, 192}}) {
      Tensor p = parameter(s[1]);
      rows(
          cases,
          "layerNorm" + Arrays.toString(s),
          x -> NormOp.layerNorm(x, p.shape(), p, p, 1e-5),
          s);
    }
    rows(cases, "normalize", x -> NormalizeOp.normalize(x, 2, 1, 1e-12), 12, 256, 256);
    rows(cases, "softmax", x -> x.softmax(1), 12, 4, 128 * 128);
  }

  private static Tensor batchNorm(Tensor x, Tensor residual, Tensor p) {
    return NormOp.batchNorm(x, residual, p, p, null, null, 0, 1e-5, true);
  }

  private static Tensor parameter(int length) {
    return tensor(length).requireGrad();
  }

  private static Tensor tensor(int... dims) {
    int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    return DEVICE.uninitialized(dims).copyFrom(DEVICE.tensor(numbers(size), dims));
  }

  private static float[] numbers(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) Math.sin(i);
    }
    return values;
  }

  private static void rows(
      Map<String, Supplier<Case>> cases, String name, UnaryOperator<Tensor> f, int... dims) {
    for (boolean backward : new boolean[] {false, true}) {
      cases.put(
          name + (backward ? ", both directions" : ""),
          () -> {
            Tensor x = tensor(dims);
            Tensor gy = tensor(dims);
            if (backward) {
              x.requireGrad();
            }
            Runnable call =
                () -> {
                  try (Scope scope = Scope.open()) {
                    Tensor y = f.apply(x);
                    if (backward) {
                      y.backward(gy);
                    }
                  }
                };
            Buffer b = x.buffer();
            return backward ? new Case(call, b, b, b, b, b) : new Case(call, b, b);
          });
    }
  }

  private static void reduction(Map<String, Supplier<Case>> cases) {
    int hw = 128 * 128;
    sum(cases, "sum", new int[] {12 * 32 * 64 * 64}, 1);
    sum(cases, "sumRows [12288,192]", new int[] {12288, 192}, 1, 192);
    sum(cases, "sumChannels", new int[] {12, 16, hw}, 1, 16, 1);
  }

  private static void sum(Map<String, Supplier<Case>> cases, String name, int[] dims, int... kept) {
    cases.put(
        name,
        () -> {
          Buffer x = reals(Arrays.stream(dims).reduce(1, (a, b) -> a * b));
          Buffer y = reals(Arrays.stream(kept).reduce(1, (a, b) -> a * b));
          View[] from = {view(x, dims)};
          View to = view(y, kept);
          return new Case(
              () -> DEVICE.kernels().maps().reduce(Reducer.SUM, Formula.IDENTITY, NONE, from, to),
              x);
        });
  }

  private static void layout(Map<String, Supplier<Case>> cases) {
    permute(cases, "NCHW to NHWC", new int[] {12, 48, 1024}, 0, 2, 1);
    permute(cases, "NHWC to NCHW", new int[] {12, 1024, 48}, 0, 2, 1);
    permute(cases, "large NCHW to NHWC", new int[] {12, 64, 64 * 64}, 0, 2, 1);
    permute(cases, "patch expand", new int[] {12, 16, 16, 2, 2, 48}, 0, 1, 3, 2, 4, 5);
    permute(cases, "scattered", new int[] {12, 4, 8, 4, 8, 24}, 0, 5, 1, 3, 4, 2);
    Kernels k = DEVICE.kernels();
    upsample(cases, 12 * 32, 32);
    upsample(cases, 12 * 256, 4);
    for (int shift : new int[] {0, 2}) {
      cases.put(
          "windowPartition shift " + shift,
          () -> {
            Tensor x = DEVICE.ones(12, 32, 32, 48);
            return new Case(
                () -> WindowPartitionOp.windowPartition(x, 4, shift).close(),
                x.buffer(),
                x.buffer());
          });
    }
    cases.put(
        "half of a concatenation",
        () -> {
          int cols = 64 * 1024;
          Buffer x = reals(12 * cols);
          Buffer y = reals(12 * 2 * cols);
          View from = View.dense(DType.F32, x, 12, cols);
          View to = new View(DType.F32, y, y.offset() + cols, from.dims(), new int[] {2 * cols, 1});
          return new Case(() -> copy(from, to), x, x);
        });
    PoolShape pool = new PoolShape(12 * 32, 64, 64, 3, 2, 1);
    cases.put(
        "maxPool",
        () -> {
          Buffer x = reals(12 * 32 * 4096);
          Buffer y = reals(12 * 32 * 1024);
          Buffer index = ints(12 * 32 * 1024, 9);
          return new Case(() -> k.resampling().maxPool(pool, x, y, index), x, y, index);
        });
    cases.put(
        "maxPoolBackward",
        () -> {
          Buffer x = reals(12 * 32 * 4096);
          Buffer y = reals(12 * 32 * 1024);
          Buffer index = ints(12 * 32 * 1024, 9);
          k.resampling().maxPool(pool, x, y, index);
          return new Case(() -> k.resampling().maxPoolBackward(pool, y, index, x), x, y, index);
        });
  }

  private static void upsample(Map<String, Supplier<Case>> cases, int planes, int side) {
    Kernels k = DEVICE.kernels();
    String size = " [" + planes + "," + side + "," + side + "]";
    // Rows 2i and 2i + 1 of the output take row i of the input, and the transpose.
    int[] ones = new int[2 * side + 1];
    int[] pairs = new int[side + 1];
    int[] halves = new int[2 * side];
    float[] weights = new float[2 * side];
    for (int i = 0; i < 2 * side; i++) {
      ones[i + 1] = i + 1;
      pairs[i / 2 + 1] = i / 2 * 2 + 2;
      halves[i] = i / 2;
      weights[i] = 1;
    }
    int[] all = Arrays.copyOf(ones, 2 * side);
    Buffer weight = kept(DEVICE.tensor(weights));
    Sparse twice =
        new Sparse(2 * side, side, kept(DEVICE.tensor(ones)), kept(DEVICE.tensor(halves)), weight);
    Sparse sums =
        new Sparse(side, 2 * side, kept(DEVICE.tensor(pairs)), kept(DEVICE.tensor(all)), weight);
    cases.put(
        "upsampleNearest2x" + size,
        () -> {
          Buffer x = reals(planes * side * side);
          Buffer y = reals(planes * 4 * side * side);
          return new Case(() -> k.resampling().resample(planes, twice, twice, x, y), x, y);
        });
    cases.put(
        "upsampleNearest2xBackward" + size,
        () -> {
          Buffer gx = reals(planes * side * side);
          Buffer gy = reals(planes * 4 * side * side);
          return new Case(() -> k.resampling().resample(planes, sums, sums, gy, gx), gy, gx);
        });
  }

  private static void copy(View from, View to) {
    DEVICE.kernels().maps().map(Formula.IDENTITY, new double[0], new View[] {from}, to);
  }

  private static void permute(
      Map<String, Supplier<Case>> cases, String what, int[] shape, int... perm) {
    int count = 1;
    for (int extent : shape) {
      count *= extent;
    }
    int n = count;
    cases.put(
        "permute " + what,
        () -> {
          Buffer x = reals(n);
          Buffer y = reals(n);
          int[] steps = View.rowMajor(shape);
          int[] dims = new int[perm.length];
          int[] strides = new int[perm.length];
          for (int d = 0; d < perm.length; d++) {
            dims[d] = shape[perm[d]];
            strides[d] = steps[perm[d]];
          }
          View from = new View(DType.F32, x, x.offset(), dims, strides);
          return new Case(() -> copy(from, View.dense(DType.F32, y, dims)), x, y);
        });
  }

  private static void attention(Map<String, Supplier<Case>> cases) {
    for (int[] s : new int[][] {{12, 64, 3, 16, 16}, {12, 16, 6, 16, 16}, {4, 64, 3, 64, 32}}) {
      attention(cases, s[0], s[1], s[2], s[3], s[4], true);
    }
    attention(cases, 1, 4, 8, 1024, 64, false);
  }

  private static void attention(
      Map<String, Supplier<Case>> cases,
      int images,
      int windows,
      int heads,
      int tokens,
      int width,
      boolean biased) {
    int[] dims = {images, windows, heads, tokens, width};
    int[] scores = {images, windows, heads, tokens, tokens};
    int values = images * windows * heads * tokens * width;
    String size = " " + images * windows + "x" + tokens + "x" + heads + "x" + width;
    Supplier<AttentionOperands> operands =
        () ->
            new AttentionOperands(
                view(values, dims),
                view(values, dims),
                view(values, dims),
                biased
                    ? view(heads * tokens * tokens, 1, 1, heads, tokens, tokens).expand(scores)
                    : null,
                biased
                    ? view(windows * tokens * tokens, 1, windows, 1, tokens, tokens).expand(scores)
                    : null,
                false,
                1 / Math.sqrt(width));
    Attention kernel = DEVICE.kernels().attention();
    cases.put(
        "attention" + size,
        () -> {
          AttentionOperands o = operands.get();
          View y = view(values, dims);
          Buffer sums = reals(values / width);
          return new Case(
              () -> kernel.attention(o, y, sums),
              o.query().buffer(),
              o.key().buffer(),
              o.value().buffer(),
              y.buffer());
        });
    cases.put(
        "attentionBackward" + size,
        () -> {
          AttentionOperands o = operands.get();
          View y = view(values, dims);
          Buffer sums = reals(values / width);
          kernel.attention(o, y, sums);
          View gy = view(values, dims);
          View gq = view(values, dims);
          View gk = view(values, dims);
          View gv = view(values, dims);
          View gBias = biased ? view(heads * tokens * tokens, 1, 1, heads, tokens, tokens) : null;
          return new Case(
              () -> kernel.attentionBackward(o, y, sums, gy, gq, gk, gv, gBias),
              o.query().buffer(),
              o.key().buffer(),
              o.value().buffer(),
              y.buffer(),
              gy.buffer(),
              gq.buffer(),
              gk.buffer(),
              gv.buffer());
        });
  }

  private static View view(int elements, int... dims) {
    return View.dense(DType.F32, reals(elements), dims);
  }
}
