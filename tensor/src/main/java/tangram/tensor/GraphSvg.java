package tangram.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A picture of a {@link Graph} in SVG: operations from top to bottom, with their shapes, and what
 * they begin with: parameters green, other tensors white.
 */
public final class GraphSvg {
  private static final int HEIGHT = 40;
  private static final int ROW = 72;
  private static final int GAP = 16;
  private static final int MARGIN = 12;

  /** Width of a letter at the size used, and what surrounds a text. */
  private static final double LETTER = 7.3;

  private final List<Graph.Vertex> vertices;
  private final Map<Tensor, String> names = new IdentityHashMap<>();
  private final int[] row;
  private final double[] centre;

  private GraphSvg(Graph graph, Map<String, Tensor> names) {
    vertices = graph.vertices();
    names.forEach((name, tensor) -> this.names.putIfAbsent(tensor, name));
    row = new int[vertices.size()];
    centre = new double[vertices.size()];
  }

  /**
   * Draws the graph behind a tensor.
   *
   * @param names of tensors that the graph begins with, such as a module's parameters; may be empty
   * @return a document that stands alone
   * @throws IllegalArgumentException if nothing was recorded; see {@link Graph#of}
   */
  public static String of(Tensor y, Map<String, Tensor> names) {
    return new GraphSvg(Graph.of(y), names).draw();
  }

  private String draw() {
    List<List<Integer>> rows = rows();
    double width = 0;
    for (List<Integer> members : rows) {
      width = Math.max(width, place(members));
    }
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %d\" width=\"%.0f\""
                + " height=\"%d\" font-family=\"sans-serif\" font-size=\"13\" text-anchor=\"middle\">\n",
            width + MARGIN,
            rows.size() * ROW - (ROW - HEIGHT) + 2 * MARGIN,
            width + MARGIN,
            rows.size() * ROW - (ROW - HEIGHT) + 2 * MARGIN));
    svg.append("<g fill=\"none\" stroke=\"#888\">\n");
    for (int v = 0; v < vertices.size(); v++) {
      for (int input : vertices.get(v).inputs()) {
        double from = top(input) + HEIGHT;
        double to = top(v);
        svg.append(
            String.format(
                Locale.ROOT,
                "<path d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n",
                centre[input],
                from,
                centre[input],
                (from + to) / 2,
                centre[v],
                (from + to) / 2,
                centre[v],
                to));
      }
    }
    svg.append("</g>\n");
    for (int v = 0; v < vertices.size(); v++) {
      box(svg, v);
    }
    return svg.append("</svg>\n").toString();
  }

  private void box(StringBuilder svg, int v) {
    Graph.Vertex vertex = vertices.get(v);
    boolean trained = vertex.isLeaf() && vertex.tensor().requiresGrad();
    String fill = !vertex.isLeaf() ? "#dce9fa" : trained ? "#d8f0d3" : "#fff";
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"%d\" fill=\"%s\""
                + " stroke=\"#555\"/><text x=\"%.1f\" y=\"%.1f\">%s</text><text x=\"%.1f\""
                + " y=\"%.1f\" fill=\"#555\">%s</text>\n",
            centre[v] - width(v) / 2,
            top(v),
            width(v),
            HEIGHT,
            vertex.isLeaf() ? 0 : 8,
            fill,
            centre[v],
            top(v) + 17,
            Xml.escape(title(v)),
            centre[v],
            top(v) + 33,
            shape(v)));
  }

  /** Operations below all that they read, and what the graph begins with right above its use. */
  private List<List<Integer>> rows() {
    for (int v = 0; v < row.length; v++) {
      for (int input : vertices.get(v).inputs()) {
        row[v] = Math.max(row[v], row[input] + 1);
      }
    }
    int[] user = new int[row.length];
    Arrays.fill(user, Integer.MAX_VALUE);
    for (int v = 0; v < row.length; v++) {
      for (int input : vertices.get(v).inputs()) {
        user[input] = Math.min(user[input], row[v]);
      }
    }
    List<List<Integer>> rows = new ArrayList<>();
    for (int v = 0; v < row.length; v++) {
      if (vertices.get(v).isLeaf()) {
        row[v] = user[v] - 1;
      }
      while (rows.size() <= row[v]) {
        rows.add(new ArrayList<>());
      }
      rows.get(row[v]).add(v);
    }
    return rows;
  }

  /** Places a row: operations below what they read as far as there is room; returns its end. */
  private double place(List<Integer> members) {
    for (int v : members) {
      List<Integer> inputs = vertices.get(v).inputs();
      centre[v] =
          inputs.isEmpty()
              ? 0
              : inputs.stream().mapToDouble(i -> centre[i]).average().getAsDouble();
    }
    // Operations first, from left to right, then what begins here.
    members.sort(
        (a, b) -> {
          boolean leafA = vertices.get(a).isLeaf();
          boolean leafB = vertices.get(b).isLeaf();
          return leafA != leafB
              ? Boolean.compare(leafA, leafB)
              : Double.compare(centre[a], centre[b]);
        });
    double end = MARGIN - GAP;
    for (int v : members) {
      centre[v] = Math.max(centre[v], end + GAP + width(v) / 2);
      end = centre[v] + width(v) / 2;
    }
    return end;
  }

  private double top(int v) {
    return MARGIN + row[v] * (double) ROW;
  }

  private double width(int v) {
    return Math.max(title(v).length(), shape(v).length()) * LETTER + 14;
  }

  private String title(int v) {
    Graph.Vertex vertex = vertices.get(v);
    String name = names.get(vertex.tensor());
    if (!vertex.isLeaf()) {
      return name == null ? vertex.operation() : name + " = " + vertex.operation();
    }
    return name == null ? vertex.tensor().requiresGrad() ? "leaf" : "tensor" : name;
  }

  private String shape(int v) {
    Tensor tensor = vertices.get(v).tensor();
    return tensor.type() + " " + tensor.shape();
  }
}
