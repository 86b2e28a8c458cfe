package tangram.tensor.contract;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tangram.tensor.Buffer;
import tangram.tensor.DType;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.AttentionOperands;
import tangram.tensor.kernel.ConvShape;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.Reducer;

/**
 * Sizes that are large enough to be split between threads, and divide by nothing: the results are
 * right, and the same inputs give the same bits at a second call and with any number of threads.
 */
public abstract class DeterminismContract extends KernelContract {
  private static final double[] NONE = {};
  private static final Formula GELU = Formula.of(x -> x.gelu());
  private static final Formula STEP = Formula.of(3, x -> x[0].sub(x[2].mul(x[1])));

  /** See {@link DeviceContract#threadCounts}. */
  protected abstract int[] threadCounts();

  /** See {@link DeviceContract#withThreads}. */
  protected abstract void withThreads(int threads, Runnable body);

  @TestFactory
  Stream<DynamicTest> sameBits() {
    Map<String, Runnable> tests = new LinkedHashMap<>();
    gemm(tests);
    convolutions(tests);
    reductions(tests);
    layouts(tests);
    attention(tests);
    return tests.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), e.getValue()::run));
  }

  private void add(
      Map<String, Runnable> tests, String name, KernelCheck check, KernelCheck.Call call) {
    tests.put(
        name,
        () -> {
          check.run(call);
          KernelCheck.Results first = check.runOnDevice(call);
          first.assertSameBits(check.runOnDevice(call), name + " at a second call");
          for (int threads : threadCounts()) {
            withThreads(
                threads,
                () ->
                    first.assertSameBits(
                        check.runOnDevice(call), name + " with " + threads + " threads"));
          }
        });
  }

  private void gemm(Map<String, Runnable> tests) {
    int m = 211;
    int n = 257;
    int k = 131;
    for (boolean transA : new boolean[] {false, true}) {
      for (boolean transB : new boolean[] {false, true}) {
        GemmShape shape = GemmShape.of(transA, transB, m, n, k);
        add(
            tests,
            "gemm " + (transA ? "T" : "N") + (transB ? "T" : "N"),
            check("gemm")
                .input("a", normal(1, m * k))
                .input("b", normal(2, k * n))
                .updated("c", normal(3, m * n)),
            (ks, b) -> ks.linearAlgebra().gemm(shape, b.get("a"), b.get("b"), b.get("c"), true));
      }
    }
    GemmShape batched = new GemmShape(37, false, true, 49, 49, 32, 49 * 32, 49 * 32);
    add(
        tests,
        "batched gemm",
        check("gemm")
            .input("a", normal(4, 37 * 49 * 32))
            .input("b", normal(5, 37 * 49 * 32))
            .output("c", 37 * 49 * 49),
        (ks, b) -> ks.linearAlgebra().gemm(batched, b.get("a"), b.get("b"), b.get("c"), false));
  }

  private void convolutions(Map<String, Runnable> tests) {
    convolution(tests, new ConvShape(3, 17, 31, 29, 19, 3, 3, 1, 1));
    convolution(tests, new ConvShape(3, 17, 30, 30, 19, 3, 3, 2, 1));
    convolution(tests, new ConvShape(5, 37, 17, 19, 41, 1, 1, 1, 0));
    convolution(tests, new ConvShape(3, 37, 28, 28, 41, 1, 1, 2, 0));
    convolution(tests, new ConvShape(3, 1, 65, 63, 16, 7, 7, 2, 3));
  }

  private void convolution(Map<String, Runnable> tests, ConvShape s) {
    int inputs = s.n() * s.c() * s.h() * s.w();
    int weights = s.k() * s.c() * s.r() * s.s();
    int outputs = s.n() * s.k() * s.outH() * s.outW();
    add(
        tests,
        s + " forward",
        check("convolution")
            .input("x", normal(6, inputs))
            .input("w", normal(7, weights))
            .input("bias", normal(8, s.k()))
            .output("y", outputs),
        (ks, b) ->
            ks.convolution().convolution(s, b.get("x"), b.get("w"), b.get("bias"), b.get("y")));
    add(
        tests,
        s + " gradient of the input",
        check("convolution")
            .input("gy", normal(9, outputs))
            .input("w", normal(10, weights))
            .output("gx", inputs),
        (ks, b) ->
            ks.convolution().convolutionInputGradient(s, b.get("gy"), b.get("w"), b.get("gx")));
    add(
        tests,
        s + " gradient of the weights",
        check("convolution")
            .input("x", normal(11, inputs))
            .input("gy", normal(12, outputs))
            .output("gw", weights),
        (ks, b) ->
            ks.convolution().convolutionWeightGradient(s, b.get("x"), b.get("gy"), b.get("gw")));
  }

  private void reductions(Map<String, Runnable> tests) {
    int length = 500009;
    add(
        tests,
        "sum",
        check("sum").input("x", normal(29, length)).output("y", 1),
        (k, b) -> sum(k, b, new int[] {length}, 1));
    add(
        tests,
        "sumRows",
        check("sumRows").input("x", normal(30, 5003 * 97)).output("y", 97),
        (k, b) -> sum(k, b, new int[] {5003, 97}, 1, 97));
    add(
        tests,
        "sumChannels",
        check("sumChannels").input("x", normal(31, 7 * 19 * 1023)).output("y", 19),
        (k, b) -> sum(k, b, new int[] {7, 19, 1023}, 1, 19, 1));
    add(
        tests,
        "gelu",
        check("gelu").input("x", normal(33, length)).output("y", length),
        (k, b) ->
            k.maps()
                .map(GELU, NONE, new View[] {view(b.get("x"), length)}, view(b.get("y"), length)));
    add(
        tests,
        "in place",
        check("in place")
            .updated("w", normal(34, length))
            .input("g", normal(35, length))
            .input("lr", new double[] {0.25}),
        (k, b) -> {
          View w = view(b.get("w"), length);
          View[] x = {w, view(b.get("g"), length), view(b.get("lr"), 1).expand(length)};
          k.maps().map(STEP, NONE, x, w);
        });
  }

  private static View view(Buffer x, int... dims) {
    return View.dense(DType.F32, x, dims);
  }

  private static void sum(Kernels k, KernelCheck.Buffers b, int[] dims, int... kept) {
    View[] x = {view(b.get("x"), dims)};
    k.maps().reduce(Reducer.SUM, Formula.IDENTITY, NONE, x, view(b.get("y"), kept));
  }

  private void layouts(Map<String, Runnable> tests) {
    ResamplingContract.Matrix rows = ResamplingContract.Matrix.random(1, 23, 64, 9);
    ResamplingContract.Matrix cols = ResamplingContract.Matrix.random(2, 29, 64, 9);
    add(
        tests,
        "scatter of rows",
        check("scatter of rows")
            .input("x", normal(37, 3001 * 67))
            .input("index", integers(38, 3001, 0, 53))
            .updated("y", normal(39, 53 * 67)),
        (k, b) -> {
          View index =
              new View(
                  DType.I32,
                  b.get("index"),
                  b.get("index").offset(),
                  new int[] {3001, 67},
                  new int[] {1, 0});
          k.indexing()
              .scatter(view(b.get("x"), 3001, 67), index, 0, view(b.get("y"), 53, 67), true);
        });
    add(
        tests,
        "scans",
        check("scans").input("x", normal(40, 301 * 907)).output("y", 301 * 907),
        (k, b) -> {
          k.indexing().scan(Reducer.SUM, view(b.get("x"), 301, 907), 0, view(b.get("y"), 301, 907));
          k.indexing().scan(Reducer.SUM, view(b.get("y"), 301, 907), 1, view(b.get("y"), 301, 907));
        });
    add(
        tests,
        "random",
        check("random").output("y", 100_003),
        (k, b) -> k.indexing().random(1, 3, 1 << 24, view(b.get("y"), 100_003)));
    add(
        tests,
        "resample",
        cols.addTo(
            rows.addTo(
                check("resample").input("x", normal(39, 37 * 64 * 64)).output("y", 37 * 23 * 29),
                "rows"),
            "cols"),
        (k, b) ->
            k.resampling()
                .resample(37, rows.in(b, "rows"), cols.in(b, "cols"), b.get("x"), b.get("y")));
  }

  private void attention(Map<String, Runnable> tests) {
    attention(tests, new AttentionContract.Windows(2, 11, 49, 3, 32));
    // Few attentions of many tokens: their keys are split.
    attention(tests, new AttentionContract.Windows(1, 1, 333, 2, 17));
  }

  private void attention(Map<String, Runnable> tests, AttentionContract.Windows s) {
    int scores = s.heads() * s.tokens() * s.tokens();
    add(
        tests,
        "attention of " + s,
        check("attention")
            .input("qkv", normal(40, 3 * s.values()))
            .input("bias", normal(41, scores))
            .input("mask", normal(42, s.windows() * s.tokens() * s.tokens()))
            .input("gOut", normal(43, s.values()))
            .output("sums", s.rows())
            .output("out", s.values())
            .output("gQkv", 3 * s.values())
            .output("gBias", scores),
        (k, b) -> {
          AttentionOperands operands =
              s.operands(b.get("qkv"), b.get("bias"), b.get("mask"), s.windows() == 1);
          k.attention().attention(operands, s.part(b.get("out"), 1, 0), b.get("sums"));
          k.attention()
              .attentionBackward(
                  operands,
                  s.part(b.get("out"), 1, 0),
                  b.get("sums"),
                  s.part(b.get("gOut"), 1, 0),
                  s.part(b.get("gQkv"), 3, 0),
                  s.part(b.get("gQkv"), 3, 1),
                  s.part(b.get("gQkv"), 3, 2),
                  s.bias(b.get("gBias")));
        });
  }
}
