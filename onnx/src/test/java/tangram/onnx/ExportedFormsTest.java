package tangram.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.BatchNorm2d;
import tangram.nn.Conv2d;
import tangram.nn.Init;
import tangram.nn.Module;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOptions;
import tangram.tensor.reference.ReferenceDevice;

/**
 * Operations and arithmetic of sizes in which every dimension but that of channels is free, and
 * operations in every type: written as ONNX, they compute the same for sizes that the writer never
 * saw, read again and in ONNX Runtime.
 */
class ExportedFormsTest {
  private static final Device DEVICE = new ReferenceDevice();

  @TempDir private Path folder;

  /** Some layers, as if trained. */
  private static final class Layers extends Module {
    final Conv2d strided;
    final Conv2d same;
    final BatchNorm2d norm;

    Layers() {
      Init init = new Init(DEVICE, 4);
      strided =
          child("strided", new Conv2d(init, 3, 5, 5, ConvOptions.DEFAULT.stride(2).padding(1)));
      same = child("same", new Conv2d(init, 3, 3, 1, ConvOptions.DEFAULT, false));
      norm = child("norm", new BatchNorm2d(init, 3));
      Generator generator = new Generator(7);
      for (Tensor t : norm.state().values()) {
        if (t.type().isReal()) {
          t.copyFrom(DEVICE.rand(generator, t.shape().dims()).add(0.5));
        }
      }
      train(false);
    }
  }

  private final Layers layers = new Layers();

  private Map<String, UnaryOperator<Tensor>> forms() {
    Map<String, UnaryOperator<Tensor>> forms = new LinkedHashMap<>();
    forms.put("convolution with bias, stride 2", layers.strided::forward);
    forms.put("batch norm alone", layers.norm::forward);
    forms.put(
        "batch norm, sum and ReLU", x -> layers.norm.forwardAddRelu(x, layers.same.forward(x)));
    forms.put("pooling 2, 2, 0", x -> x.maxPool2d(PoolOptions.of(2)));
    forms.put("pooling 3, 1, 1", x -> x.maxPool2d(PoolOptions.of(3).stride(1).padding(1)));
    forms.put("average pooling 3, 2, 1", x -> x.avgPool2d(PoolOptions.of(3).stride(2).padding(1)));
    forms.put("global pooling", x -> x.adaptiveAvgPool2d(1, 1).flatten(1, -1));
    forms.put("upsampling", x -> x.interpolate(ResizeOptions.NEAREST, 2.0, 2.0));
    forms.put("bilinear", x -> x.interpolate(ResizeOptions.LINEAR, 2.0, 2.0));
    forms.put("joined columns", x -> Tensor.cat(-1, x, layers.same.forward(x)));
    forms.put("joined images", x -> Tensor.cat(0, layers.same.forward(x), x));
    forms.put("rows of tokens", x -> x.flatten(2, -1).transpose(1, 2).softmax(-1));
    forms.put("sum of all but channels", x -> x.sum(0, 2, 3));
    forms.put(
        "mean and deviation",
        x -> x.sub(x.mean(new int[] {2, 3}, true)).div(x.std(2, 3).unsqueeze(-1).unsqueeze(-1)));
    forms.put("divided by the height", x -> x.div(x.dim(2)));
    forms.put("padded", x -> x.pad(0, 0, 0, 0, 0, 1, 2, 0, 1));
    forms.put("rolled by half", x -> x.roll(x.dim(3) / 2, 3));
    forms.put("first half of rows", x -> x.narrow(2, 0, x.dim(2) / 2));
    forms.put("last row", x -> x.select(2, -1));
    forms.put("second column to the end", x -> x.slice(3, 1, x.dim(3)));
    forms.put("every other row", x -> x.slice(2, 0, x.dim(2), 2));
    forms.put("turned round", x -> x.flip(2, 3));
    forms.put("half and half", x -> x.chunk(2, 2)[1].mul(2));
    forms.put("repeated", x -> x.repeat(1, 2, 1, 1));
    forms.put(
        "as many rows as columns", x -> x.select(1, 0).matmul(x.select(1, 1).transpose(1, 2)));
    forms.put("triangle", x -> x.matmul(x.transpose(2, 3)).tril(0));
    forms.put("counted", x -> x.gt(0.5).to(DType.F32).sum(2, 3));
    forms.put("positions", x -> x.add(DEVICE.arange(x.dim(3), DType.F32)));
    forms.put("largest", x -> x.argmax(1).to(DType.F32));
    forms.put("sorted", x -> x.sort(3, true).values());
    forms.put("best two", x -> x.topk(2, 1, true).values());
    forms.put("places of the best", x -> x.topk(2, 3, true).indices());
    forms.put("median", x -> x.median(1).values());
    forms.put("running sums", x -> x.cumsum(3));
    forms.put("gathered", x -> x.gather(1, x.argmax(1, true)));
    forms.put("one-hot", x -> x.argmax(1).oneHot(3));
    forms.put("blocks", x -> x.reshape(x.dim(0), 3, x.dim(2) / 2, 2, x.dim(3) / 2, 2).mean(3, 5));
    forms.put("einsum", x -> Tensor.einsum("nchw,ndhw->ncd", x, x));
    forms.put(
        "attention",
        x -> {
          Tensor tokens = x.flatten(2, -1).transpose(1, 2).unsqueeze(1);
          return tokens.scaledDotProductAttention(tokens, tokens, null, true, null, false);
        });
    return forms;
  }

  @TestFactory
  Stream<DynamicTest> anySize() {
    return forms().entrySet().stream()
        .map(f -> DynamicTest.dynamicTest(f.getKey(), () -> check(f.getValue())));
  }

  private void check(UnaryOperator<Tensor> form) {
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Tensor x = numbers(1, 3, 8, 8);
      int rank = form.apply(x).shape().rank();
      Path file = folder.resolve("form.onnx");
      new OnnxWriter(
              new OnnxValue("x", "", List.of("n", "3", "h", "w")),
              new OnnxValue("y", "", List.of("a", "b", "c", "d", "e").subList(0, rank)))
          .write("form", layers, t -> new Tensor[] {form.apply(t[0])}, file, x);
      Tensor other = numbers(2, 3, 10, 12);
      compare(file, other, form.apply(other), true);
    }
  }

  /** Of both signs: padding by zeros must lose against negative numbers. */
  private static Tensor numbers(int... dims) {
    return DEVICE.randn(new Generator(3), dims);
  }

  private static void compare(Path file, Tensor x, Tensor y, boolean judged) {
    Map<String, Tensor> given = Map.of("x", x);
    OnnxModule read = new OnnxModule(OnnxModel.read(file), DEVICE);
    OnnxRuntime.assertClose("read again", y, read.forward(given).get("y"), 1e-5);
    if (judged) {
      try (OnnxRuntime runtime = new OnnxRuntime(file)) {
        OnnxRuntime.assertClose("in ONNX Runtime", y, runtime.run(DEVICE, given).get("y"), 1e-5);
      }
    }
  }

  private static Map<String, UnaryOperator<Tensor>> typed() {
    Map<String, UnaryOperator<Tensor>> forms = new LinkedHashMap<>();
    forms.put("add", x -> x.add(x));
    forms.put("mul", x -> x.mul(3));
    forms.put("sub", x -> x.sub(1).mul(x));
    forms.put("div", x -> x.div(2));
    forms.put("floorDivide", x -> x.floorDivide(2));
    forms.put("remainder", x -> x.remainder(3));
    forms.put("abs", Tensor::abs);
    forms.put("square", Tensor::square);
    forms.put("clamp", x -> x.clamp(-1, 2));
    forms.put("compared", x -> x.gt(1));
    forms.put("chosen", x -> Tensor.where(x.lt(0), x.neg(), x));
    forms.put("sum", x -> x.sum(1));
    forms.put("max", x -> x.max(1));
    forms.put("prod", x -> x.prod(0));
    forms.put("argmin", x -> x.argmin(1));
    forms.put("sqrt", x -> x.abs().sqrt());
    forms.put("exp", Tensor::exp);
    forms.put("product", x -> x.matmul(x.t()));
    forms.put("softmax", x -> x.to(DType.F32).softmax(1));
    forms.put("joined", x -> Tensor.cat(0, x, x));
    forms.put("transposed", Tensor::t);
    forms.put("running sums", x -> x.cumsum(1));
    forms.put("sorted", x -> x.sort(1, false).values());
    forms.put("cast to I64", x -> x.to(DType.I64));
    forms.put("cast to F16", x -> x.to(DType.F16));
    forms.put("cast to BOOL", x -> x.to(DType.BOOL));
    return forms;
  }

  @TestFactory
  Stream<DynamicTest> anyType() {
    return Stream.of(DType.values())
        .flatMap(
            type ->
                typed().entrySet().stream()
                    .map(
                        f ->
                            DynamicTest.dynamicTest(
                                type + " " + f.getKey(), () -> check(type, f.getValue()))));
  }

  private void check(DType type, UnaryOperator<Tensor> form) {
    try (Scope scope = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Tensor x = numbers(3, 4).mul(4).to(type);
      Tensor y;
      try {
        y = form.apply(x);
      } catch (IllegalArgumentException e) {
        // Not an operation of this type.
        return;
      }
      if (y == x) {
        // A cast to the type that it has.
        return;
      }
      List<String> dims = Arrays.stream(y.shape().dims()).mapToObj(Integer::toString).toList();
      Path file = folder.resolve("typed.onnx");
      new OnnxWriter(new OnnxValue("x", "", List.of("3", "4")), new OnnxValue("y", "", dims))
          .write("typed", layers, t -> new Tensor[] {form.apply(t[0])}, file, x);
      OnnxModule read = new OnnxModule(OnnxModel.read(file), DEVICE);
      assertEquals(y.type(), read.forward(Map.of("x", x)).get("y").type());
      compare(file, x, y, false);
    }
  }
}
