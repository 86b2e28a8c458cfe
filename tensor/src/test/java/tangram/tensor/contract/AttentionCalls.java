package tangram.tensor.contract;

import tangram.tensor.Tensor;

/** Calls of {@code tools/parity/operations/attention.py}. */
final class AttentionCalls {
  private AttentionCalls() {}

  static Calls.Table table() {
    Calls.Table table = new Calls.Table();
    for (String name : new String[] {"plain", "hidden", "added", "shared", "notNumbers"}) {
      table.add(name, AttentionCalls::attend);
    }
    return table;
  }

  private static Tensor attend(Tensor[] x, Arguments a) {
    return x[0].scaledDotProductAttention(
        x[1],
        x[2],
        x.length > 3 ? x[3] : null,
        a.flag("causal"),
        a.has("scale") ? a.real("scale") : null,
        a.flag("grouped"));
  }
}
