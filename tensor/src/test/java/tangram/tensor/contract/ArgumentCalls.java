package tangram.tensor.contract;

import tangram.tensor.DType;
import tangram.tensor.Tensor;

/** Calls of {@code tools/parity/operations/arguments.py}. */
final class ArgumentCalls {
  private ArgumentCalls() {}

  static Calls.Table table() {
    Calls.Table table = new Calls.Table();
    table
        .add("clamp", (x, a) -> x[0].clamp(a.real("low"), a.real("high")))
        .add("lerpNumber", (x, a) -> x[0].lerp(x[1], a.real("t")))
        .add("leakyRelu", (x, a) -> x[0].leakyRelu(a.real("p")))
        .add("elu", (x, a) -> x[0].elu(a.real("p")))
        .add("hardtanh", (x, a) -> x[0].hardtanh(a.real("low"), a.real("high")))
        .add("threshold", (x, a) -> x[0].threshold(a.real("low"), a.real("high")))
        .add("celu", (x, a) -> x[0].celu(a.real("p")))
        .add("softshrink", (x, a) -> x[0].softshrink(a.real("p")))
        .add("hardshrink", (x, a) -> x[0].hardshrink(a.real("p")))
        .add("glu", (x, a) -> x[0].glu(a.integer("axis")))
        .add("softmin", (x, a) -> x[0].softmin(a.integer("axis")))
        .add("where", (x, a) -> Tensor.where(x[0], x[1], x[2]))
        .add("maskedFill", (x, a) -> x[0].maskedFill(x[1], a.real("p")))
        .add("toInteger", (x, a) -> x[0].to(x[0].device().indexType()))
        .add("toBoolean", (x, a) -> x[0].to(DType.BOOL))
        .add("toReal", (x, a) -> x[0].to(DType.F32))
        .add("oneHot", (x, a) -> x[0].oneHot(a.integer("classes")))
        .add("powNumber", (x, a) -> x[0].pow(a.real("p")))
        .add("var", (x, a) -> x[0].var(axes(a), a.integer("correction"), a.flag("keep")))
        .add("std", (x, a) -> x[0].std(axes(a), a.integer("correction"), a.flag("keep")));
    for (String of : new String[] {"Number", "IntegerNumber"}) {
      table
          .add("add" + of, (x, a) -> x[0].add(a.real("p")))
          .add("sub" + of, (x, a) -> x[0].sub(a.real("p")))
          .add("mul" + of, (x, a) -> x[0].mul(a.real("p")))
          .add("div" + of, (x, a) -> x[0].div(a.real("p")))
          .add("remainder" + of, (x, a) -> x[0].remainder(a.real("p")))
          .add("floorDivide" + of, (x, a) -> x[0].floorDivide(a.real("p")))
          .add("rsub" + of, (x, a) -> x[0].rsub(a.real("p")))
          .add("eq" + of, (x, a) -> x[0].eq(a.real("p")))
          .add("ne" + of, (x, a) -> x[0].ne(a.real("p")))
          .add("lt" + of, (x, a) -> x[0].lt(a.real("p")))
          .add("le" + of, (x, a) -> x[0].le(a.real("p")))
          .add("gt" + of, (x, a) -> x[0].gt(a.real("p")))
          .add("ge" + of, (x, a) -> x[0].ge(a.real("p")));
    }
    for (String of : new String[] {"real", "integer", "boolean"}) {
      table
          .add(of + ".argmax", (x, a) -> x[0].argmax(a.integer("axis"), a.flag("keep")))
          .add(of + ".argmin", (x, a) -> x[0].argmin(a.integer("axis"), a.flag("keep")))
          .add(of + ".max", (x, a) -> x[0].max(axes(a), a.flag("keep")))
          .add(of + ".min", (x, a) -> x[0].min(axes(a), a.flag("keep")))
          .add(of + ".sum", (x, a) -> x[0].sum(axes(a), a.flag("keep")))
          .add(of + ".prod", (x, a) -> x[0].prod(axes(a), a.flag("keep")))
          .add(of + ".any", (x, a) -> x[0].any(axes(a), a.flag("keep")))
          .add(of + ".all", (x, a) -> x[0].all(axes(a), a.flag("keep")));
    }
    return table;
  }

  private static int[] axes(Arguments a) {
    return new int[] {a.integer("axis")};
  }
}
