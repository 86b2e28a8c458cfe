package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.AddOp;
import tangram.tensor.op.ArgmaxOp;
import tangram.tensor.op.BatchNormOp;
import tangram.tensor.op.CatOp;
import tangram.tensor.op.ConfirmLabelsOp;
import tangram.tensor.op.Conv2dOp;
import tangram.tensor.op.CutMixOp;
import tangram.tensor.op.DropPathOp;
import tangram.tensor.op.IndexSelectOp;
import tangram.tensor.op.InfoNceOp;
import tangram.tensor.op.LayerNormOp;
import tangram.tensor.op.LerpOp;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.MaxPool2dOp;
import tangram.tensor.op.MseLossOp;
import tangram.tensor.op.NegativeCosineOp;
import tangram.tensor.op.NormalizeOp;
import tangram.tensor.op.PartialCrossEntropyOp;
import tangram.tensor.op.PermuteOp;
import tangram.tensor.op.ReshapeOp;
import tangram.tensor.op.ResizeBilinearOp;
import tangram.tensor.op.ScaleOp;
import tangram.tensor.op.SoftmaxOp;
import tangram.tensor.op.SumOp;
import tangram.tensor.op.UpsampleNearestOp;
import tangram.tensor.op.WindowAttentionOp;
import tangram.tensor.op.WindowPartitionOp;
import tangram.tensor.op.WindowReverseOp;
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
    assertShape(Conv2dOp.conv2d(t(2, 3, 9, 8), t(5, 3, 3, 3), null, 2, 1), 2, 5, 5, 4);
    assertShape(LinearOp.linear(t(2, 3, 4), t(7, 4), t(7)), 2, 3, 7);
    assertShape(MaxPool2dOp.maxPool2d(t(2, 3, 9, 8), 3, 2, 1), 2, 3, 5, 4);
    assertShape(UpsampleNearestOp.upsampleNearest2x(t(2, 3, 4, 5)), 2, 3, 8, 10);
    assertShape(ResizeBilinearOp.resizeBilinear(t(2, 3, 4, 5), 7, 6), 2, 3, 7, 6);
    assertShape(CatOp.cat(t(2, 3, 4), t(2, 5, 4), 1), 2, 8, 4);
    assertShape(CatOp.cat(t(2, 3, 4), t(2, 3, 1), -1), 2, 3, 5);
    assertShape(PermuteOp.permute(t(2, 3, 4), 2, 0, 1), 4, 2, 3);
    assertShape(ReshapeOp.reshape(t(2, 3, 4), 4, -1), 4, 6);
    assertShape(IndexSelectOp.indexSelect(t(4, 2, 3), ints(5)), 5, 2, 3);
    assertShape(ArgmaxOp.argmax(t(2, 3, 4), 1), 2, 4);
    assertShape(ArgmaxOp.argmax(t(2, 3, 4), -1), 2, 3);
    assertShape(SumOp.sum(t(2, 3)));
    assertShape(WindowPartitionOp.windowPartition(t(2, 5, 7, 3), 4, 2), 8, 16, 3);
    assertShape(WindowReverseOp.windowReverse(t(8, 16, 3), 2, 5, 7, 4, 2), 2, 5, 7, 3);
    assertShape(WindowAttentionOp.windowAttention(t(6, 4, 18), t(3, 4, 4), null), 6, 4, 6);
    assertShape(
        CutMixOp.cutMix(ints(2, 3, 4), ints(2), ints(2, 3, 4), ints(2), t(2, 3, 4)), 2, 3, 4);
    assertShape(MseLossOp.mseLoss(t(2, 3), t(2, 3)));
    assertShape(NegativeCosineOp.negativeCosine(t(2, 4, 3, 3), t(2, 4, 3, 3)));
    assertShape(PartialCrossEntropyOp.partialCrossEntropy(t(2, 4, 3, 3), ints(2, 3, 3)));
    assertShape(InfoNceOp.infoNce(t(5, 8), ints(5), t(3, 2, 8), ints(3), 0.07));
    ConfirmLabelsOp.Confirmed confirmed =
        ConfirmLabelsOp.confirmLabels(t(2, 4, 3, 5), ints(2, 3, 5), t(1));
    assertShape(confirmed.labels(), 2, 3, 5);
    assertShape(confirmed.uncertainty(), 2, 3, 5);
  }

  @Test
  void productsRefuse() {
    assertRefused("[5, 4, 3, 3]", () -> Conv2dOp.conv2d(t(2, 3, 9, 8), t(5, 4, 3, 3), null, 1, 1));
    assertRefused("bias", () -> Conv2dOp.conv2d(t(2, 3, 9, 8), t(5, 3, 3, 3), t(3), 1, 1));
    assertRefused("7x7", () -> Conv2dOp.conv2d(t(1, 3, 4, 4), t(5, 3, 7, 7), null, 1, 1));
    assertRefused("4 dimensions", () -> Conv2dOp.conv2d(t(3, 9, 8), t(5, 3, 3, 3), null, 1, 1));
    assertRefused("[7, 5]", () -> LinearOp.linear(t(2, 3, 4), t(7, 5), null));
    assertRefused("bias", () -> LinearOp.linear(t(2, 4), t(7, 4), t(4)));
  }

  @Test
  void normalizationsRefuse() {
    assertRefused(
        "[5] for the channels",
        () -> BatchNormOp.batchNorm(t(2, 3, 4, 4), null, t(5), t(5), t(5), t(5), 0.1, 1e-5, false));
    assertRefused(
        "residual",
        () ->
            BatchNormOp.batchNorm(
                t(2, 3, 4, 4), t(2, 3, 4, 5), t(3), t(3), t(3), t(3), 0.1, 1e-5, false));
    assertRefused(
        "detach",
        () ->
            BatchNormOp.batchNormInference(
                t(2, 3, 4, 4).requireGrad(), null, t(3), t(3), t(3), t(3), 1e-5, false));
    assertRefused("5 channels", () -> LayerNormOp.layerNorm(t(2, 4), t(5), t(5), 1e-5));
    assertRefused("[N, C, ...]", () -> NormalizeOp.normalize(t(4)));
  }

  @Test
  void elementwiseRefuse() {
    assertRefused("[2]", () -> AddOp.add(t(2, 3), t(2)));
    assertRefused("differ", () -> LerpOp.lerp(t(2, 3), t(3, 2), 0.5));
    assertRefused("one element", () -> ScaleOp.scale(t(2), t(2)));
    assertRefused("factor", () -> ScaleOp.scale(t(2), t(1).requireGrad()));
    assertRefused("[2]", () -> DropPathOp.dropPath(t(3, 4), t(2)));
    assertRefused("dimension 2", () -> SoftmaxOp.softmax(t(3, 4), 2));
    assertRefused("dimension -3", () -> ArgmaxOp.argmax(t(3, 4), -3));
  }

  @Test
  void layoutRefuses() {
    assertRefused("[2, 3, 5]", () -> CatOp.cat(t(2, 3, 4), t(2, 3, 5), 1));
    assertRefused("along 3", () -> CatOp.cat(t(2, 3, 4), t(2, 3, 4), 3));
    assertRefused("not a permutation", () -> PermuteOp.permute(t(2, 3, 4), 0, 1, 1));
    assertRefused("[2, 3, 4]", () -> PermuteOp.permute(t(2, 3, 4), 0, 1));
    assertRefused("[2, 3]", () -> ReshapeOp.reshape(t(2, 3), 4, -1));
    assertRefused("-1", () -> ReshapeOp.reshape(t(2, 3), -1, -1));
    assertRefused("integers", () -> IndexSelectOp.indexSelect(t(4, 2), t(3)));
    assertRefused("4 dimensions", () -> UpsampleNearestOp.upsampleNearest2x(t(2, 3, 4)));
    assertRefused("[8, 16, 3]", () -> WindowReverseOp.windowReverse(t(8, 16, 3), 2, 9, 9, 4, 2));
    assertRefused(
        "[2, 3, 3]",
        () -> CutMixOp.cutMix(ints(2, 3, 4), ints(2), ints(2, 3, 4), ints(2), t(2, 3, 3)));
    assertRefused(
        "[3]", () -> CutMixOp.cutMix(ints(2, 3, 4), ints(2), ints(2, 3, 4), ints(3), t(2, 3, 4)));
    assertRefused(
        "[2]",
        () -> BatchNormOp.batchNorm(t(2, 3, 4, 4), null, t(3), t(2), t(3), t(3), 0.1, 1e-5, false));
    assertRefused(
        "more than one value",
        () -> BatchNormOp.batchNorm(t(1, 3, 1, 1), null, t(3), t(3), t(3), t(3), 0.1, 1e-5, false));
    assertRefused("positive", () -> MaxPool2dOp.maxPool2d(t(1, 1, 4, 4), 3, 0, 1));
    assertRefused("padding", () -> MaxPool2dOp.maxPool2d(t(1, 1, 4, 4), 2, 1, 2));
    assertRefused("shift", () -> WindowPartitionOp.windowPartition(t(1, 4, 4, 1), 2, 2));
    assertRefused(
        "scribbles", () -> ConfirmLabelsOp.confirmLabels(t(1, 2, 3, 3), t(1, 3, 3), t(1)));
    assertRefused(
        "mask", () -> WindowAttentionOp.windowAttention(t(6, 4, 18), t(3, 4, 4), t(4, 4, 4)));
    assertRefused("bias", () -> WindowAttentionOp.windowAttention(t(6, 4, 18), t(3, 5, 5), null));
  }

  @Test
  void lossesRefuse() {
    assertRefused("differ", () -> MseLossOp.mseLoss(t(2, 3), t(3, 2)));
    assertRefused(
        "target",
        () -> NegativeCosineOp.negativeCosine(t(1, 2, 1, 1).requireGrad(), t(1, 2, 1, 1)));
    assertRefused(
        "labels", () -> PartialCrossEntropyOp.partialCrossEntropy(t(2, 4, 3, 3), ints(2, 3, 4)));
    assertRefused(
        "labels", () -> PartialCrossEntropyOp.partialCrossEntropy(t(2, 4, 3, 3), t(2, 3, 3)));
    assertRefused("queue", () -> InfoNceOp.infoNce(t(5, 8), ints(5), t(3, 2, 9), ints(3), 0.07));
    assertRefused(
        "queue",
        () -> InfoNceOp.infoNce(t(5, 8), ints(5), t(3, 2, 8).requireGrad(), ints(3), 0.07));
    assertRefused(
        "[2, 3, 4]", () -> ConfirmLabelsOp.confirmLabels(t(2, 4, 3, 5), ints(2, 3, 4), t(1)));
  }

  @Test
  void devicesDoNotMix() {
    assertRefused("reference", () -> AddOp.add(t(2), OTHER.zeros(2)));
    assertRefused("reference", () -> LinearOp.linear(t(2, 3), OTHER.zeros(4, 3), null));
    assertRefused("reference", () -> MseLossOp.mseLoss(t(2), OTHER.zeros(2)));
  }
}
