package tangram.tensor.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** A program of {@code tools/parity/programs.py}, with what PyTorch computed. */
final class RandomProgram {
  private static final String FILE = "/tangram/tensor/programs.json.gz";

  private final int number;
  private final JsonNode node;

  private RandomProgram(int number, JsonNode node) {
    this.number = number;
    this.node = node;
  }

  static List<RandomProgram> all() {
    ObjectMapper mapper = new ObjectMapper();
    List<RandomProgram> programs = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(RandomProgram.class.getResourceAsStream(FILE)),
                StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        programs.add(new RandomProgram(programs.size(), mapper.readTree(line)));
      }
      return programs;
    } catch (IOException e) {
      throw new UncheckedIOException(FILE, e);
    }
  }

  /** What is wrong with a device's results and gradients; null if nothing is. */
  String run(Device device, DType type, double tolerance) {
    try (Scope scope = Scope.open()) {
      List<Tensor> leaves = List.of(inputs(device, type));
      leaves.forEach(Tensor::requireGrad);
      Tensor y = result(leaves.toArray(Tensor[]::new), type);
      Shape shape = Shape.of(ints(node.get("shape")));
      if (!y.shape().equals(shape)) {
        return this + ": shape " + y.shape();
      }
      String wrong = compare("result", node.get("y"), y.toDoubles(), tolerance);
      if (wrong != null) {
        return wrong;
      }
      if (y.requiresGrad()) {
        double[] weights = new double[y.size()];
        for (int i = 0; i < weights.length; i++) {
          weights[i] = Math.cos(i + 1);
        }
        Tensor seed = device.uninitialized(type, shape).copyFrom(weights, 0);
        y.backward(seed);
      }
      for (int i = 0; i < leaves.size() && wrong == null; i++) {
        Tensor grad = leaves.get(i).grad();
        double[] values0 = grad == null ? new double[leaves.get(i).size()] : grad.toDoubles();
        wrong = compare("gradient " + i, node.get("gradients").get(i), values0, tolerance);
      }
      return wrong;
    }
  }

  /** The program's inputs. */
  Tensor[] inputs(Device device, DType type) {
    List<Tensor> inputs = new ArrayList<>();
    for (JsonNode input : node.get("inputs")) {
      Tensor x = device.uninitialized(type, Shape.of(ints(input.get("shape"))));
      inputs.add(x.copyFrom(numbers(input.get("values")), 0));
    }
    return inputs.toArray(Tensor[]::new);
  }

  /** What the program computes. */
  Tensor result(Tensor[] inputs, DType type) {
    List<Tensor> values = values(inputs, type);
    return values.get(values.size() - 1);
  }

  /** The inputs and what each step computes. */
  List<Tensor> values(Tensor[] inputs, DType type) {
    List<Tensor> values = new ArrayList<>(List.of(inputs));
    for (JsonNode step : node.get("steps")) {
      Tensor[] on = new Tensor[step.get("on").size()];
      for (int i = 0; i < on.length; i++) {
        on[i] = values.get(step.get("on").get(i).asInt());
      }
      values.add(apply(step, on, type));
    }
    return values;
  }

  private String compare(String what, JsonNode expected, double[] actual, double tolerance) {
    double[] numbers = numbers(expected);
    double scale = 0;
    for (double x : numbers) {
      scale = Double.isFinite(x) ? Math.max(scale, Math.abs(x)) : scale;
    }
    for (int i = 0; i < numbers.length; i++) {
      double allowed = tolerance * Math.max(Math.abs(numbers[i]), 1e-3 * scale);
      boolean same =
          Double.isFinite(numbers[i])
              ? Math.abs(actual[i] - numbers[i]) <= allowed
              : Double.compare(actual[i], numbers[i]) == 0;
      if (!same) {
        return this + ": " + what + "[" + i + "] " + actual[i] + " instead of " + numbers[i];
      }
    }
    return null;
  }

  private static Tensor apply(JsonNode step, Tensor[] v, DType type) {
    Tensor x = v[0];
    int[] axes = step.has("axes") ? ints(step.get("axes")) : new int[0];
    int[] dims = step.has("dims") ? ints(step.get("dims")) : new int[0];
    double[] p = step.has("p") ? numbers(step.get("p")) : new double[0];
    boolean keep = step.has("keep") && step.get("keep").asBoolean();
    return switch (step.get("op").asText()) {
      case "neg" -> x.neg();
      case "abs" -> x.abs();
      case "sign" -> x.sign();
      case "square" -> x.square();
      case "reciprocal" -> x.reciprocal();
      case "sqrt" -> x.sqrt();
      case "rsqrt" -> x.rsqrt();
      case "exp" -> x.exp();
      case "expm1" -> x.expm1();
      case "log" -> x.log();
      case "log2" -> x.log2();
      case "log10" -> x.log10();
      case "log1p" -> x.log1p();
      case "sin" -> x.sin();
      case "cos" -> x.cos();
      case "tan" -> x.tan();
      case "asin" -> x.asin();
      case "acos" -> x.acos();
      case "atan" -> x.atan();
      case "sinh" -> x.sinh();
      case "cosh" -> x.cosh();
      case "tanh" -> x.tanh();
      case "sigmoid" -> x.sigmoid();
      case "erf" -> x.erf();
      case "erfc" -> x.erfc();
      case "floor" -> x.floor();
      case "ceil" -> x.ceil();
      case "round" -> x.round();
      case "relu" -> x.relu();
      case "silu" -> x.silu();
      case "gelu" -> x.gelu();
      case "softplus" -> x.softplus();
      case "logSigmoid" -> x.logSigmoid();
      case "leakyRelu" -> x.leakyRelu(p[0]);
      case "elu" -> x.elu(p[0]);
      case "clamp" -> x.clamp(p[0], p[1]);
      case "add" -> x.add(v[1]);
      case "sub" -> x.sub(v[1]);
      case "mul" -> x.mul(v[1]);
      case "div" -> x.div(v[1]);
      case "maximum" -> x.maximum(v[1]);
      case "minimum" -> x.minimum(v[1]);
      case "pow" -> x.pow(v[1]);
      case "atan2" -> x.atan2(v[1]);
      case "remainder" -> x.remainder(v[1]);
      case "floorDivide" -> x.floorDivide(v[1]);
      case "addNumber" -> x.add(p[0]);
      case "subNumber" -> x.sub(p[0]);
      case "mulNumber" -> x.mul(p[0]);
      case "divNumber" -> x.div(p[0]);
      case "powNumber" -> x.pow(p[0]);
      case "maximumNumber" -> x.maximum(p[0]);
      case "minimumNumber" -> x.minimum(p[0]);
      case "where.eq" -> Tensor.where(x.eq(v[1]), x, v[2]);
      case "where.ne" -> Tensor.where(x.ne(v[1]), x, v[2]);
      case "where.lt" -> Tensor.where(x.lt(v[1]), x, v[2]);
      case "where.le" -> Tensor.where(x.le(v[1]), x, v[2]);
      case "where.gt" -> Tensor.where(x.gt(v[1]), x, v[2]);
      case "where.ge" -> Tensor.where(x.ge(v[1]), x, v[2]);
      case "sum" -> x.sum(axes, keep);
      case "mean" -> x.mean(axes, keep);
      case "var" -> x.var(axes, 1, keep);
      case "std" -> x.std(axes, 1, keep);
      case "max" -> x.max(axes, keep);
      case "min" -> x.min(axes, keep);
      case "prod" -> x.prod(axes, keep);
      case "logsumexp" -> x.logsumexp(axes, keep);
      case "argmax" -> x.argmax(axes[0]).to(type);
      case "permute" -> x.permute(axes);
      case "transpose" -> x.transpose(axes[0], axes[1]);
      case "expand" -> x.expand(dims);
      case "slice" -> x.slice(axes[0], axes[1], axes[2], axes[3]);
      case "narrow" -> x.narrow(axes[0], axes[1], axes[2]);
      case "select" -> x.select(axes[0], axes[1]);
      case "flip" -> x.flip(axes);
      case "squeeze" -> x.squeeze(axes);
      case "unsqueeze" -> x.unsqueeze(axes[0]);
      case "diagonal" -> x.diagonal(axes[0], axes[1], axes[2]);
      case "reshape" -> x.reshape(dims);
      case "flatten" -> x.flatten(axes[0], axes[1]);
      case "cat" -> Tensor.cat(axes[0], v);
      case "stack" -> Tensor.stack(axes[0], v);
      case "repeat" -> x.repeat(dims);
      case "pad" -> x.pad(p[0], dims);
      case "roll" -> x.roll(axes[0], axes[1]);
      case "tril" -> x.tril(axes[0]);
      case "triu" -> x.triu(axes[0]);
      case "chunk" -> x.chunk(axes[0], axes[1])[axes[2]];
      case "maskedFill" -> x.maskedFill(x.gt(0.5), p[0]);
      default -> throw new IllegalArgumentException("no operation " + step.get("op"));
    };
  }

  static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  static double[] numbers(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = array.get(i);
      values[i] =
          value.isNumber()
              ? value.asDouble()
              : switch (value.asText()) {
                case "nan" -> Double.NaN;
                case "inf" -> Double.POSITIVE_INFINITY;
                default -> Double.NEGATIVE_INFINITY;
              };
    }
    return values;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("program " + number);
    node.get("inputs").forEach(input -> text.append(' ').append(input.get("shape")));
    node.get("steps").forEach(step -> text.append(' ').append(step));
    return text.toString();
  }
}
