package tangram.pclmix.objective;

import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Tensors that carry numbers from one part of a step to another, made once for a size of batch: the
 * parts are recorded and repeated (see {@link tangram.tensor.Replay}), so they must always find
 * these at the same place.
 */
final class StepTensors {
  /** Stride of the embedding. */
  static final int STRIDE = 8;

  /** Probabilities of x by the main decoder, [N, classes, H, W]. */
  final Tensor main;

  /** Probabilities of x by the auxiliary decoder. */
  final Tensor auxiliary;

  /** Confirmed labels at the stride of the embedding, integers [N, H / 8, W / 8]. */
  final Tensor labels;

  /** Classes that the main decoder predicts there. */
  final Tensor predicted;

  /** Rows of the memory that prototypes go to, integers [N, classes - 1]. */
  final Tensor slots;

  /** Prototypes of the images' classes, [N * (classes - 1), length]; null without shards. */
  Tensor prototypes;

  /** The mixed view under way: order of what is pasted, integers [N]. */
  final Tensor first;

  /** Order of what it is pasted into. */
  final Tensor second;

  /** Where it is pasted, [N, H, W]. */
  final Tensor mask;

  /** Probabilities of what is pasted, [N, classes, H, W]. */
  final Tensor pasted;

  /** Probabilities of what it is pasted into. */
  final Tensor ground;

  StepTensors(Device device, StepInput input, int classes) {
    int n = input.image.dim(0);
    int h = input.image.dim(2);
    int w = input.image.dim(3);
    try (Scope persistent = Scope.detached()) {
      main = device.empty(n, classes, h, w);
      auxiliary = device.empty(n, classes, h, w);
      labels = device.emptyInts(n, (h + STRIDE - 1) / STRIDE, (w + STRIDE - 1) / STRIDE);
      predicted = device.emptyInts(labels.shape().dims());
      slots = device.emptyInts(n, classes - 1);
      first = device.emptyInts(n);
      second = device.emptyInts(n);
      mask = device.empty(n, h, w);
      pasted = device.empty(n, classes, h, w);
      ground = device.empty(n, classes, h, w);
    }
  }

  /** Whether these tensors are for batches and images of this size. */
  boolean fit(StepInput input) {
    return main.dim(0) == input.image.dim(0)
        && main.dim(2) == input.image.dim(2)
        && main.dim(3) == input.image.dim(3);
  }

  /** Copies what distinguishes a mixed view from the other. */
  void loadView(StepInput input, int view) {
    first.copyFrom(input.order[view]);
    second.copyFrom(input.order[1 - view]);
    mask.copyFrom(input.mask[view]);
    pasted.copyFrom(view == 0 ? main : auxiliary);
    ground.copyFrom(view == 0 ? auxiliary : main);
  }
}
