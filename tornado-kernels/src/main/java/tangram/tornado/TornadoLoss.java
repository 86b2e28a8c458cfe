package tangram.tornado;

import java.util.List;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.GemmShape;
import tangram.tensor.kernel.LinearAlgebra;
import tangram.tensor.kernel.Loss;

/** Losses on the device. */
final class TornadoLoss implements Loss {
  private static final Kernel SCALED_SUM = new Kernel("scaledSum", LossKernels::scaledSum);
  private static final Kernel COUNTED_MEAN = new Kernel("countedMean", LossKernels::countedMean);
  private static final Kernel CROSS_ENTROPY = new Kernel("crossEntropy", LossKernels::crossEntropy);
  private static final Kernel CROSS_ENTROPY_BACKWARD =
      new Kernel("crossEntropyBackward", LossKernels::crossEntropyBackward);
  private static final Kernel SQUARES = new Kernel("squares", LossKernels::squares);
  private static final Kernel SQUARES_BACKWARD =
      new Kernel("squaresBackward", LossKernels::squaresBackward);
  private static final Kernel COSINE = new Kernel("cosine", LossKernels::cosine);
  private static final Kernel COSINE_BACKWARD =
      new Kernel("cosineBackward", LossKernels::cosineBackward);
  private static final Kernel CONFIRM_LABELS =
      new Kernel("confirmLabels", LossKernels::confirmLabels);
  private static final Kernel INFO_NCE_ANCHOR =
      new Kernel("infoNceAnchor", InfoNceKernels::infoNceAnchor);
  private static final Kernel INFO_NCE_DERIVATIVES =
      new Kernel("infoNceDerivatives", InfoNceKernels::infoNceDerivatives);

  private static final Kernel PROTOTYPES = new Kernel("prototypes", PrototypeKernels::prototypes);

  static final List<Kernel> KERNELS =
      List.of(
          PROTOTYPES,
          SCALED_SUM,
          COUNTED_MEAN,
          CROSS_ENTROPY,
          CROSS_ENTROPY_BACKWARD,
          SQUARES,
          SQUARES_BACKWARD,
          COSINE,
          COSINE_BACKWARD,
          CONFIRM_LABELS,
          INFO_NCE_ANCHOR,
          INFO_NCE_DERIVATIVES);

  /** Terms of a sum that are worth a group of their own. */
  private static final int TERMS = 4 * LossKernels.THREADS;

  /** Groups that fill a GPU; of longer sums the groups have more to do. */
  private static final int MAX_GROUPS = 512;

  private final Launcher launcher;
  private final LinearAlgebra linearAlgebra;

  TornadoLoss(Launcher launcher) {
    this.launcher = launcher;
    this.linearAlgebra = new TornadoLinearAlgebra(launcher);
  }

  /** Groups that share a sum of terms. */
  private static int groups(int terms) {
    return Math.min((terms + TERMS - 1) / TERMS, MAX_GROUPS);
  }

  /** The second phase of a loss: loss = factor * the sum of the groups' sums. */
  private void scaledSum(int partials, int groups, double factor, Buffer loss) {
    launcher.launch(
        Launch.of(SCALED_SUM)
            .n(partials)
            .at(loss)
            .n(groups)
            .s(factor)
            .groups(1, LossKernels.THREADS));
  }

  /** The second phase of a mean whose terms are counted: the sums, then the numbers. */
  private void countedMean(int partials, int count, Buffer loss) {
    launcher.launch(
        Launch.of(COUNTED_MEAN).n(partials).at(loss).n(count).groups(1, LossKernels.THREADS));
  }

  @Override
  public void partialCrossEntropy(
      int n, int k, int hw, Buffer q, Buffer labels, double eps, Buffer loss) {
    int groups = groups(n * hw);
    int partials = launcher.scratch(2 * groups);
    launcher.launch(
        Launch.of(CROSS_ENTROPY)
            .at(q)
            .at(labels)
            .n(partials)
            .n(k)
            .n(hw)
            .n(n * hw)
            .n(groups)
            .s(eps)
            .groups(groups, LossKernels.THREADS));
    countedMean(partials, groups, loss);
  }

  @Override
  public void partialCrossEntropyBackward(
      int n,
      int k,
      int hw,
      Buffer q,
      Buffer labels,
      double eps,
      Buffer loss,
      Buffer gLoss,
      Buffer gq) {
    launcher.launch(
        Launch.of(CROSS_ENTROPY_BACKWARD)
            .at(q)
            .at(labels)
            .at(loss)
            .at(gLoss)
            .at(gq)
            .n(k)
            .n(hw)
            .n(n * hw)
            .s(eps)
            .threads(n * hw));
  }

  @Override
  public void mse(Buffer a, Buffer b, Buffer loss) {
    int groups = groups(a.length());
    int partials = launcher.scratch(groups);
    launcher.launch(
        Launch.of(SQUARES)
            .at(a)
            .at(b)
            .n(partials)
            .n(a.length())
            .n(groups)
            .groups(groups, LossKernels.THREADS));
    scaledSum(partials, groups, 1.0 / a.length(), loss);
  }

  @Override
  public void mseBackward(Buffer a, Buffer b, Buffer gLoss, Buffer ga) {
    launcher.launch(
        Launch.of(SQUARES_BACKWARD)
            .at(a)
            .at(b)
            .at(gLoss)
            .at(ga)
            .n(ga.length())
            .s(2.0 / ga.length())
            .threads(ga.length()));
  }

  @Override
  public void negativeCosine(int n, int k, int hw, Buffer p, Buffer q, double eps, Buffer loss) {
    int groups = groups(n * hw);
    int partials = launcher.scratch(groups);
    launcher.launch(
        Launch.of(COSINE)
            .at(p)
            .at(q)
            .n(partials)
            .n(k)
            .n(hw)
            .n(n * hw)
            .n(groups)
            .s(eps)
            .groups(groups, LossKernels.THREADS));
    scaledSum(partials, groups, -1.0 / (n * hw), loss);
  }

  @Override
  public void negativeCosineBackward(
      int n, int k, int hw, Buffer p, Buffer q, double eps, Buffer gLoss, Buffer gq) {
    launcher.launch(
        Launch.of(COSINE_BACKWARD)
            .at(p)
            .at(q)
            .at(gLoss)
            .at(gq)
            .n(k)
            .n(hw)
            .n(n * hw)
            .s(eps)
            .s(-1.0 / (n * hw))
            .threads(n * hw));
  }

  @Override
  public void confirmLabels(
      int n,
      int k,
      int hw,
      Buffer q,
      Buffer scribbles,
      Buffer threshold,
      double eps,
      Buffer uncertainty,
      Buffer labels) {
    launcher.launch(
        Launch.of(CONFIRM_LABELS)
            .at(q)
            .at(scribbles)
            .at(threshold)
            .at(uncertainty)
            .at(labels)
            .n(k)
            .n(hw)
            .n(n * hw)
            .s(eps)
            .threads(n * hw));
  }

  /**
   * The products are those of matrices, slots that are not in use included, so these must hold
   * finite numbers; they are left out afterwards.
   */
  @Override
  public void infoNce(
      int anchors,
      int dim,
      int classes,
      int slots,
      Buffer v,
      Buffer anchorClass,
      Buffer queue,
      Buffer filled,
      double temperature,
      Buffer logits,
      Buffer loss) {
    linearAlgebra.gemm(
        GemmShape.of(false, true, anchors, classes * slots, dim), v, queue, logits, false);
    int partials = launcher.scratch(2 * anchors);
    launcher.launch(
        Launch.of(INFO_NCE_ANCHOR)
            .at(logits)
            .at(anchorClass)
            .at(filled)
            .n(partials)
            .n(anchors)
            .n(classes)
            .n(slots)
            .s(1 / temperature)
            .groups(anchors, InfoNceKernels.THREADS));
    countedMean(partials, anchors, loss);
  }

  @Override
  public void infoNceBackward(
      int anchors,
      int dim,
      int classes,
      int slots,
      Buffer anchorClass,
      Buffer queue,
      Buffer filled,
      double temperature,
      Buffer logits,
      Buffer loss,
      Buffer gLoss,
      Buffer gv) {
    launcher.launch(
        Launch.of(INFO_NCE_DERIVATIVES)
            .at(logits)
            .at(anchorClass)
            .at(filled)
            .at(loss)
            .at(gLoss)
            .n(classes)
            .n(slots)
            .s(1 / temperature)
            .groups(anchors, InfoNceKernels.THREADS));
    linearAlgebra.gemm(
        GemmShape.of(false, false, anchors, dim, classes * slots), logits, queue, gv, false);
  }

  @Override
  public void prototypes(
      int images,
      int pixels,
      int dim,
      int classes,
      Buffer vectors,
      Buffer labels,
      Buffer slot,
      Buffer queue) {
    launcher.launch(
        Launch.of(PROTOTYPES)
            .at(vectors)
            .at(labels)
            .at(slot)
            .at(queue)
            .n(pixels)
            .n(dim)
            .n(classes)
            .groups(images * classes, PrototypeKernels.THREADS));
  }
}
