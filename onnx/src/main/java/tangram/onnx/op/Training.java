package tangram.onnx.op;

import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.Tensor;

/** Steps of optimisers: a rate, a count, then all variables, all gradients, all states. */
final class Training {
  private Training() {}

  static void register(Operators table) {
    table.put("ai.onnx.preview.training.Adagrad", c -> each(c, 1, Training::adagrad));
    table.put("ai.onnx.preview.training.Adam", c -> each(c, 2, Training::adam));
    table.put("ai.onnx.preview.training.Momentum", c -> each(c, 1, Training::momentum));
  }

  /** A variable, its gradient and its states become the variable and its states. */
  private interface Step {
    Tensor[] of(Call c, double rate, double count, Tensor... x);
  }

  private static OnnxData[] each(Call c, int states, Step step) {
    int n = (c.count() - 2) / (2 + states);
    OnnxData[] results = new OnnxData[n * (1 + states)];
    for (int i = 0; i < n; i++) {
      Tensor[] x = new Tensor[2 + states];
      for (int k = 0; k < x.length; k++) {
        x[k] = c.real(2 + k * n + i);
      }
      Tensor[] y = step.of(c, c.number(0), c.number(1), x);
      for (int k = 0; k < y.length; k++) {
        OnnxTensor result = c.like(2 + i, y[k]);
        results[k * n + i] = result;
      }
    }
    return results;
  }

  /** The gradient with that of half the squared norm of the variable. */
  private static Tensor regularised(Call c, Tensor[] x) {
    return x[1].add(x[0].mul(c.attr("norm_coefficient", 0.0)));
  }

  private static Tensor[] adagrad(Call c, double rate, double count, Tensor... x) {
    Tensor g = regularised(c, x);
    Tensor h = x[2].add(g.square());
    double r = rate / (1 + count * c.attr("decay_factor", 0.0));
    Tensor y = x[0].sub(g.mul(r).div(h.sqrt().add(c.attr("epsilon", 1e-6))));
    return new Tensor[] {y, h};
  }

  private static Tensor[] adam(Call c, double rate, double count, Tensor... x) {
    double alpha = c.attr("alpha", (double) 0.9f);
    double beta = c.attr("beta", (double) 0.999f);
    Tensor g = regularised(c, x);
    Tensor v = x[2].mul(alpha).add(g.mul(1 - alpha));
    Tensor h = x[3].mul(beta).add(g.square().mul(1 - beta));
    double r =
        count > 0
            ? rate * Math.sqrt(1 - Math.pow(beta, count)) / (1 - Math.pow(alpha, count))
            : rate;
    Tensor y = x[0].sub(v.mul(r).div(h.sqrt().add(c.attr("epsilon", 1e-6))));
    return new Tensor[] {y.mul(1 - c.attr("norm_coefficient_post", 0.0)), v, h};
  }

  private static Tensor[] momentum(Call c, double rate, double count, Tensor... x) {
    double alpha = c.attr("alpha", 0.0);
    double beta = count > 0 ? c.attr("beta", 0.0) : 1;
    Tensor g = regularised(c, x);
    Tensor v = x[2].mul(alpha).add(g.mul(beta));
    Tensor direction =
        switch (c.attr("mode", "")) {
          case "standard" -> v;
          case "nesterov" -> g.add(v.mul(alpha));
          default -> throw c.refuse("mode is standard or nesterov");
        };
    return new Tensor[] {x[0].sub(direction.mul(rate)), v};
  }
}
