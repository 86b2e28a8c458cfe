package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tangram.tensor.Device;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.CrossEntropyOp;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.NormalizeOp;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.SoftmaxOp;
import tangram.tensor.op.WindowAttentionOp;
import tangram.tensor.op.WindowPartitionOp;
import tangram.tensor.reference.ReferenceDevice;

/** The shapes of results, and the shapes that are refused with a message that names them. */
class OperationShapesTest {
  private static final Device DEVICE = new ReferenceDevice();
  private static final Device OTHER = new ReferenceDevice();

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor t(int... dims) {
    return DEVICE.zeros(dims);
  }

  private static Tensor ints(int... dims) {
    return DEVICE.tensor(new int[Shape.of(dims).size()], dims);
  }

  private static void assertShape(Tensor actual, int... dims) {
    assertEquals(Shape.of(dims), actual.shape());
  }

  private static void assertRefused(String words, Executable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void shapesOfResults() {
    assertShape(ConvOp.conv2d(t(2, 3, 9, 8), t(5, 3, 3, 3), null, 2, 1), 2, 5, 5, 4);
    assertShape(LinearOp.linear(t(2, 3, 4), t(7, 4), t(7)), 2, 3, 7);
    assertShape(PoolOp.maxPool2d(t(2, 3, 9, 8), 3, 2, 1), 2, 3, 5, 4);
    assertShape(ResizeOp.upsampleNearest2x(t(2, 3, 4, 5)), 2, 3, 8, 10);
    assertShape(ResizeOp.bilinear(t(2, 3, 4, 5), 7, 6), 2, 3, 7, 6);
    assertShape(Tensor.cat(1, t(2, 3, 4), t(2, 5, 4)), 2, 8, 4);
    assertShape(Tensor.cat(-1, t(2, 3, 4), t(2, 3, 1)), 2, 3, 5);
    assertShape(t(2, 3, 4).permute(2, 0, 1), 4, 2, 3);
    assertShape(t(2, 3, 4).reshape(4, -1), 4, 6);
    assertShape(t(4, 2, 3).indexSelect(0, ints(5)), 5, 2, 3);
    assertShape(t(2, 3, 4).argmax(1), 2, 4);
    assertShape(t(2, 3, 4).argmax(-1), 2, 3);
    assertShape(t(2, 3).sum());
    assertShape(WindowPartitionOp.windowPartition(t(2, 5, 7, 3), 4, 2), 8, 16, 3);
    assertShape(WindowPartitionOp.windowReverse(t(8, 16, 3), 2, 5, 7, 4, 2), 2, 5, 7, 3);
    assertShape(WindowAttentionOp.windowAttention(t(6, 4, 18), t(3, 4, 4), null), 6, 4, 6);
  }

  @Test
  void productsRefuse() {
    assertRefused("[5, 4, 3, 3]", () -> ConvOp.conv2d(t(2, 3, 9, 8), t(5, 4, 3, 3), null, 1, 1));
    assertRefused("bias", () -> ConvOp.conv2d(t(2, 3, 9, 8), t(5, 3, 3, 3), t(3), 1, 1));
    assertRefused("kernel of 7", () -> ConvOp.conv2d(t(1, 3, 4, 4), t(5, 3, 7, 7), null, 1, 1));
    assertRefused("4 dimensions", () -> ConvOp.conv2d(t(9, 8), t(5, 3, 3, 3), null, 1, 1));
    assertRefused("[7, 5]", () -> LinearOp.linear(t(2, 3, 4), t(7, 5), null));
    assertRefused("bias", () -> LinearOp.linear(t(2, 4), t(7, 4), t(4)));
  }

  @Test
  void normalizationsRefuse() {
    assertRefused(
        "[5] for the channels",
        () -> NormOp.batchNorm(t(2, 3, 4, 4), null, t(5), t(5), t(5), t(5), 0.1, 1e-5, false));
    assertRefused(
        "residual",
        () ->
            NormOp.batchNorm(
                t(2, 3, 4, 4), t(2, 3, 4, 5), t(3), t(3), t(3), t(3), 0.1, 1e-5, false));
    assertRefused(
        "[2, 4] does not end with [5]",
        () -> NormOp.layerNorm(t(2, 4), Shape.of(5), t(5), t(5), 1e-5));
    assertRefused("3 groups", () -> NormOp.groupNorm(t(2, 4, 2), 3, null, null, 1e-5));
    assertRefused(
        "class indices [2] or probabilities [2, 4] would fit",
        () -> CrossEntropyOp.crossEntropy(t(2, 4), t(3, 4)));
    assertRefused(
        "classes 0 to 3",
        () -> CrossEntropyOp.crossEntropy(t(2, 4), DEVICE.tensor(new int[] {1, 4}, 2)));
    assertRefused("no dimension 1", () -> NormalizeOp.normalize(t(4), 2, 1, 1e-12));
  }

  @Test
  void elementwiseRefuse() {
    assertRefused("add: shapes do not broadcast: [[2, 3], [2]]", () -> t(2, 3).add(t(2)));
    assertRefused("do not broadcast", () -> t(2, 3).lerp(t(3, 2), 0.5));
    assertRefused("no dimension 2", () -> SoftmaxOp.softmax(t(3, 4), 2));
    assertRefused("no dimension -3", () -> t(3, 4).argmax(-3));
  }

  @Test
  void layoutRefuses() {
    assertRefused("[2, 3, 5]", () -> Tensor.cat(1, t(2, 3, 4), t(2, 3, 5)));
    assertRefused("no dimension 3", () -> Tensor.cat(3, t(2, 3, 4), t(2, 3, 4)));
    assertRefused("twice", () -> t(2, 3, 4).permute(0, 1, 1));
    assertRefused("[2, 3, 4]", () -> t(2, 3, 4).permute(0, 1));
    assertRefused("[2, 3]", () -> t(2, 3).reshape(4, -1));
    assertRefused("-1", () -> t(2, 3).reshape(-1, -1));
    assertRefused("integers", () -> t(4, 2).indexSelect(0, t(3)));
    assertRefused("4 dimensions", () -> ResizeOp.upsampleNearest2x(t(2, 3, 4)));
    assertRefused("[8, 16, 3]", () -> WindowPartitionOp.windowReverse(t(8, 16, 3), 2, 9, 9, 4, 2));
    assertRefused(
        "[2]",
        () -> NormOp.batchNorm(t(2, 3, 4, 4), null, t(3), t(2), t(3), t(3), 0.1, 1e-5, false));
    assertRefused(
        "more than one value",
        () -> NormOp.batchNorm(t(1, 3, 1, 1), null, t(3), t(3), t(3), t(3), 0.1, 1e-5, false));
    assertRefused("stride is at least 1", () -> PoolOp.maxPool2d(t(1, 1, 4, 4), 3, 0, 1));
    assertRefused("padding", () -> PoolOp.maxPool2d(t(1, 1, 4, 4), 2, 1, 2));
    assertRefused("shift", () -> WindowPartitionOp.windowPartition(t(1, 4, 4, 1), 2, 2));
    assertRefused(
        "mask", () -> WindowAttentionOp.windowAttention(t(6, 4, 18), t(3, 4, 4), t(4, 4, 4)));
    assertRefused("bias", () -> WindowAttentionOp.windowAttention(t(6, 4, 18), t(3, 5, 5), null));
    assertRefused("[.., S, E]", () -> t(2, 3).scaledDotProductAttention(t(4, 5), t(4, 5)));
    assertRefused("broadcast", () -> t(2, 3, 5).scaledDotProductAttention(t(3, 4, 5), t(4, 5)));
    assertRefused("F32 or F64", () -> ints(3, 5).scaledDotProductAttention(ints(4, 5), ints(4, 5)));
    assertRefused(
        "mask",
        () -> t(3, 5).scaledDotProductAttention(t(4, 5), t(4, 5), t(4, 3), false, null, false));
    assertRefused(
        "heads",
        () ->
            t(3, 2, 5).scaledDotProductAttention(t(2, 4, 5), t(2, 4, 5), null, false, null, true));
  }

  @Test
  void indexingAndProductsRefuse() {
    assertRefused("[3, 5]", () -> t(2, 4).gather(1, ints(3, 5)));
    assertRefused("[2, 3] for a source of [1, 3]", () -> t(2, 3).scatter(0, ints(2, 3), t(1, 3)));
    assertRefused("where [4, 3] fits", () -> t(2, 3).indexAdd(0, ints(4), t(3, 3)));
    assertRefused("a mask of [3]", () -> t(2, 3).index(t(3).gt(0)));
    assertRefused("3 indices", () -> t(2, 3).index(ints(1), ints(1), ints(1)));
    assertRefused("broadcast", () -> t(2, 3).index(ints(2), ints(3)));
    assertRefused("no number 5 of 3 elements", () -> t(2, 3).kthvalue(5, 1));
    assertRefused("0 to 1", () -> t(3).quantile(1.5, 0));
    assertRefused("[2, 3] has rows of 3, [4, 2] columns of 4", () -> t(2, 3).matmul(t(4, 2)));
    assertRefused("broadcast", () -> t(2, 2, 3).matmul(t(4, 3, 2)));
    assertRefused("2 dimensions", () -> t(2, 2, 3).mm(t(3, 2)));
    assertRefused("'i,ij'", () -> Tensor.einsum("i,ij", t(2), t(3, 2)));
    assertRefused("names what no operand has", () -> Tensor.einsum("ij->k", t(2, 3)));
    assertRefused("does not name 2", () -> Tensor.einsum("ijk->i", t(2, 3)));
    assertRefused("dimension 1", () -> t(2, 3).tensordot(t(2, 4), new int[] {1}, new int[] {1}));
    assertRefused("integers", () -> DEVICE.randint(new Generator(1), 3, 3, 2));
    assertRefused("probability", () -> t(2).dropout(1.5, new Generator(1)));
  }

  @Test
  void devicesDoNotMix() {
    assertRefused("reference", () -> t(2).add(OTHER.zeros(2)));
    assertRefused("reference", () -> LinearOp.linear(t(2, 3), OTHER.zeros(4, 3), null));
    assertRefused("reference", () -> t(2).sub(OTHER.zeros(2)).square().mean());
  }
}
