package tangram.tensor;

/** A recorded operation: how its output's gradient becomes those of its inputs. */
final class Node {
  final long sequence;
  final String name;
  final Tensor output;
  final Tensor[] inputs;
  final Tensor[] saved;
  final Backward backward;
  Tensor grad;
  boolean consumed;

  Node(
      long sequence,
      String name,
      Tensor output,
      Tensor[] inputs,
      Tensor[] saved,
      Backward backward) {
    this.sequence = sequence;
    this.name = name;
    this.output = output;
    this.inputs = inputs;
    this.saved = saved;
    this.backward = backward;
    for (Tensor t : saved) {
      t.markNeeded();
    }
  }

  /** Whether the derivative reads the output. */
  boolean savesOutput() {
    return contains(saved, output);
  }

  static boolean contains(Tensor[] tensors, Tensor tensor) {
    for (Tensor t : tensors) {
      if (t == tensor) {
        return true;
      }
    }
    return false;
  }
}
