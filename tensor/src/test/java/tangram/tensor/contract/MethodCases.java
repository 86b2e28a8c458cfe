package tangram.tensor.contract;

import static tangram.tensor.contract.KernelContract.uniform;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tangram.tensor.ActivationMethods;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.ElementwiseMethods;
import tangram.tensor.Generator;
import tangram.tensor.IndexMethods;
import tangram.tensor.ProductMethods;
import tangram.tensor.ReductionMethods;
import tangram.tensor.Scope;
import tangram.tensor.ShapeMethods;
import tangram.tensor.SpatialMethods;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;
import tangram.tensor.reference.ReferenceDevice;

/**
 * A case for every public method of {@link Tensor} that computes, found by reflection: those that
 * take tensors of one shape, a number, a dimension or a truth value need no line here.
 */
final class MethodCases {
  static final List<Class<?>> METHODS =
      List.of(
          ActivationMethods.class,
          ElementwiseMethods.class,
          ReductionMethods.class,
          IndexMethods.class,
          ProductMethods.class,
          ShapeMethods.class,
          SpatialMethods.class);

  /** Applies a method to x [3, 4], another like it, b, and an index like it, i. */
  private interface Call {
    Tensor to(Tensor x, Tensor b, Tensor i);
  }

  private final Map<String, Call> lines = new TreeMap<>();
  private final List<OperationCase> cases = new ArrayList<>();

  static List<OperationCase> all() {
    MethodCases all = new MethodCases();
    all.lines();
    all.lines.forEach((name, call) -> all.add(name, call, 3));
    for (Class<?> c : METHODS) {
      for (Method method : c.getDeclaredMethods()) {
        String name = method.getName();
        if (Modifier.isPublic(method.getModifiers()) && !all.lines.containsKey(name)) {
          String text = name + Arrays.toString(method.getParameterTypes());
          all.add(text, (x, b, i) -> invoke(method, x, b), 2);
        }
      }
    }
    return all.cases;
  }

  private void add(String name, Call call, int inputs) {
    double[] values = uniform(101, 12, 0.2, 0.9);
    double[] others = uniform(102, 12, 0.2, 0.9);
    int[] places = {2, 0, 1, 1, 0, 1, 2, 0, 1, 2, 0, 2};
    OperationCase c = new OperationCase(Tensor.class, name);
    // Comparisons and places have no gradient, and not every method takes b.
    Device device = new ReferenceDevice();
    try (Scope scope = Scope.open()) {
      Tensor x = device.tensor(values, 3, 4).requireGrad();
      Tensor b = device.tensor(others, 3, 4).requireGrad();
      Tensor y = call.to(x, b, device.tensor(places, 3, 4));
      if (y.requiresGrad()) {
        y.sum().backward();
      }
      input(c, "x", values, x.grad() != null);
      input(c, "b", others, b.grad() != null);
    }
    if (inputs > 2) {
      c.integers("i", places, 3, 4);
    }
    c.apply(in -> call.to(in.get("x"), in.get("b"), inputs > 2 ? in.get("i") : null));
    cases.add(c);
  }

  private static void input(OperationCase c, String name, double[] values, boolean gradient) {
    if (gradient) {
      c.input(name, values, 3, 4);
    } else {
      c.constant(name, values, 3, 4);
    }
  }

  private static Tensor invoke(Method method, Tensor x, Tensor b) {
    Object[] arguments =
        Arrays.stream(method.getParameterTypes()).map(type -> argument(method, type, b)).toArray();
    try {
      Object y = method.invoke(x, arguments);
      return y instanceof Tensor[] ? ((Tensor[]) y)[0] : (Tensor) y;
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(method + " needs a line of its own", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(method.toString(), e);
    }
  }

  private static Object argument(Method method, Class<?> type, Tensor b) {
    if (type == Tensor.class) {
      return b;
    } else if (type == int.class) {
      return 1;
    } else if (type == int[].class) {
      return new int[] {1};
    } else if (type == double.class) {
      return 0.5;
    } else if (type == boolean.class) {
      return true;
    }
    throw new IllegalStateException(method + " needs a line of its own");
  }

  private static Tensor image(Tensor x, int... dims) {
    return x.reshape(dims);
  }

  private void lines() {
    lines.put("to", (x, b, i) -> x.to(DType.BOOL).to(DType.F32).mul(b));
    lines.put("where", (x, b, i) -> Tensor.where(x.gt(0.5), x, b));
    lines.put("maskedFill", (x, b, i) -> x.maskedFill(b.gt(0.5), 7));
    lines.put("prelu", (x, b, i) -> x.sub(0.5).prelu(b.select(0, 1)));
    for (String logical : new String[] {"logicalAnd", "logicalOr", "logicalXor"}) {
      lines.put(logical, (x, b, i) -> x.logicalAnd(b).logicalOr(b).logicalXor(b));
    }
    places();
    shapes();
    products();
    windows();
  }

  private void places() {
    lines.put("gather", (x, b, i) -> x.gather(0, i));
    lines.put("scatter", (x, b, i) -> x.scatter(1, i, b));
    lines.put("scatterAdd", (x, b, i) -> x.scatterAdd(1, i, b));
    lines.put("indexSelect", (x, b, i) -> x.indexSelect(1, i.select(0, 1)));
    lines.put("indexAdd", (x, b, i) -> x.indexAdd(1, i.select(0, 1), b));
    lines.put("index", (x, b, i) -> x.index(null, i));
    lines.put("indexPut", (x, b, i) -> x.indexPut(b.sum(), true, i));
    lines.put("take", (x, b, i) -> x.take(i));
    lines.put("maskedSelect", (x, b, i) -> x.maskedSelect(i.gt(0)));
    lines.put("embedding", (x, b, i) -> x.embedding(i));
    lines.put("bincount", (x, b, i) -> i.bincount(4));
    lines.put("oneHot", (x, b, i) -> i.oneHot(3));
    lines.put("sort", (x, b, i) -> x.sort(1, true).values());
    lines.put("topk", (x, b, i) -> x.topk(2, 0, true).values());
    lines.put("kthvalue", (x, b, i) -> x.kthvalue(2, 0).values());
    lines.put("median", (x, b, i) -> x.median(1).values());
    lines.put("bernoulli", (x, b, i) -> x.bernoulli(new Generator(3)));
    lines.put("dropout", (x, b, i) -> x.dropout(0.3, new Generator(3)));
  }

  private void shapes() {
    lines.put("permute", (x, b, i) -> x.permute(1, 0));
    lines.put("transpose", (x, b, i) -> x.transpose(0, 1));
    lines.put("expand", (x, b, i) -> x.expand(2, -1, 4));
    lines.put("slice", (x, b, i) -> x.slice(1, 0, 4, 2).slice(0, 1, 3));
    lines.put("narrow", (x, b, i) -> x.narrow(1, 1, 2));
    lines.put("diagonal", (x, b, i) -> x.diagonal().add(x.diagonal(0, 1, 0)));
    lines.put("reshape", (x, b, i) -> x.reshape(2, -1));
    lines.put("flatten", (x, b, i) -> x.flatten().add(x.flatten(0, 1)));
    lines.put("cat", (x, b, i) -> Tensor.cat(0, x, b));
    lines.put("stack", (x, b, i) -> Tensor.stack(0, x, b));
    lines.put("repeat", (x, b, i) -> x.repeat(2, 1));
    lines.put("pad", (x, b, i) -> x.pad(1, 0, 1, 2, 0));
  }

  private void products() {
    lines.put("matmul", (x, b, i) -> x.matmul(b.t()));
    lines.put("mm", (x, b, i) -> x.mm(b.t()));
    lines.put("bmm", (x, b, i) -> x.unsqueeze(0).bmm(b.reshape(1, 4, 3)));
    lines.put("dot", (x, b, i) -> x.flatten().dot(b.flatten()));
    lines.put("outer", (x, b, i) -> x.flatten().outer(b.flatten()));
    lines.put("einsum", (x, b, i) -> Tensor.einsum("ij,kj->ik", x, b));
    lines.put("tensordot", (x, b, i) -> x.tensordot(b, new int[] {1}, new int[] {1}));
  }

  private void windows() {
    ConvOptions conv = ConvOptions.DEFAULT.padding(1);
    lines.put("conv1d", (x, b, i) -> image(x, 1, 3, 4).conv1d(image(b, 2, 3, 2), null, conv));
    lines.put("conv2d", (x, b, i) -> image(x, 3, 1, 4).conv2d(image(b, 2, 3, 1, 2), null, conv));
    lines.put(
        "conv3d", (x, b, i) -> image(x, 3, 1, 1, 4).conv3d(image(b, 2, 3, 1, 1, 2), null, conv));
    ConvOptions t = ConvOptions.DEFAULT;
    lines.put(
        "convTranspose1d", (x, b, i) -> image(x, 3, 4).convTranspose1d(image(b, 3, 2, 2), null, t));
    lines.put(
        "convTranspose2d",
        (x, b, i) -> image(x, 3, 1, 4).convTranspose2d(image(b, 3, 2, 1, 2), null, t));
    lines.put(
        "convTranspose3d",
        (x, b, i) -> image(x, 3, 1, 1, 4).convTranspose3d(image(b, 3, 2, 1, 1, 2), null, t));
    PoolOptions two = PoolOptions.of(2);
    lines.put("maxPool1d", (x, b, i) -> x.maxPool1d(two));
    lines.put("maxPool2d", (x, b, i) -> image(x, 1, 3, 4).maxPool2d(two));
    lines.put("maxPool3d", (x, b, i) -> image(x, 1, 2, 2, 3).maxPool3d(two));
    lines.put("maxPool1dWithIndices", (x, b, i) -> x.maxPool1dWithIndices(two)[0]);
    lines.put("maxPool2dWithIndices", (x, b, i) -> image(x, 1, 3, 4).maxPool2dWithIndices(two)[0]);
    lines.put(
        "maxPool3dWithIndices", (x, b, i) -> image(x, 1, 2, 2, 3).maxPool3dWithIndices(two)[0]);
    lines.put("avgPool1d", (x, b, i) -> x.avgPool1d(two));
    lines.put("avgPool2d", (x, b, i) -> image(x, 1, 3, 4).avgPool2d(two));
    lines.put("avgPool3d", (x, b, i) -> image(x, 1, 2, 2, 3).avgPool3d(two));
    lines.put("lpPool1d", (x, b, i) -> x.lpPool1d(3, two));
    lines.put("lpPool2d", (x, b, i) -> image(x, 1, 3, 4).lpPool2d(3, two));
    lines.put("lpPool3d", (x, b, i) -> image(x, 1, 2, 2, 3).lpPool3d(3, two));
    lines.put("adaptiveAvgPool2d", (x, b, i) -> image(x, 1, 3, 4).adaptiveAvgPool2d(2));
    lines.put("adaptiveAvgPool3d", (x, b, i) -> image(x, 1, 2, 2, 3).adaptiveAvgPool3d(2));
    lines.put("adaptiveMaxPool2d", (x, b, i) -> image(x, 1, 3, 4).adaptiveMaxPool2d(2));
    lines.put("adaptiveMaxPool3d", (x, b, i) -> image(x, 1, 2, 2, 3).adaptiveMaxPool3d(2));
    lines.put(
        "adaptiveMaxPool2dWithIndices",
        (x, b, i) -> image(x, 1, 3, 4).adaptiveMaxPool2dWithIndices(2)[0]);
    lines.put(
        "adaptiveMaxPool3dWithIndices",
        (x, b, i) -> image(x, 1, 2, 2, 3).adaptiveMaxPool3dWithIndices(2)[0]);
    lines.put(
        "interpolate",
        (x, b, i) ->
            image(x, 1, 1, 3, 4)
                .interpolate(ResizeOptions.LINEAR, 5, 2)
                .interpolate(ResizeOptions.NEAREST, 2.0, 2.0));
    lines.put(
        "scaledDotProductAttention",
        (x, b, i) ->
            x.scaledDotProductAttention(b, x.mul(b))
                .add(x.scaledDotProductAttention(b, b, null, true, 0.5, false)));
  }
}
