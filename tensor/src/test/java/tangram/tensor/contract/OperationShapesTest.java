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
import tangram.tensor.op.Add;
import tangram.tensor.op.Argmax;
import tangram.tensor.op.BatchNorm;
import tangram.tensor.op.Cat;
import tangram.tensor.op.ConfirmLabels;
import tangram.tensor.op.Conv2d;
import tangram.tensor.op.CutMix;
import tangram.tensor.op.DropPath;
import tangram.tensor.op.IndexSelect;
import tangram.tensor.op.InfoNce;
import tangram.tensor.op.LayerNorm;
import tangram.tensor.op.Lerp;
import tangram.tensor.op.Linear;
import tangram.tensor.op.MaxPool2d;
import tangram.tensor.op.MseLoss;
import tangram.tensor.op.NegativeCosine;
import tangram.tensor.op.Normalize;
import tangram.tensor.op.PartialCrossEntropy;
import tangram.tensor.op.Permute;
import tangram.tensor.op.Reshape;
import tangram.tensor.op.ResizeBilinear;
import tangram.tensor.op.Scale;
import tangram.tensor.op.Softmax;
import tangram.tensor.op.Sum;
import tangram.tensor.op.UpsampleNearest;
import tangram.tensor.op.WindowAttention;
import tangram.tensor.op.WindowPartition;
import tangram.tensor.op.WindowReverse;
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
    assertShape(Conv2d.conv2d(t(2, 3, 9, 8), t(5, 3, 3, 3), null, 2, 1), 2, 5, 5, 4);
    assertShape(Linear.linear(t(2, 3, 4), t(7, 4), t(7)), 2, 3, 7);
    assertShape(MaxPool2d.maxPool2d(t(2, 3, 9, 8), 3, 2, 1), 2, 3, 5, 4);
    assertShape(UpsampleNearest.upsampleNearest2x(t(2, 3, 4, 5)), 2, 3, 8, 10);
    assertShape(ResizeBilinear.resizeBilinear(t(2, 3, 4, 5), 7, 6), 2, 3, 7, 6);
    assertShape(Cat.cat(t(2, 3, 4), t(2, 5, 4), 1), 2, 8, 4);
    assertShape(Cat.cat(t(2, 3, 4), t(2, 3, 1), -1), 2, 3, 5);
    assertShape(Permute.permute(t(2, 3, 4), 2, 0, 1), 4, 2, 3);
    assertShape(Reshape.reshape(t(2, 3, 4), 4, -1), 4, 6);
    assertShape(IndexSelect.indexSelect(t(4, 2, 3), ints(5)), 5, 2, 3);
    assertShape(Argmax.argmax(t(2, 3, 4), 1), 2, 4);
    assertShape(Argmax.argmax(t(2, 3, 4), -1), 2, 3);
    assertShape(Sum.sum(t(2, 3)));
    assertShape(WindowPartition.windowPartition(t(2, 5, 7, 3), 4, 2), 8, 16, 3);
    assertShape(WindowReverse.windowReverse(t(8, 16, 3), 2, 5, 7, 4, 2), 2, 5, 7, 3);
    assertShape(WindowAttention.windowAttention(t(6, 4, 18), t(3, 4, 4), null), 6, 4, 6);
    assertShape(CutMix.cutMix(ints(2, 3, 4), ints(2), ints(2, 3, 4), ints(2), t(2, 3, 4)), 2, 3, 4);
    assertShape(MseLoss.mseLoss(t(2, 3), t(2, 3)));
    assertShape(NegativeCosine.negativeCosine(t(2, 4, 3, 3), t(2, 4, 3, 3)));
    assertShape(PartialCrossEntropy.partialCrossEntropy(t(2, 4, 3, 3), ints(2, 3, 3)));
    assertShape(InfoNce.infoNce(t(5, 8), ints(5), t(3, 2, 8), ints(3), 0.07));
    ConfirmLabels.Confirmed confirmed =
        ConfirmLabels.confirmLabels(t(2, 4, 3, 5), ints(2, 3, 5), t(1));
    assertShape(confirmed.labels(), 2, 3, 5);
    assertShape(confirmed.uncertainty(), 2, 3, 5);
  }

  @Test
  void productsRefuse() {
    assertRefused("[5, 4, 3, 3]", () -> Conv2d.conv2d(t(2, 3, 9, 8), t(5, 4, 3, 3), null, 1, 1));
    assertRefused("bias", () -> Conv2d.conv2d(t(2, 3, 9, 8), t(5, 3, 3, 3), t(3), 1, 1));
    assertRefused("7x7", () -> Conv2d.conv2d(t(1, 3, 4, 4), t(5, 3, 7, 7), null, 1, 1));
    assertRefused("4 dimensions", () -> Conv2d.conv2d(t(3, 9, 8), t(5, 3, 3, 3), null, 1, 1));
    assertRefused("[7, 5]", () -> Linear.linear(t(2, 3, 4), t(7, 5), null));
    assertRefused("bias", () -> Linear.linear(t(2, 4), t(7, 4), t(4)));
  }

  @Test
  void normalizationsRefuse() {
    assertRefused(
        "[5] for the channels",
        () -> BatchNorm.batchNorm(t(2, 3, 4, 4), null, t(5), t(5), t(5), t(5), 0.1, 1e-5, false));
    assertRefused(
        "residual",
        () ->
            BatchNorm.batchNorm(
                t(2, 3, 4, 4), t(2, 3, 4, 5), t(3), t(3), t(3), t(3), 0.1, 1e-5, false));
    assertRefused(
        "detach",
        () ->
            BatchNorm.batchNormInference(
                t(2, 3, 4, 4).requireGrad(), null, t(3), t(3), t(3), t(3), 1e-5, false));
    assertRefused("5 channels", () -> LayerNorm.layerNorm(t(2, 4), t(5), t(5), 1e-5));
    assertRefused("[N, C, ...]", () -> Normalize.normalize(t(4)));
  }

  @Test
  void elementwiseRefuse() {
    assertRefused("[2]", () -> Add.add(t(2, 3), t(2)));
    assertRefused("differ", () -> Lerp.lerp(t(2, 3), t(3, 2), 0.5));
    assertRefused("one element", () -> Scale.scale(t(2), t(2)));
    assertRefused("factor", () -> Scale.scale(t(2), t(1).requireGrad()));
    assertRefused("[2]", () -> DropPath.dropPath(t(3, 4), t(2)));
    assertRefused("dimension 2", () -> Softmax.softmax(t(3, 4), 2));
    assertRefused("dimension -3", () -> Argmax.argmax(t(3, 4), -3));
  }

  @Test
  void layoutRefuses() {
    assertRefused("[2, 3, 5]", () -> Cat.cat(t(2, 3, 4), t(2, 3, 5), 1));
    assertRefused("along 3", () -> Cat.cat(t(2, 3, 4), t(2, 3, 4), 3));
    assertRefused("not a permutation", () -> Permute.permute(t(2, 3, 4), 0, 1, 1));
    assertRefused("[2, 3, 4]", () -> Permute.permute(t(2, 3, 4), 0, 1));
    assertRefused("[2, 3]", () -> Reshape.reshape(t(2, 3), 4, -1));
    assertRefused("-1", () -> Reshape.reshape(t(2, 3), -1, -1));
    assertRefused("integers", () -> IndexSelect.indexSelect(t(4, 2), t(3)));
    assertRefused("4 dimensions", () -> UpsampleNearest.upsampleNearest2x(t(2, 3, 4)));
    assertRefused("[8, 16, 3]", () -> WindowReverse.windowReverse(t(8, 16, 3), 2, 9, 9, 4, 2));
    assertRefused(
        "[2, 3, 3]",
        () -> CutMix.cutMix(ints(2, 3, 4), ints(2), ints(2, 3, 4), ints(2), t(2, 3, 3)));
    assertRefused(
        "[3]", () -> CutMix.cutMix(ints(2, 3, 4), ints(2), ints(2, 3, 4), ints(3), t(2, 3, 4)));
    assertRefused(
        "[2]",
        () -> BatchNorm.batchNorm(t(2, 3, 4, 4), null, t(3), t(2), t(3), t(3), 0.1, 1e-5, false));
    assertRefused(
        "more than one value",
        () -> BatchNorm.batchNorm(t(1, 3, 1, 1), null, t(3), t(3), t(3), t(3), 0.1, 1e-5, false));
    assertRefused("positive", () -> MaxPool2d.maxPool2d(t(1, 1, 4, 4), 3, 0, 1));
    assertRefused("padding", () -> MaxPool2d.maxPool2d(t(1, 1, 4, 4), 2, 1, 2));
    assertRefused("shift", () -> WindowPartition.windowPartition(t(1, 4, 4, 1), 2, 2));
    assertRefused("scribbles", () -> ConfirmLabels.confirmLabels(t(1, 2, 3, 3), t(1, 3, 3), t(1)));
    assertRefused(
        "mask", () -> WindowAttention.windowAttention(t(6, 4, 18), t(3, 4, 4), t(4, 4, 4)));
    assertRefused("bias", () -> WindowAttention.windowAttention(t(6, 4, 18), t(3, 5, 5), null));
  }

  @Test
  void lossesRefuse() {
    assertRefused("differ", () -> MseLoss.mseLoss(t(2, 3), t(3, 2)));
    assertRefused(
        "target", () -> NegativeCosine.negativeCosine(t(1, 2, 1, 1).requireGrad(), t(1, 2, 1, 1)));
    assertRefused(
        "labels", () -> PartialCrossEntropy.partialCrossEntropy(t(2, 4, 3, 3), ints(2, 3, 4)));
    assertRefused(
        "labels", () -> PartialCrossEntropy.partialCrossEntropy(t(2, 4, 3, 3), t(2, 3, 3)));
    assertRefused("queue", () -> InfoNce.infoNce(t(5, 8), ints(5), t(3, 2, 9), ints(3), 0.07));
    assertRefused(
        "queue", () -> InfoNce.infoNce(t(5, 8), ints(5), t(3, 2, 8).requireGrad(), ints(3), 0.07));
    assertRefused(
        "[2, 3, 4]", () -> ConfirmLabels.confirmLabels(t(2, 4, 3, 5), ints(2, 3, 4), t(1)));
  }

  @Test
  void devicesDoNotMix() {
    assertRefused("reference", () -> Add.add(t(2), OTHER.zeros(2)));
    assertRefused("reference", () -> Linear.linear(t(2, 3), OTHER.zeros(4, 3), null));
    assertRefused("reference", () -> MseLoss.mseLoss(t(2), OTHER.zeros(2)));
  }
}
