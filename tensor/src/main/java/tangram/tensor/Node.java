package tangram.tensor;

/** A recorded operation: how its output's gradient becomes those of its inputs. */
final class Node {
  final long sequence;
  final Tensor output;
  final Tensor[] inputs;
  final Tensor[] saved;
  final Backward backward;
  private final String signature;
  private final Tensor[] constants;

  /** What {@link Tensor#version} was of constants and saved tensors. */
  private final int[] versions;

  /** For each input, whether it needed a gradient when the operation was recorded. */
  private final boolean[] wanted;

  Tensor grad;
  boolean consumed;

  /** The last walk that checked it. */
  long walk;

  Node(
      long sequence,
      String signature,
      Tensor output,
      Tensor[] inputs,
      Tensor[] constants,
      Tensor[] saved,
      Backward backward) {
    this.sequence = sequence;
    this.signature = signature;
    this.output = output;
    this.inputs = inputs;
    this.constants = constants;
    this.saved = saved;
    this.backward = backward;
    this.versions = new int[constants.length + saved.length];
    this.wanted = new boolean[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      wanted[i] = inputs[i] != null && inputs[i].requiresGrad();
    }
    for (int i = 0; i < versions.length; i++) {
      Tensor t = read(i);
      if (t != null) {
        t.markNeeded();
        versions[i] = t.version();
      }
    }
  }

  /** The tensors that the derivative reads; null is allowed. */
  private Tensor read(int i) {
    return i < constants.length ? constants[i] : saved[i - constants.length];
  }

  /** Whether an input is differentiated by: it needed a gradient when the graph was made. */
  boolean wants(int input) {
    return wanted[input];
  }

  /** The operation's name. */
  String name() {
    int end = signature.indexOf('(');
    return end < 0 ? signature : signature.substring(0, end);
  }

  /**
   * Checks that all that the derivative reads is as it was.
   *
   * @throws IllegalStateException if a tensor was released or written to
   */
  void requireUnchanged() {
    for (int i = 0; i < versions.length; i++) {
      Tensor t = read(i);
      if (t == null) {
        continue;
      }
      boolean released = t.isReleased();
      if (released || t.version() != versions[i]) {
        throw new IllegalStateException(
            "backward() of %s needs %s, of shape %s, which was %s"
                .formatted(
                    name(),
                    role(t),
                    t.shape(),
                    released
                        ? "released: its scope was closed, or another backward() consumed it"
                        : "overwritten after the operation; write to it after backward(), or give the"
                            + " operation a copy"));
      }
    }
  }

  /** The name of an operand in the signature, "op(a, b)": inputs first, then constants. */
  private String role(Tensor t) {
    int begin = signature.indexOf('(');
    String[] names =
        begin < 0
            ? new String[0]
            : signature.substring(begin + 1, signature.length() - 1).split(", ");
    for (int i = 0; i < inputs.length + constants.length; i++) {
      Tensor operand = i < inputs.length ? inputs[i] : constants[i - inputs.length];
      if (operand == t) {
        return i < names.length ? "its operand '" + names[i] + "'" : "its operand " + (i + 1);
      }
    }
    return t == output ? "its result" : "what it kept";
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
