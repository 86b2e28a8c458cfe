package tangram.nn;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import tangram.tensor.Graph;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * A table of what a network computes: a row for each operation but those that only move elements,
 * in order, with the module whose parameters it reads, the shape of its result, and how many
 * parameters the module has.
 */
final class Summary {
  private static final String[] TITLES = {"module", "operation", "output", "parameters"};

  /** Operations that move elements and compute nothing, which would hide the others. */
  private static final Set<String> MOVES =
      Set.of("permute", "expand", "slice", "select", "diagonal", "flip", "reshape", "clone");

  /** What no module owns. */
  private static final String NOBODY = "";

  private final Map<String, Module> modules;
  private final Map<Tensor, String> owners = new IdentityHashMap<>();
  private final List<String[]> rows = new ArrayList<>();

  private Summary(Module module) {
    modules = module.modules();
    modules.forEach(
        (name, m) -> m.ownParameters().forEach((own, t) -> owners.putIfAbsent(t, name)));
  }

  static String of(Module module, Supplier<Tensor> forward) {
    Summary summary = new Summary(module);
    Runnable back = module.pauseTraining();
    try (Scope scope = Scope.open()) {
      summary.add(Graph.of(forward.get()));
    } finally {
      back.run();
    }
    return summary.text(module.parameterCount());
  }

  private void add(Graph graph) {
    List<Graph.Vertex> vertices = graph.vertices();
    // The module that each vertex is computed from alone, such as a part of its weights.
    String[] within = new String[vertices.size()];
    Map<String, Boolean> counted = new IdentityHashMap<>();
    for (int v = 0; v < within.length; v++) {
      Graph.Vertex vertex = vertices.get(v);
      if (vertex.isLeaf()) {
        within[v] = owners.get(vertex.tensor());
        continue;
      }
      String owner = null;
      boolean alone = true;
      for (int input : vertex.inputs()) {
        owner = owner == null ? within[input] : owner;
        alone &= within[input] != null;
      }
      if (alone) {
        within[v] = owner;
        continue;
      }
      if (MOVES.contains(vertex.operation())) {
        continue;
      }
      String count = NOBODY;
      if (owner != null && counted.put(owner, true) == null) {
        long size =
            modules.get(owner).ownParameters().values().stream().mapToLong(Tensor::size).sum();
        count = String.format(Locale.ROOT, "%,d", size);
      }
      String name = owner == null ? NOBODY : owner + " " + simpleName(modules.get(owner));
      rows.add(
          new String[] {
            name.strip(), vertex.operation(), vertex.tensor().shape().toString(), count
          });
    }
  }

  private static String simpleName(Module module) {
    return "(" + module.getClass().getSimpleName() + ")";
  }

  private String text(long parameters) {
    int[] widths = new int[TITLES.length];
    rows.add(0, TITLES);
    for (String[] row : rows) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], row[c].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      String line =
          String.format(
              "%-" + widths[0] + "s  %-" + widths[1] + "s  %-" + widths[2] + "s  %" + widths[3]
                  + "s",
              (Object[]) row);
      text.append(line.stripTrailing()).append('\n');
    }
    return text.append(String.format(Locale.ROOT, "%,d parameters%n", parameters)).toString();
  }
}
