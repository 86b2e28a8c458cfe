package tangram.onnx.op;

import java.util.Arrays;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Generator;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.RandomOp;

/** Random numbers: by the seed of an operator, or other ones at each call. */
final class Randoms {
  private Randoms() {}

  static void register(Operators table) {
    table.one("RandomNormal", c -> normal(c, c.attrInts("shape"), type(c, ElementType.FLOAT)));
    table.one("RandomUniform", c -> uniform(c, c.attrInts("shape"), type(c, ElementType.FLOAT)));
    table.one("RandomNormalLike", c -> normal(c, c.in(0).dims(), type(c, c.type(0))));
    table.one("RandomUniformLike", c -> uniform(c, c.in(0).dims(), type(c, c.type(0))));
    table.one("Bernoulli", Randoms::bernoulli);
    table.one("Multinomial", Randoms::multinomial);
    table.put("Dropout", Randoms::dropout);
  }

  private static ElementType type(Call c, ElementType otherwise) {
    return c.attrElement("dtype", otherwise);
  }

  private static Generator generator(Call c) {
    return c.session().generator(c.seed());
  }

  private static Device device(Call c) {
    return c.session().home(ElementType.FLOAT);
  }

  private static OnnxTensor of(Call c, ElementType type, Tensor x) {
    if (!type.isReal()) {
      throw c.refuse("random numbers are real, not of type " + type);
    }
    return c.result(type, x.device().has(type.storage()) ? x : x.to(c.host()));
  }

  private static OnnxTensor normal(Call c, int[] dims, ElementType type) {
    Tensor x = RandomOp.normal(device(c), generator(c), DType.F32, Shape.of(dims));
    return of(c, type, x.mul(c.attr("scale", 1.0)).add(c.attr("mean", 0.0)));
  }

  private static OnnxTensor uniform(Call c, int[] dims, ElementType type) {
    double low = c.attr("low", 0.0);
    double high = c.attr("high", 1.0);
    Tensor x = RandomOp.uniform(device(c), generator(c), DType.F32, Shape.of(dims));
    return of(c, type, x.mul(high - low).add(low));
  }

  private static OnnxTensor bernoulli(Call c) {
    ElementType type = type(c, c.type(0));
    Tensor p = c.real(0);
    Tensor drawn =
        RandomOp.uniform(p.device(), generator(c), DType.F32, p.shape()).lt(p.to(DType.F32));
    if (type == ElementType.BOOL) {
      return c.result(type, drawn);
    }
    return Casting.ofDoubles(
        c, type, new OnnxTensor(ElementType.BOOL, drawn).doubles(), p.shape().dims());
  }

  /** Classes by their logarithms of probabilities, [N, classes]. */
  private static OnnxTensor multinomial(Call c) {
    ElementType type = type(c, ElementType.INT32);
    int count = (int) c.attr("sample_size", 1);
    Tensor p = c.real(0).to(c.host()).softmax(1);
    int n = p.dim(0);
    int classes = p.dim(1);
    double[] sums = p.cumsum(1).toDoubles();
    double[] drawn =
        RandomOp.uniform(c.host(), generator(c), DType.F32, Shape.of(n, count)).toDoubles();
    long[] result = new long[n * count];
    for (int i = 0; i < result.length; i++) {
      int row = i / count;
      int k = 0;
      while (k < classes - 1 && drawn[i] >= sums[row * classes + k]) {
        k++;
      }
      result[i] = k;
    }
    return c.result(type, result, n, count);
  }

  private static OnnxData[] dropout(Call c) {
    Tensor x = c.real(0);
    double ratio = c.version() < 12 ? 0 : c.number(1, 0.5);
    boolean training = c.version() >= 12 && c.has(2) && c.longs(2)[0] != 0;
    if (c.version() < 7 && c.attr("is_test", 0) == 0) {
      throw c.refuse("it trains, as later versions do");
    }
    ElementType kind = c.version() < 10 ? c.type(0) : ElementType.BOOL;
    int[] dims = x.shape().dims();
    if (!training || ratio == 0) {
      double[] ones = new double[c.wants(1) ? x.size() : 0];
      Arrays.fill(ones, 1);
      OnnxTensor mask = c.wants(1) ? Casting.ofDoubles(c, kind, ones, dims) : null;
      return new OnnxData[] {c.in(0), mask};
    }
    Tensor kept = RandomOp.uniform(x.device(), generator(c), DType.F32, x.shape()).ge(ratio);
    Tensor y = x.mul(kept.to(x.type())).mul(ratio < 1 ? 1 / (1 - ratio) : 0);
    return new OnnxData[] {c.like(0, y), c.result(kind, kept)};
  }
}
