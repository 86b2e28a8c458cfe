package tangram.tensor.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import tangram.tensor.Tensor;

/**
 * Sums of products by names of dimensions. Operands are contracted from the left in pairs, by
 * matrix products where dimensions are summed over, else by multiplication.
 */
public final class EinsumOp {
  /** Dimensions of an ellipsis are named from the last on. */
  private static final int ELLIPSIS = 1 << 16;

  private EinsumOp() {}

  /** A tensor and the names of its dimensions. */
  private record Named(Tensor x, List<Integer> names, boolean operand) {
    int dim(int name) {
      return x.dim(names.indexOf(name));
    }

    /** Its dimensions in an order; those it lacks get size 1. */
    Tensor ordered(List<Integer> order) {
      int[] dims = order.stream().mapToInt(n -> names.contains(n) ? dim(n) : 1).toArray();
      return x.permute(order.stream().filter(names::contains).mapToInt(names::indexOf).toArray())
          .then(y -> y.reshape(dims));
    }

    /** Releases the tensor if it is none of the operands, and another is used in its place. */
    private <T> T then(T result) {
      if (!operand) {
        x.release();
      }
      return result;
    }
  }

  /** Evaluates an equation such as {@code "bij,bjk->bik"}. */
  public static Tensor einsum(String equation, Tensor... operands) {
    String text = equation.replace(" ", "");
    int arrow = text.indexOf("->");
    String[] terms = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
    Checks.that(
        terms.length == operands.length,
        () -> "einsum: " + operands.length + " operands for '" + equation + "'");
    MapOp.meet("einsum", operands);
    List<Named> inputs = new ArrayList<>();
    Map<Integer, Integer> sizes = new LinkedHashMap<>();
    Map<Integer, Integer> counts = new TreeMap<>();
    int ellipsis = 0;
    for (int i = 0; i < terms.length; i++) {
      List<Integer> names = names(equation, terms[i], operands[i].shape().rank());
      for (int d = 0; d < names.size(); d++) {
        int size = operands[i].dim(d);
        int known = sizes.merge(names.get(d), size, (a, b) -> a == 1 ? b : a);
        Tensor x = operands[i];
        Checks.that(
            size == known || size == 1,
            () ->
                "einsum: " + x.shape() + " has " + size + " where '" + equation + "' has " + known);
        counts.merge(names.get(d), 1, Integer::sum);
        ellipsis = Math.max(ellipsis, names.get(d) - ELLIPSIS + 1);
      }
      inputs.add(diagonals(operands[i], names, true));
    }
    List<Integer> result;
    if (arrow >= 0) {
      String right = text.substring(arrow + 2);
      int letters = right.replace("...", "").length();
      result = names(equation, right, letters + (right.contains("...") ? ellipsis : 0));
    } else {
      result = new ArrayList<>();
      for (int i = ellipsis - 1; i >= 0; i--) {
        result.add(ELLIPSIS + i);
      }
      counts.forEach(
          (name, count) -> {
            if (count == 1 && name < ELLIPSIS) {
              result.add(name);
            }
          });
    }
    Checks.that(
        sizes.keySet().containsAll(result) && new HashSet<>(result).size() == result.size(),
        () -> "einsum: the result of '" + equation + "' names what no operand has, or one twice");
    return contract(inputs, result);
  }

  private static List<Integer> names(String equation, String term, int rank) {
    int dots = term.indexOf("...");
    String letters = dots < 0 ? term : term.substring(0, dots) + term.substring(dots + 3);
    int more = rank - letters.length();
    Checks.that(
        letters.chars().allMatch(c -> c < 128 && Character.isLetter(c))
            && (dots < 0 ? more == 0 : more >= 0),
        () -> "einsum: '" + term + "' of '" + equation + "' does not name " + rank + " dimensions");
    List<Integer> names = new ArrayList<>();
    for (int i = 0; i <= letters.length(); i++) {
      for (int k = more - 1; i == dots && k >= 0; k--) {
        names.add(ELLIPSIS + k);
      }
      if (i < letters.length()) {
        names.add((int) letters.charAt(i));
      }
    }
    return names;
  }

  /** Names that come twice stand for the diagonal. */
  private static Named diagonals(Tensor x, List<Integer> names, boolean operand) {
    for (int b = 0; b < names.size(); b++) {
      int a = names.indexOf(names.get(b));
      int second = b;
      if (a < b) {
        List<Integer> rest = new ArrayList<>(names);
        rest.remove(b);
        rest.remove(a);
        rest.add(names.get(b));
        int size = Math.max(x.dim(a), x.dim(b));
        int[] dims = x.shape().dims();
        dims[a] = size;
        dims[b] = size;
        Tensor diagonal = x.expand(dims).then(y -> y.diagonal(0, a, second));
        return new Named(x, names, operand).then(diagonals(diagonal, rest, false));
      }
    }
    return new Named(x, names, operand);
  }

  /** Sums over pairs of dimensions. */
  public static Tensor tensordot(Tensor a, Tensor b, int[] axesA, int[] axesB) {
    Checks.that(
        axesA.length == axesB.length,
        () ->
            "tensordot: %s and %s are no pairs"
                .formatted(Arrays.toString(axesA), Arrays.toString(axesB)));
    MapOp.meet("tensordot", a, b);
    int rank = a.shape().rank();
    List<Integer> left = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    List<Integer> right =
        new ArrayList<>(IntStream.range(rank, rank + b.shape().rank()).boxed().toList());
    List<Integer> result = new ArrayList<>(left);
    result.addAll(right);
    for (int i = 0; i < axesA.length; i++) {
      int da = FoldOp.axis("tensordot", a.shape(), axesA[i]);
      int db = FoldOp.axis("tensordot", b.shape(), axesB[i]);
      Checks.that(
          a.dim(da) == b.dim(db),
          () -> "tensordot: dimension " + da + " of " + a.shape() + ", " + db + " of " + b.shape());
      result.remove(right.get(db));
      right.set(db, da);
      result.remove((Object) da);
    }
    return contract(List.of(new Named(a, left, true), new Named(b, right, true)), result);
  }

  private static Tensor contract(List<Named> inputs, List<Integer> result) {
    Named left = null;
    for (int i = 0; i < inputs.size(); i++) {
      Set<Integer> later = new HashSet<>(result);
      inputs.subList(i + 1, inputs.size()).forEach(x -> later.addAll(x.names));
      Set<Integer> used = new HashSet<>(later);
      if (left != null) {
        used.addAll(left.names);
      }
      Named right = summed(inputs.get(i), used);
      left = left == null ? right : pair(summed(left, union(later, right.names)), right, later);
    }
    Named last = summed(left, new HashSet<>(result));
    return last.then(last.ordered(result));
  }

  private static Set<Integer> union(Set<Integer> a, List<Integer> b) {
    Set<Integer> both = new HashSet<>(a);
    both.addAll(b);
    return both;
  }

  /** Sums over the dimensions that nobody uses. */
  private static Named summed(Named x, Set<Integer> used) {
    int[] axes =
        IntStream.range(0, x.names.size()).filter(d -> !used.contains(x.names.get(d))).toArray();
    if (axes.length == 0) {
      return x;
    }
    Tensor y = FoldOp.sum(x.x, axes, false).then(sum -> MapOp.cast(sum, x.x.type()));
    return x.then(new Named(y, x.names.stream().filter(used::contains).toList(), false));
  }

  /** The product of two, summed over the names that both have and nobody uses later. */
  private static Named pair(Named a, Named b, Set<Integer> later) {
    List<Integer> shared = a.names.stream().filter(b.names::contains).toList();
    List<Integer> batch = shared.stream().filter(later::contains).toList();
    List<Integer> folded = shared.stream().filter(n -> !later.contains(n)).toList();
    List<Integer> onlyA = a.names.stream().filter(n -> !shared.contains(n)).toList();
    List<Integer> onlyB = b.names.stream().filter(n -> !shared.contains(n)).toList();
    List<Integer> names = new ArrayList<>(batch);
    names.addAll(onlyA);
    names.addAll(onlyB);
    if (folded.isEmpty()) {
      Tensor x = a.ordered(names);
      Tensor y = b.ordered(names).then(z -> x.then(w -> w.mul(z)));
      return a.then(b.then(new Named(y, names, false)));
    }
    Tensor x = matrices(a, batch, onlyA, folded, b);
    Tensor product =
        matrices(b, batch, folded, onlyB, a).then(z -> x.then(w -> MatmulOp.matmul(w, z)));
    int[] dims =
        names.stream()
            .mapToInt(
                n ->
                    Math.max(
                        a.names.contains(n) ? a.dim(n) : 1, b.names.contains(n) ? b.dim(n) : 1))
            .toArray();
    for (int d = 0; d < batch.size(); d++) {
      dims[d] = product.dim(d);
    }
    return a.then(b.then(new Named(product.then(z -> z.reshape(dims)), names, false)));
  }

  /** [batch..., rows, columns]; names that both have are repeated to the other's size. */
  private static Tensor matrices(
      Named x, List<Integer> batch, List<Integer> rows, List<Integer> columns, Named other) {
    List<Integer> order = new ArrayList<>(batch);
    order.addAll(rows);
    order.addAll(columns);
    int[] dims = new int[batch.size() + 2];
    Arrays.fill(dims, batch.size(), dims.length, 1);
    int[] whole = new int[order.size()];
    for (int d = 0; d < whole.length; d++) {
      int name = order.get(d);
      int size = x.dim(name);
      whole[d] =
          d >= batch.size() && size == 1 && other.names.contains(name) ? other.dim(name) : size;
      if (d < batch.size()) {
        dims[d] = size;
      } else {
        dims[d < batch.size() + rows.size() ? batch.size() : batch.size() + 1] *= whole[d];
      }
    }
    return x.ordered(order).then(y -> y.expand(whole)).then(y -> y.reshape(dims));
  }
}
