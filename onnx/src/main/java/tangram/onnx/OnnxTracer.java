package tangram.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tangram.onnx.Onnx.AttributeProto;
import tangram.tensor.DType;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.MapOp;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.RecurrentOp;
import tangram.tensor.op.ResizeOptions;

/**
 * Adds the ONNX nodes of the operations that it is told of to a graph. Operators are those of opset
 * 17.
 */
final class OnnxTracer extends OnnxGraph {
  private final OnnxOperations operations = new OnnxOperations(this);

  /**
   * Creates a graph without nodes.
   *
   * @param weights what nodes may use beside the inputs, by name
   */
  OnnxTracer(Map<String, Tensor> weights, List<OnnxValue> inputs, Tensor[] x, List<OnnxValue> to) {
    super(weights, inputs, x, to);
  }

  @Override
  public void map(Formula formula, double[] numbers, Tensor[] x, Tensor y) {
    if (follows(y, read(formula, x))) {
      put(y, formula(formula, numbers, x, y.shape().dims(), y.type(), y.type()));
    }
  }

  private static Tensor[] read(Formula formula, Tensor[] x) {
    Tensor[] read = new Tensor[x.length];
    Arrays.setAll(read, i -> formula.reads(i) ? x[i] : null);
    return read;
  }

  /** The type that a formula is computed in, as {@link tangram.tensor.View#computeType} has it. */
  private static DType computeType(DType result, DType... operands) {
    DType type = result.isReal() ? DType.promote(result, DType.F32) : DType.I64;
    for (DType operand : operands) {
      type = DType.promote(type, operand);
    }
    return type.isReal() ? DType.promote(type, DType.F32) : type;
  }

  /** A formula's results of a shape, computed for a result of one type, in another. */
  private String formula(
      Formula formula, double[] numbers, Tensor[] x, int[] shape, DType result, DType to) {
    Tensor[] read = read(formula, x);
    DType[] types =
        Arrays.stream(read).filter(t -> t != null).map(Tensor::type).toArray(DType[]::new);
    DType type = computeType(result, types);
    String[] inputs = new String[x.length];
    int[] own = new int[shape.length];
    Arrays.fill(own, 1);
    for (int i = 0; i < x.length; i++) {
      if (read[i] != null) {
        inputs[i] = value(read[i], type);
        int added = shape.length - read[i].shape().rank();
        for (int d = added; d < shape.length; d++) {
          own[d] = Math.max(own[d], read[i].dim(d - added));
        }
      }
    }
    String y = new OnnxFormula(this, type, inputs, numbers).write(formula.root(), to);
    boolean whole = Arrays.equals(own, shape) && types.length > 0;
    return whole ? y : add("Expand", y, sizes(shape));
  }

  @Override
  public void fold(
      Reducer reducer, Formula formula, double[] numbers, boolean[] folded, Tensor[] x, Tensor y) {
    if (!follows(y, read(formula, x))) {
      return;
    }
    DType[] types = Arrays.stream(x).map(Tensor::type).toArray(DType[]::new);
    DType type = computeType(y.type(), types);
    int[] shape = MapOp.broadcast("fold", x).dims();
    String each = formula(formula, numbers, x, shape, y.type(), type);
    String all = reduce(reducer, each, folded, y.shape().rank() == folded.length);
    put(y, cast(all, type, y.type()));
  }

  private String reduce(Reducer reducer, String x, boolean[] folded, boolean keep) {
    int[] axes = new int[folded.length];
    int count = 0;
    for (int d = 0; d < folded.length; d++) {
      if (folded[d]) {
        axes[count++] = d;
      }
    }
    axes = Arrays.copyOf(axes, count);
    if (count == 0) {
      return x;
    }
    AttributeProto keepDims = Messages.attribute("keepdims", keep ? 1 : 0);
    if (reducer == Reducer.SUM) {
      return add("ReduceSum", List.of(x, sizes(axes)), keepDims);
    }
    String operator =
        switch (reducer) {
          case MAX -> "ReduceMax";
          case MIN -> "ReduceMin";
          default -> "ReduceProd";
        };
    return add(operator, List.of(x), Messages.attribute("axes", axes), keepDims);
  }

  @Override
  public void cascade(
      Cascade cascade,
      double[] numbers,
      int[] rows,
      Tensor[] x,
      int[][] shapes,
      int result,
      Tensor y) {
    if (!follows(y, x)) {
      return;
    }
    String[] operands = new String[cascade.operands()];
    boolean[] folded = new boolean[rows.length];
    for (int i = 0; i < x.length; i++) {
      if (x[i] != null) {
        boolean same = Arrays.equals(shapes[i], x[i].shape().dims());
        operands[i] = same ? value(x[i]) : reshape(value(x[i]), shapes[i]);
      }
    }
    for (int d = 0; d < rows.length; d++) {
      folded[d] = rows[d] == 1;
    }
    for (Cascade.Pass pass : cascade.plain().passes()) {
      String value =
          new OnnxFormula(this, y.type(), operands, numbers).write(pass.formula().root(), y.type());
      if (pass.kind() == Cascade.Kind.FOLD) {
        value = reduce(pass.reducer(), value, folded, true);
      }
      int first = pass.isOutput() ? cascade.inputs() : cascade.inputs() + cascade.outputs();
      operands[first + pass.target()] = value;
    }
    put(y, reshape(operands[result], y.shape().dims()));
  }

  @Override
  public void operation(String name, Tensor y, Tensor[] x, double... numbers) {
    boolean moves = x.length == 1 && OnnxOperations.MOVES.contains(name);
    if (moves && isConstant(x[0])) {
      // A part of a constant is a constant.
      allow(y);
      return;
    }
    if (!follows(y, x)) {
      return;
    }
    String value = operations.write(name, y, x, numbers);
    if (value == null) {
      computed(name, y);
    } else {
      put(y, value);
    }
  }

  @Override
  public void computed(String signature, Tensor y) {
    int end = signature.indexOf('(');
    String name = end < 0 ? signature : signature.substring(0, end);
    refuse(y, "the operation '" + name + "' has no ONNX form here");
  }

  @Override
  public void overwritten(Tensor y, Tensor[] x) {
    for (Tensor t : x) {
      if (t != null && isDependent(t)) {
        refuseMemory(y);
      }
    }
  }

  @Override
  public void read(Tensor x) {
    if (isDependent(x)) {
      throw new IllegalArgumentException(
          "the network reads numbers of shape "
              + x.shape()
              + " that depend on its input on the host, where they cannot be followed; such a"
              + " network cannot be written as ONNX");
    }
  }

  @Override
  public void resample(Tensor x, double[][] matrices, Tensor y) {
    if (follows(y, x)) {
      put(y, operations.resample(x, matrices, y));
    }
  }

  @Override
  public void conv(
      Tensor x, Tensor weight, Tensor bias, ConvOptions options, boolean transposed, Tensor y) {
    if (follows(y, x, weight, bias)) {
      put(y, OnnxSpatial.conv(this, x, weight, bias, options, transposed));
    }
  }

  @Override
  public void batchNormInference(
      Tensor x,
      Tensor residual,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor var,
      double eps,
      boolean relu,
      Tensor y) {
    if (!follows(y, x, residual, gamma, beta, mean, var)) {
      return;
    }
    String layer = layer(gamma == null ? mean : gamma, "BatchNormalization");
    int channels = x.dim(1);
    String node =
        node(
            "BatchNormalization",
            layer,
            List.of(
                value(x),
                gamma == null ? filled(1, x.type(), channels) : value(gamma),
                beta == null ? filled(0, x.type(), channels) : value(beta),
                value(mean),
                value(var)),
            List.of(Messages.attribute("epsilon", (float) eps)),
            1);
    if (residual != null) {
      node = node("Add", layer + ".add", List.of(node, value(residual)), List.of(), 1);
    }
    if (relu) {
      node = node("Relu", layer + ".relu", List.of(node), List.of(), 1);
    }
    put(y, node);
  }

  @Override
  public void maxPool(int rank, Tensor x, PoolOptions options, Tensor y) {
    if (follows(y, x)) {
      put(y, OnnxSpatial.maxPool(this, rank, x, options, y, 1)[0]);
    }
  }

  @Override
  public void maxPoolWithIndices(int rank, Tensor x, PoolOptions options, Tensor y, Tensor places) {
    if (follows(y, x) && follows(places, x)) {
      String[] both = OnnxSpatial.maxPool(this, rank, x, options, y, 2);
      put(y, both[0]);
      put(places, cast(both[1], DType.I64, places.type()));
    }
  }

  @Override
  public void averagePool(int rank, Tensor x, PoolOptions options, Tensor y) {
    if (follows(y, x) && OnnxSpatial.isAverage(rank, x, options)) {
      put(y, OnnxSpatial.averagePool(this, rank, x, options));
    }
  }

  @Override
  public void recurrent(
      RecurrentOp.Cell cell,
      Tensor x,
      Tensor state,
      Tensor memory,
      Tensor weight,
      Tensor bias,
      boolean reverse,
      Tensor y) {
    if (follows(y, x, state, memory, weight, bias)) {
      put(y, new OnnxRecurrent(this, cell, reverse).write(x, state, memory, weight, bias));
    }
  }

  @Override
  public void resize(Tensor x, double[] scales, ResizeOptions options, Tensor y) {
    if (follows(y, x) && OnnxSpatial.isResize(options)) {
      put(y, OnnxSpatial.resize(this, x, scales, options, y));
    }
  }

  @Override
  public void cat(Tensor[] parts, int dim, Tensor y) {
    if (follows(y, parts)) {
      List<String> values = new ArrayList<>();
      for (Tensor part : parts) {
        values.add(value(part, y.type()));
      }
      put(y, add("Concat", values, Messages.attribute("axis", dim)));
    }
  }
}
