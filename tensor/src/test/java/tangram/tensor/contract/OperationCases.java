package tangram.tensor.contract;

import static tangram.tensor.contract.KernelContract.normal;
import static tangram.tensor.contract.KernelContract.uniform;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Generator;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvNormOp;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.CrossEntropyOp;
import tangram.tensor.op.EinsumOp;
import tangram.tensor.op.FoldOp;
import tangram.tensor.op.IndexOp;
import tangram.tensor.op.JoinOp;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.MatmulOp;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.NormalizeOp;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.RandomOp;
import tangram.tensor.op.RecurrentOp;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.ScaledDotProductAttentionOp;
import tangram.tensor.op.ScanOp;
import tangram.tensor.op.SoftmaxOp;
import tangram.tensor.op.SortOp;
import tangram.tensor.op.TransferOp;
import tangram.tensor.op.ViewOp;
import tangram.tensor.op.WindowAttentionOp;
import tangram.tensor.op.WindowPartitionOp;
import tangram.tensor.reference.ReferenceDevice;

/**
 * The entries of the suite for the operations: a new operation gets at least one case here. Shapes
 * are awkward and small, since every element is perturbed twice; sizes are the kernels' contracts.
 */
final class OperationCases {
  private static final Device ELSEWHERE = new ReferenceDevice();

  private final List<OperationCase> cases = new ArrayList<>();

  private OperationCases() {
    products();
    normalizations();
    losses();
    elementwise();
    layout();
    attention();
    arrays();
    indexing();
    recurrent();
  }

  static List<OperationCase> all() {
    return new OperationCases().cases;
  }

  private OperationCase add(Class<?> operation, String name) {
    OperationCase c = new OperationCase(operation, name);
    cases.add(c);
    return c;
  }

  private void recurrent() {
    int steps = 4;
    int batch = 2;
    int size = 3;
    for (RecurrentOp.Cell cell : RecurrentOp.Cell.values()) {
      int width = cell.gates() * size;
      for (boolean reverse : new boolean[] {false, true}) {
        OperationCase c = add(RecurrentOp.class, cell + (reverse ? ", reverse" : ""));
        c.input("x", normal(91, steps * batch * width), steps, batch, width)
            .input("state", normal(92, batch * size), batch, size)
            .input("weight", normal(93, width * size), width, size);
        if (cell.hasMemory()) {
          c.input("memory", normal(94, batch * size), batch, size);
        }
        if (!reverse) {
          c.input("bias", normal(95, width), width);
        }
        c.apply(
            in ->
                RecurrentOp.recurrent(
                    cell,
                    in.get("x"),
                    in.get("state"),
                    cell.hasMemory() ? in.get("memory") : null,
                    in.get("weight"),
                    reverse ? null : in.get("bias"),
                    reverse));
      }
    }
  }

  private void indexing() {
    int[] places = {2, 0, 2, 1, 1, 0, 0, 2};
    add(IndexOp.class, "gather")
        .input("x", normal(81, 3 * 4), 3, 4)
        .integers("index", places, 2, 4)
        .apply(in -> in.get("x").gather(0, in.get("index")));
    for (boolean add : new boolean[] {false, true}) {
      add(IndexOp.class, add ? "scatter, adding" : "scatter")
          .input("x", normal(82, 3 * 4), 3, 4)
          .input("source", normal(83, 8), 2, 4)
          .integers("index", new int[] {2, 0, 2, 1, add ? 2 : 1, 1, 0, 2}, 2, 4)
          .apply(in -> IndexOp.scatter(in.get("x"), 0, in.get("index"), in.get("source"), add));
    }
    add(ScanOp.class, "sum")
        .input("x", normal(84, 2 * 5 * 3), 2, 5, 3)
        .apply(in -> in.get("x").cumsum(1));
    add(ScanOp.class, "product")
        .input("x", uniform(85, 2 * 5, 0.5, 1.5), 2, 5)
        .apply(in -> in.get("x").cumprod(-1));
    add(SortOp.class, "places")
        .constant("x", normal(86, 12), 3, 4)
        .apply(in -> in.get("x").argsort(1, true).to(DType.I32));
    add(TransferOp.class, "there and back")
        .input("x", normal(86, 12), 3, 4)
        .apply(in -> TransferOp.transfer(in.get("x").to(ELSEWHERE).mul(3), in.get("x").device()));
    add(MatmulOp.class, "batches that broadcast")
        .input("a", normal(87, 2 * 3 * 4), 2, 1, 3, 4)
        .input("b", normal(88, 3 * 4 * 2), 3, 4, 2)
        .apply(in -> in.get("a").matmul(in.get("b")));
    add(MatmulOp.class, "matrix and vector")
        .input("a", normal(89, 3 * 4), 4, 3)
        .input("b", normal(90, 4), 4)
        .apply(in -> in.get("a").t().matmul(in.get("b")));
    add(EinsumOp.class, "contraction")
        .input("a", normal(91, 2 * 3 * 4), 2, 3, 4)
        .input("b", normal(92, 4 * 2 * 5), 4, 2, 5)
        .apply(in -> Tensor.einsum("bij,jbk->ki", in.get("a"), in.get("b")));
    add(RandomOp.class, "dropout")
        .input("x", normal(93, 12), 3, 4)
        .apply(in -> in.get("x").dropout(0.3, new Generator(5)));
  }

  private void arrays() {
    add(MapOp.class, "broadcast")
        .input("a", normal(71, 6), 2, 3)
        .input("b", uniform(72, 3, 0.5, 1.5), 3)
        .apply(in -> in.get("a").mul(in.get("b")));
    add(MapOp.class, "result read by the derivative")
        .input("x", normal(73, 8), 8)
        .apply(in -> in.get("x").sigmoid());
    add(FoldOp.class, "sum")
        .input("x", normal(74, 2 * 5 * 3), 2, 5, 3)
        .apply(in -> in.get("x").sum(1));
    add(FoldOp.class, "product")
        .input("x", uniform(75, 12, 0.5, 1.5), 3, 4)
        .apply(in -> in.get("x").prod(0));
    add(FoldOp.class, "largest").input("x", normal(76, 12), 3, 4).apply(in -> in.get("x").max(1));
    add(ViewOp.class, "strided")
        .input("x", normal(78, 4 * 6), 4, 6)
        .apply(in -> in.get("x").slice(1, 1, 6, 2).flip(0).transpose(0, 1));
    add(ViewOp.class, "repeated")
        .input("x", normal(79, 5), 5, 1)
        .apply(in -> in.get("x").expand(2, 5, 3));
    add(ViewOp.class, "diagonal")
        .input("x", normal(80, 12), 3, 4)
        .apply(in -> in.get("x").diagonal(1, 0, 1));
    add(JoinOp.class, "joined")
        .input("a", normal(81, 6), 2, 3)
        .input("b", normal(82, 4), 2, 2)
        .apply(in -> Tensor.cat(1, in.get("a"), in.get("b"), in.get("a")));
    add(JoinOp.class, "padded")
        .input("x", normal(83, 6), 2, 3)
        .apply(in -> in.get("x").pad(0.5, 1, 0, 0, 2));
  }

  private void products() {
    // n, c, h, w, k, r, stride, padding
    int[][] shapes = {
      {2, 3, 5, 7, 4, 3, 1, 1},
      {1, 2, 7, 6, 3, 3, 2, 1},
      {2, 5, 3, 3, 2, 1, 1, 0},
      {1, 3, 5, 5, 2, 1, 2, 0},
      {1, 1, 9, 8, 2, 7, 2, 3},
    };
    for (int[] s : shapes) {
      for (boolean bias : new boolean[] {false, true}) {
        String name =
            s[5] + "x" + s[5] + " stride " + s[6] + " padding " + s[7] + (bias ? " bias" : "");
        OperationCase c =
            add(ConvOp.class, name)
                .input("x", normal(1, s[0] * s[1] * s[2] * s[3]), s[0], s[1], s[2], s[3])
                .input("w", normal(2, s[4] * s[1] * s[5] * s[5]), s[4], s[1], s[5], s[5])
                .tolerance(2e-5);
        if (bias) {
          c.input("bias", normal(3, s[4]), s[4]);
        }
        c.apply(
            in ->
                ConvOp.conv2d(in.get("x"), in.get("w"), bias ? in.get("bias") : null, s[6], s[7]));
      }
    }
    add(LinearOp.class, "bias")
        .input("x", normal(4, 2 * 3 * 5), 2, 3, 5)
        .input("w", normal(5, 7 * 5), 7, 5)
        .input("bias", normal(6, 7), 7)
        .apply(in -> LinearOp.linear(in.get("x"), in.get("w"), in.get("bias")));
    add(LinearOp.class, "one row")
        .input("x", normal(7, 17), 17)
        .input("w", normal(8, 17), 1, 17)
        .apply(in -> LinearOp.linear(in.get("x"), in.get("w"), null));
  }

  private void normalizations() {
    for (boolean relu : new boolean[] {false, true}) {
      for (boolean residual : new boolean[] {false, true}) {
        String name = (residual ? "residual" : "plain") + (relu ? " relu" : "");
        OperationCase train = withStatistics(add(NormOp.class, name));
        train
            .input("gamma", uniform(9, 3, 0.5, 1.5), 3)
            .input("beta", normal(10, 3), 3)
            .input("x", normal(11, 2 * 3 * 5), 2, 3, 1, 5)
            .apply(
                in ->
                    NormOp.batchNorm(
                        in.get("x"),
                        residual ? in.get("residual") : null,
                        in.get("gamma"),
                        in.get("beta"),
                        in.get("mean"),
                        in.get("var"),
                        0.1,
                        1e-5,
                        relu));
        if (residual) {
          train.input("residual", normal(12, 2 * 3 * 5), 2, 3, 1, 5);
        }
        OperationCase inference = withStatistics(add(NormOp.class, "inference " + name));
        inference
            .input("gamma", uniform(13, 3, 0.5, 1.5), 3)
            .input("beta", normal(14, 3), 3)
            .input("x", normal(15, 2 * 3 * 5), 2, 3, 1, 5)
            .apply(
                in ->
                    NormOp.batchNormInference(
                        in.get("x"),
                        residual ? in.get("residual") : null,
                        in.get("gamma"),
                        in.get("beta"),
                        in.get("mean"),
                        in.get("var"),
                        1e-5,
                        relu));
        if (residual) {
          inference.input("residual", normal(16, 2 * 3 * 5), 2, 3, 1, 5);
        }
        OperationCase after = withStatistics(add(ConvNormOp.class, "convolution, " + name));
        after
            .input("x", normal(91, 2 * 2 * 4 * 5), 2, 2, 4, 5)
            .input("w", normal(92, 3 * 2 * 3 * 3), 3, 2, 3, 3)
            .input("bias", normal(93, 3), 3)
            .input("gamma", uniform(94, 3, 0.5, 1.5), 3)
            .input("beta", normal(95, 3), 3)
            .apply(
                in ->
                    ConvNormOp.convBatchNormInference(
                        2,
                        in.get("x"),
                        in.get("w"),
                        in.get("bias"),
                        ConvOptions.DEFAULT.padding(1),
                        residual ? in.get("residual") : null,
                        in.get("gamma"),
                        in.get("beta"),
                        in.get("mean"),
                        in.get("var"),
                        1e-5,
                        relu));
        if (residual) {
          after.input("residual", normal(96, 2 * 3 * 4 * 5), 2, 3, 4, 5);
        }
      }
    }
    add(NormOp.class, "layer")
        .input("x", normal(17, 2 * 3 * 7), 2, 3, 7)
        .input("gamma", uniform(18, 7, 0.5, 1.5), 7)
        .input("beta", normal(19, 7), 7)
        .apply(
            in ->
                NormOp.layerNorm(in.get("x"), Shape.of(7), in.get("gamma"), in.get("beta"), 1e-5));
    add(NormOp.class, "group")
        .input("x", normal(84, 2 * 4 * 3), 2, 4, 3)
        .input("gamma", uniform(85, 4, 0.5, 1.5), 4)
        .input("beta", normal(86, 4), 4)
        .apply(in -> NormOp.groupNorm(in.get("x"), 2, in.get("gamma"), in.get("beta"), 1e-5));
    add(NormOp.class, "instance")
        .input("x", normal(87, 2 * 3 * 4), 2, 3, 4)
        .input("gamma", uniform(88, 3, 0.5, 1.5), 3)
        .input("beta", normal(89, 3), 3)
        .apply(in -> NormOp.instanceNorm(in.get("x"), in.get("gamma"), in.get("beta"), 1e-5));
    add(NormOp.class, "root mean square")
        .input("x", normal(90, 3 * 5), 3, 5)
        .input("gamma", uniform(91, 5, 0.5, 1.5), 5)
        .apply(in -> NormOp.rmsNorm(in.get("x"), Shape.of(5), in.get("gamma"), 1e-5));
    add(NormalizeOp.class, "pixels")
        .input("x", normal(20, 2 * 5 * 3), 2, 5, 1, 3)
        .apply(in -> NormalizeOp.normalize(in.get("x"), 2, 1, 1e-12));
    add(NormalizeOp.class, "rows")
        .input("x", normal(21, 3 * 17), 3, 17)
        .apply(in -> NormalizeOp.normalize(in.get("x"), 3, -1, 1e-12));
    add(NormalizeOp.class, "cosine")
        .input("a", normal(92, 3 * 5), 3, 5)
        .input("b", normal(93, 5), 5)
        .apply(in -> NormalizeOp.cosineSimilarity(in.get("a"), in.get("b"), 1, 1e-8));
  }

  private void losses() {
    add(CrossEntropyOp.class, "indices")
        .input("x", normal(94, 3 * 4 * 2), 3, 4, 2)
        .integers("target", new int[] {0, 3, -100, 1, 2, 2}, 3, 2)
        .constant("weights", uniform(95, 4, 0.5, 1.5), 4)
        .apply(
            in ->
                CrossEntropyOp.crossEntropy(
                    in.get("x"),
                    in.get("target"),
                    in.get("weights"),
                    -100,
                    0.1,
                    CrossEntropyOp.Reduction.MEAN));
    add(CrossEntropyOp.class, "logarithms")
        .input("x", uniform(99, 3 * 4, -3, -0.1), 3, 4)
        .integers("target", new int[] {0, 3, 1}, 3)
        .apply(
            in ->
                CrossEntropyOp.nllLoss(
                    in.get("x"), in.get("target"), null, -100, CrossEntropyOp.Reduction.MEAN));
    add(CrossEntropyOp.class, "probabilities")
        .input("x", normal(96, 3 * 4), 3, 4)
        .input("target", uniform(97, 3 * 4, 0, 1), 3, 4)
        .apply(
            in ->
                CrossEntropyOp.crossEntropy(
                    in.get("x"), in.get("target"), null, -100, 0.1, CrossEntropyOp.Reduction.SUM));
  }

  private static OperationCase withStatistics(OperationCase c) {
    return c.constant("mean", normal(22, 3), 3).constant("var", uniform(23, 3, 0.5, 2), 3);
  }

  private void elementwise() {
    add(MapOp.class, "relu").input("x", normal(24, 3 * 11), 3, 11).apply(in -> in.get("x").relu());
    add(MapOp.class, "gelu").input("x", uniform(25, 67, -5, 5), 67).apply(in -> in.get("x").gelu());
    add(MapOp.class, "add, one shape")
        .input("a", normal(26, 2 * 9), 2, 9)
        .input("b", normal(27, 2 * 9), 2, 9)
        .apply(in -> in.get("a").add(in.get("b")));
    add(MapOp.class, "add, repeated")
        .input("a", normal(28, 2 * 3 * 5), 2, 3, 5)
        .input("b", normal(29, 3 * 5), 3, 5)
        .apply(in -> in.get("a").add(in.get("b")));
    add(MapOp.class, "a tensor and itself")
        .input("a", normal(30, 7), 7)
        .apply(in -> in.get("a").add(in.get("a")));
    add(MapOp.class, "both gradients computed")
        .input("a", normal(31, 2 * 5), 2, 5)
        .input("b", normal(32, 2 * 5), 2, 5)
        .apply(in -> in.get("a").lerp(in.get("b"), 0.4));
    add(MapOp.class, "one factor repeated")
        .input("a", normal(35, 2 * 3 * 5), 2, 3, 5)
        .input("b", normal(36, 2 * 3 * 5), 2, 3, 5)
        .input("c", normal(37, 2 * 5), 2, 1, 5)
        .apply(in -> in.get("a").addcmul(in.get("b"), in.get("c")));
    add(MapOp.class, "one gradient passed on")
        .input("a", normal(33, 3 * 7), 3, 7)
        .input("b", normal(34, 3 * 7), 3, 7)
        .apply(in -> in.get("a").sub(in.get("b")));
    add(FoldOp.class, "sum of all")
        .input("x", normal(35, 3 * 5), 3, 5)
        .scale(4)
        .apply(in -> in.get("x").sum());
    add(FoldOp.class, "argmax")
        .constant("x", normal(61, 2 * 4 * 5), 2, 4, 1, 5)
        .apply(in -> in.get("x").argmax(1));
    add(SoftmaxOp.class, "channels")
        .input("x", normal(36, 2 * 4 * 5), 2, 4, 1, 5)
        .apply(in -> SoftmaxOp.softmax(in.get("x"), 1));
    add(SoftmaxOp.class, "last")
        .input("x", normal(37, 3 * 17), 3, 17)
        .apply(in -> SoftmaxOp.softmax(in.get("x"), -1));
    add(SoftmaxOp.class, "logarithm")
        .input("x", normal(98, 3 * 17), 3, 17)
        .apply(in -> SoftmaxOp.logSoftmax(in.get("x"), 0));
  }

  private void layout() {
    add(ResizeOp.class, "")
        .input("x", normal(43, 2 * 3 * 5), 1, 2, 3, 5)
        .apply(in -> ResizeOp.upsampleNearest2x(in.get("x")));
    int[][] sizes = {{7, 7, 8, 8}, {8, 6, 5, 3}, {1, 3, 4, 5}};
    for (int[] s : sizes) {
      add(ResizeOp.class, s[0] + "x" + s[1] + " to " + s[2] + "x" + s[3])
          .input("x", normal(44, 2 * s[0] * s[1]), 1, 2, s[0], s[1])
          .apply(in -> ResizeOp.bilinear(in.get("x"), s[2], s[3]));
    }
    add(PoolOp.class, "")
        .input("x", normal(45, 2 * 7 * 8), 1, 2, 7, 8)
        .apply(in -> PoolOp.maxPool2d(in.get("x"), 3, 2, 1));
    // n, h, w, c, window, shift
    int[][] windows = {{2, 4, 6, 3, 2, 0}, {1, 5, 7, 2, 3, 1}, {1, 3, 9, 2, 4, 2}};
    for (int[] s : windows) {
      String name = s[1] + "x" + s[2] + " window " + s[4] + " shift " + s[5];
      int count = (s[1] + s[4] - 1) / s[4] * ((s[2] + s[4] - 1) / s[4]) * s[0];
      add(WindowPartitionOp.class, name)
          .input("x", normal(46, s[0] * s[1] * s[2] * s[3]), s[0], s[1], s[2], s[3])
          .apply(in -> WindowPartitionOp.windowPartition(in.get("x"), s[4], s[5]));
      add(WindowPartitionOp.class, name)
          .input("x", normal(47, count * s[4] * s[4] * s[3]), count, s[4] * s[4], s[3])
          .apply(in -> WindowPartitionOp.windowReverse(in.get("x"), s[0], s[1], s[2], s[4], s[5]));
    }
  }

  private void attention() {
    add(WindowAttentionOp.class, "plain")
        .input("qkv", normal(48, 3 * 4 * 3 * 2 * 3), 3, 4, 3 * 2 * 3)
        .input("bias", normal(49, 2 * 4 * 4), 2, 4, 4)
        .apply(in -> WindowAttentionOp.windowAttention(in.get("qkv"), in.get("bias"), null));
    double[] mask = new double[2 * 5 * 5];
    for (int i = 0; i < mask.length; i += 3) {
      boolean diagonal = i / 5 % 5 == i % 5;
      mask[i] = diagonal ? 0 : -100;
    }
    add(WindowAttentionOp.class, "masked")
        .input("qkv", normal(50, 4 * 5 * 3 * 3), 4, 5, 3 * 3)
        .input("bias", normal(51, 5 * 5), 1, 5, 5)
        .constant("mask", mask, 2, 5, 5)
        .apply(
            in -> WindowAttentionOp.windowAttention(in.get("qkv"), in.get("bias"), in.get("mask")));
    add(ScaledDotProductAttentionOp.class, "heads that share keys, added mask")
        .input("query", normal(81, 2 * 4 * 3 * 5), 2, 4, 3, 5)
        .input("key", normal(82, 2 * 2 * 6 * 5), 2, 2, 6, 5)
        .input("value", normal(83, 2 * 6 * 2), 2, 6, 2)
        .input("mask", normal(84, 4 * 6), 4, 1, 6)
        .apply(
            in ->
                in.get("query")
                    .scaledDotProductAttention(
                        in.get("key"), in.get("value"), in.get("mask"), false, 0.7, true));
    add(ScaledDotProductAttentionOp.class, "causal")
        .input("query", normal(85, 2 * 5 * 4), 2, 5, 4)
        .input("key", normal(86, 3 * 4), 3, 4)
        .input("value", normal(87, 2 * 3), 3, 2)
        .apply(
            in ->
                in.get("query")
                    .scaledDotProductAttention(
                        in.get("key"), in.get("value"), null, true, null, false));
  }
}
