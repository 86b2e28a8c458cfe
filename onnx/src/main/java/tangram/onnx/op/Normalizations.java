package tangram.onnx.op;

import java.util.Arrays;
import java.util.stream.IntStream;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.NormOp;

/** Normalisation by means, variances and norms. */
final class Normalizations {
  private Normalizations() {}

  static void register(Operators table) {
    table.put("BatchNormalization", Normalizations::batch);
    table.one(
        "InstanceNormalization",
        c -> {
          Tensor[] x = c.together(c.real(0), c.real(1), c.real(2));
          return c.like(0, NormOp.instanceNorm(x[0], x[1], x[2], c.attr("epsilon", 1e-5)));
        });
    table.put("LayerNormalization", Normalizations::layer);
    table.one("GroupNormalization", Normalizations::group);
    table.one("RMSNormalization", Normalizations::rootMeanSquare);
    table.one("LRN", Normalizations::response);
    table.one("LpNormalization", Normalizations::norm);
    table.one("MeanVarianceNormalization", Normalizations::meanVariance);
  }

  /** A vector as long as the channels, beside [N, C, ...]. */
  private static Tensor channels(Tensor vector, int rank) {
    int[] dims = new int[Math.max(1, rank - 1)];
    Arrays.fill(dims, 1);
    dims[0] = vector.size();
    return vector.reshape(dims);
  }

  private static OnnxData[] batch(Call c) {
    if (c.attr("spatial", 1) == 0) {
      throw c.refuse("attribute spatial is 0");
    }
    double eps = c.attr("epsilon", 1e-5);
    Tensor[] x = c.together(c.real(0), c.real(1), c.real(2), c.real(3), c.real(4));
    for (int i = 1; i < 5; i++) {
      x[i] = x[i].to(x[0].type());
    }
    boolean training =
        c.version() >= 14
            ? c.flag("training_mode")
            : c.version() >= 7
                ? c.outputCount() > 1
                : c.attr("is_test", 0) == 0 && c.outputCount() > 1;
    int rank = x[0].shape().rank();
    if (!training) {
      Tensor y = NormOp.batchNormInference(x[0], null, x[1], x[2], x[3], x[4], eps, false);
      return new OnnxData[] {c.like(0, y)};
    }
    if (c.version() < 14) {
      throw c.refuse("it trains, as later versions do");
    }
    int[] axes = IntStream.range(0, rank).filter(d -> d != 1).toArray();
    Tensor mean = x[0].mean(axes, true);
    Tensor var = x[0].sub(mean).square().mean(axes, true);
    Tensor y =
        x[0].sub(mean)
            .mul(var.add(eps).rsqrt())
            .mul(channels(x[1], rank))
            .add(channels(x[2], rank));
    double momentum = c.attr("momentum", 0.9);
    int n = x[1].size();
    return new OnnxData[] {
      c.like(0, y),
      c.like(3, x[3].mul(momentum).add(mean.reshape(n).mul(1 - momentum))),
      c.like(4, x[4].mul(momentum).add(var.reshape(n).mul(1 - momentum)))
    };
  }

  private static int[] last(Call c, Tensor x) {
    int rank = x.shape().rank();
    int axis = c.axis(c.attr("axis", -1), rank);
    return IntStream.range(axis, rank).toArray();
  }

  private static Shape shape(Tensor x, int[] axes) {
    return Shape.of(Arrays.stream(axes).map(x::dim).toArray());
  }

  private static OnnxData[] layer(Call c) {
    Tensor[] x = c.together(c.real(0), c.real(1), c.real(2));
    int[] axes = last(c, x[0]);
    double eps = c.attr("epsilon", 1e-5);
    Shape shape = shape(x[0], axes);
    boolean plain = x[1].shape().equals(shape) && (x[2] == null || x[2].shape().equals(shape));
    if (plain && c.outputCount() == 1) {
      return new OnnxData[] {c.like(0, NormOp.layerNorm(x[0], shape, x[1], x[2], eps))};
    }
    Tensor mean = x[0].mean(axes, true);
    Tensor d = x[0].sub(mean);
    Tensor inverse = d.square().mean(axes, true).add(eps).rsqrt();
    Tensor y = d.mul(inverse).mul(x[1]);
    ElementType stash = c.attrElement("stash_type", ElementType.FLOAT);
    return new OnnxData[] {
      c.like(0, x[2] == null ? y : y.add(x[2])), c.result(stash, mean), c.result(stash, inverse)
    };
  }

  private static OnnxTensor group(Call c) {
    Tensor[] x = c.together(c.real(0), c.real(1), c.real(2));
    int groups = c.attr("num_groups");
    int channels = x[0].dim(1);
    if (c.version() < 21) {
      for (int i = 1; i < 3; i++) {
        // One for each group.
        x[i] = x[i].reshape(groups, 1).expand(groups, channels / groups).reshape(channels);
      }
    }
    return c.like(0, NormOp.groupNorm(x[0], groups, x[1], x[2], c.attr("epsilon", 1e-5)));
  }

  private static OnnxTensor rootMeanSquare(Call c) {
    Tensor[] x = c.together(c.real(0), c.real(1));
    int[] axes = last(c, x[0]);
    Shape shape = shape(x[0], axes);
    boolean plain = x[1].shape().equals(shape);
    Tensor y = NormOp.rmsNorm(x[0], shape, plain ? x[1] : null, c.attr("epsilon", 1e-5));
    return c.like(0, plain ? y : y.mul(x[1]));
  }

  /** Division by what the neighbouring channels add up to. */
  private static OnnxTensor response(Call c) {
    Tensor x = c.real(0);
    int size = c.attr("size");
    int rank = x.shape().rank();
    int[] before = new int[rank];
    int[] after = new int[rank];
    before[1] = (size - 1) / 2;
    after[1] = size - 1 - before[1];
    Tensor squares = Padding.constant(x.square(), before, after, 0);
    Tensor sum = null;
    for (int i = 0; i < size; i++) {
      Tensor part = squares.narrow(1, i, x.dim(1));
      sum = sum == null ? part : sum.add(part);
    }
    double alpha = c.attr("alpha", 1e-4);
    Tensor base = sum.mul(alpha / size).add(c.attr("bias", 1.0));
    return c.like(0, x.div(base.pow(c.attr("beta", 0.75))));
  }

  private static OnnxTensor norm(Call c) {
    Tensor x = c.real(0);
    int axis = c.axis(c.attr("axis", -1), x.shape().rank());
    long p = c.attr("p", 2);
    int[] axes = {axis};
    Tensor sum =
        switch ((int) p) {
          case 1 -> x.abs().sum(axes, true);
          case 2 -> x.square().sum(axes, true);
          default -> throw c.refuse("attribute p is 1 or 2, not " + p);
        };
    // Of a norm of 0 the result is 0, and no root is taken.
    Tensor safe = sum.add(sum.eq(0).to(sum.type()));
    return c.like(0, x.div(p == 2 ? safe.sqrt() : safe));
  }

  private static OnnxTensor meanVariance(Call c) {
    Tensor x = c.real(0);
    int[] axes = c.axes(c.axesOr("axes", 0, 2, 3), x.shape().rank());
    Tensor d = x.sub(x.mean(axes, true));
    return c.like(0, d.div(d.square().mean(axes, true).sqrt().add(1e-9)));
  }
}
