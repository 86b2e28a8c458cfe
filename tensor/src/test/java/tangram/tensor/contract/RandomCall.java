package tangram.tensor.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** A call of {@code tools/parity/calls.py}, with what PyTorch computed. */
record RandomCall(String area, JsonNode node) {
  /** How inputs lie in memory. */
  enum Views {
    DENSE,
    /** Dimensions in reverse order. */
    TRANSPOSED,
    /** Every second element of something larger, from the second on. */
    SLICED,
    /** Backwards along every dimension. */
    FLIPPED
  }

  /** An input, where its gradient arrives, and how to look at it to see the input's elements. */
  private record Input(Tensor x, Tensor leaf, UnaryOperator<Tensor> view) {}

  /** What is wrong with a device's results and gradients; null if nothing is. */
  String run(Device device, DType type, Views views, double tolerance) {
    try (Scope scope = Scope.open()) {
      int count = node.get("inputs").size();
      Input[] inputs = new Input[count];
      Tensor[] x = new Tensor[count];
      for (int i = 0; i < count; i++) {
        inputs[i] = input(device, node.get("inputs").get(i), type, views);
        x[i] = inputs[i].x();
      }
      Tensor[] ys =
          Calls.AREAS
              .get(area)
              .get(node.get("op").asText())
              .apply(x, new Arguments(node.get("args")));
      if (ys.length != node.get("outputs").size()) {
        return at(views) + ys.length + " results";
      }
      Tensor loss = null;
      int terms = 0;
      for (int k = 0; k < ys.length; k++) {
        JsonNode expected = node.get("outputs").get(k);
        String wrong = compare(at(views) + "result " + k, expected, ys[k], tolerance);
        if (wrong != null) {
          return wrong;
        }
        if (ys[k].requiresGrad()) {
          double[] weights = new double[ys[k].size()];
          for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.cos(i + 1);
          }
          Tensor w = device.uninitialized(type, ys[k].shape()).copyFrom(weights, 0);
          Tensor term = ys[k].mul(w).sum();
          terms += weights.length;
          loss = loss == null ? term : loss.add(term);
        }
      }
      if (loss != null) {
        loss.backward();
      }
      for (int i = 0; i < count; i++) {
        JsonNode gradient = node.get("gradients").get(i);
        if (!gradient.isNull()) {
          Tensor grad = inputs[i].leaf().grad();
          Shape shape = x[i].shape();
          double[] actual =
              grad == null
                  ? new double[shape.size()]
                  : inputs[i].view().apply(grad).contiguous().toDoubles();
          String wrong =
              compare(
                  at(views) + "gradient " + i,
                  RandomProgram.numbers(gradient),
                  actual,
                  tolerance,
                  // Weights of at most 1, which may cancel.
                  type == DType.F32 ? Math.ulp(1f) * Math.sqrt(terms) : 0);
          if (wrong != null) {
            return wrong;
          }
        }
      }
      return null;
    }
  }

  private static Input input(Device device, JsonNode node, DType type, Views views) {
    Shape shape = Shape.of(RandomProgram.ints(node.get("shape")));
    double[] values = RandomProgram.numbers(node.get("values"));
    String kind = node.get("type").asText();
    DType of =
        kind.equals("real") ? type : kind.equals("integer") ? device.indexType() : DType.BOOL;
    Tensor dense = device.uninitialized(of, shape);
    switch (kind) {
      case "real" -> dense.copyFrom(values, 0);
      case "integer" -> dense.copyFrom(Arrays.stream(values).mapToInt(v -> (int) v).toArray(), 0);
      default -> {
        boolean[] flags = new boolean[values.length];
        for (int i = 0; i < flags.length; i++) {
          flags[i] = values[i] != 0;
        }
        dense.copyFrom(flags, 0);
      }
    }
    int rank = shape.rank();
    Tensor leaf;
    UnaryOperator<Tensor> view;
    int[] all = new int[rank];
    for (int d = 0; d < rank; d++) {
      all[d] = d;
    }
    switch (views) {
      case TRANSPOSED -> {
        int[] reversed = new int[rank];
        for (int d = 0; d < rank; d++) {
          reversed[d] = rank - 1 - d;
        }
        leaf = dense.permute(reversed).copy();
        view = t -> t.permute(reversed);
      }
      case SLICED -> {
        Tensor spread = dense;
        for (int d = 0; d < rank; d++) {
          // Of every element a pair: something else before it.
          Tensor other = spread.mul(0).add(kind.equals("boolean") ? 0 : 77).to(of);
          spread = Tensor.stack(d + 1, other, spread).flatten(d, d + 1);
        }
        leaf = spread;
        view =
            t -> {
              Tensor y = t;
              for (int d = 0; d < rank; d++) {
                y = y.slice(d, 1, 2 * shape.dim(d), 2);
              }
              return y;
            };
      }
      case FLIPPED -> {
        leaf = rank == 0 ? dense : dense.flip(all).copy();
        view = t -> rank == 0 ? t : t.flip(all);
      }
      default -> {
        leaf = dense;
        view = t -> t;
      }
    }
    if (of.isReal()) {
      leaf.requireGrad();
    }
    return new Input(view.apply(leaf), leaf, view);
  }

  private String compare(String what, JsonNode expected, Tensor y, double tolerance) {
    if (!y.shape().equals(Shape.of(RandomProgram.ints(expected.get("shape"))))) {
      return what + ": shape " + y.shape() + " instead of " + expected.get("shape");
    }
    String kind = expected.get("type").asText();
    boolean same =
        switch (kind) {
          case "real" -> y.type().isReal();
          case "integer" -> y.type() == DType.I64 || y.type() == DType.I32;
          default -> y.type() == DType.BOOL;
        };
    if (!same) {
      return what + ": type " + y.type() + " instead of " + kind;
    }
    double[] numbers = RandomProgram.numbers(expected.get("values"));
    if (y.type() == DType.F32 && y.device().realBytes() == Float.BYTES) {
      // Real numbers from integers have single precision.
      tolerance = Math.max(tolerance, CallsContract.SINGLE);
    }
    return compare(what, numbers, numbers(y.contiguous()), kind.equals("real") ? tolerance : 0, 0);
  }

  private static double[] numbers(Tensor y) {
    return switch (y.type()) {
      case F32, F64, F16, BF16 -> y.toDoubles();
      case I32 -> Arrays.stream(y.toInts()).asDoubleStream().toArray();
      case I64 -> Arrays.stream(y.toLongs()).asDoubleStream().toArray();
      case BOOL -> Arrays.stream(y.to(DType.I32).toInts()).asDoubleStream().toArray();
    };
  }

  private String compare(
      String what, double[] expected, double[] actual, double tolerance, double rounding) {
    double scale = 0;
    for (double x : expected) {
      scale = Double.isFinite(x) ? Math.max(scale, Math.abs(x)) : scale;
    }
    double least = node.has("terms") ? Math.max(scale, node.get("terms").asDouble()) : 1e-3 * scale;
    for (int i = 0; i < expected.length; i++) {
      double allowed = tolerance * Math.max(Math.abs(expected[i]), least) + rounding;
      boolean same =
          Double.isFinite(expected[i])
              ? Math.abs(actual[i] - expected[i]) <= allowed
              : Double.compare(actual[i], expected[i]) == 0;
      if (!same) {
        return what + "[" + i + "] is " + actual[i] + " instead of " + expected[i];
      }
    }
    return null;
  }

  private String at(Views views) {
    return this + " of " + views + " inputs: ";
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(node.get("op").asText());
    node.get("inputs").forEach(input -> text.append(' ').append(input.get("shape")));
    return text.append(' ').append(node.get("args")).toString();
  }
}
