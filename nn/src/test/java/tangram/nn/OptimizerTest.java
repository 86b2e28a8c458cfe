package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.op.LinearOp;

class OptimizerTest {
  private static final double RATE = 0.01;

  private final Device device = Devices.get("reference");

  private static Map<String, Tensor> parameters(Device device) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("w", device.tensor(new double[] {1, -2, 0.5}).requireGrad());
    parameters.put("b", device.tensor(new double[] {0.3}).requireGrad());
    return parameters;
  }

  private static void backward(Device device, Map<String, Tensor> parameters, int step) {
    Tensor w = parameters.get("w");
    Tensor b = parameters.get("b");
    try (Scope scope = Scope.open()) {
      Tensor c = device.tensor(new double[] {1, 0.2, -3});
      Tensor error = w.mul(c).sum().sub(1).add(b.sin().sum());
      Tensor loss = error.square().add(w.pow(4).sum().mul(0.1));
      loss.add(w.mul(b).mul(step % 3).sum().tanh()).backward();
    }
  }

  private static double[] values(Map<String, Tensor> parameters) {
    double[] w = parameters.get("w").toDoubles();
    return new double[] {w[0], w[1], w[2], parameters.get("b").item()};
  }

  private static double[] train(
      Device device,
      Function<Map<String, Tensor>, Optimizer> make,
      Consumer<Map<String, Tensor>> clip) {
    Map<String, Tensor> parameters = parameters(device);
    Optimizer optimizer = make.apply(parameters);
    for (int t = 0; t < 100; t++) {
      optimizer.zeroGrad();
      backward(device, parameters, t);
      clip.accept(parameters);
      optimizer.step();
    }
    return values(parameters);
  }

  /** 100 steps as PyTorch takes them; in single precision on the vector device. */
  private static void check(String name, Function<Map<String, Tensor>, Optimizer> make) {
    check(name, make, parameters -> {});
  }

  private static void check(
      String name,
      Function<Map<String, Tensor>, Optimizer> make,
      Consumer<Map<String, Tensor>> clip) {
    double[] expected = TorchNumbers.of(name);
    assertArrayEquals(expected, train(Devices.get("reference"), make, clip), 1e-11, name);
    assertArrayEquals(expected, train(Devices.get("vector"), make, clip), 1e-4, name);
  }

  @Test
  void sgdAsInPyTorch() {
    check("sgd", p -> new Sgd(p, RATE));
    check("momentum", p -> new Sgd(p, RATE).momentum(0.9).weightDecay(0.01));
    check("dampening", p -> new Sgd(p, RATE).momentum(0.8).dampening(0.3).weightDecay(0.01));
    check("nesterov", p -> new Sgd(p, RATE).momentum(0.9).nesterov(true).weightDecay(0.01));
  }

  @Test
  void clippedByNormAsInPyTorch() {
    check("clipped", p -> new Sgd(p, 0.05), p -> Gradients.clipNorm(p, 0.5));
  }

  @Test
  void adamAsInPyTorch() {
    check("adam", p -> new Adam(p, 0.02).weightDecay(0.1));
    check("adamW", p -> new AdamW(p, 0.02));
    check("adamW, options", p -> new AdamW(p, 0.02).weightDecay(0.1).betas(0.8, 0.95).eps(1e-3));
  }

  @Test
  void rmsPropAsInPyTorch() {
    check("rmsProp", p -> new RmsProp(p, RATE));
    check(
        "rmsProp, options",
        p ->
            new RmsProp(p, RATE)
                .alpha(0.9)
                .eps(1e-4)
                .weightDecay(0.05)
                .momentum(0.5)
                .centered(true));
  }

  @Test
  void adagradAsInPyTorch() {
    check("adagrad", p -> new Adagrad(p, 0.1));
    check(
        "adagrad, options",
        p ->
            new Adagrad(p, 0.1)
                .learningRateDecay(0.05)
                .weightDecay(0.1)
                .initialAccumulatorValue(0.2)
                .eps(1e-5));
  }

  @Test
  void groupsAsInPyTorch() {
    check(
        "groups",
        p ->
            Optimizer.of(
                new AdamW(Map.of("w", p.get("w")), 0.02).weightDecay(0.1),
                new AdamW(Map.of("b", p.get("b")), 0.004).weightDecay(0)));
  }

  /** Two steps by hand: gradients 1 and then -3, from w = 1. */
  @Test
  void lionMovesByTheSignOfAMean() {
    Tensor w = device.tensor(new double[] {1}).requireGrad();
    Lion lion = new Lion(Map.of("w", w), 0.1).betas(0.75, 0.5).weightDecay(0.2);
    double[] factors = {1, -3};
    // 1 - 0.1 (1 + 0.2 * 1) = 0.88, m = 0.5; sign(0.75 * 0.5 - 0.25 * 3) = -1.
    double[] expected = {0.88, 0.88 - 0.1 * (-1 + 0.2 * 0.88)};
    for (int t = 0; t < 2; t++) {
      lion.zeroGrad();
      try (Scope scope = Scope.open()) {
        w.mul(factors[t]).sum().backward();
      }
      lion.step();
      assertEquals(expected[t], w.item(), 1e-12);
    }
    assertEquals(0.5 * 0.5 - 3 * 0.5, lion.state().get("w.expAvg").item(), 1e-12);
  }

  @Test
  void aTensorOfTwoNamesIsTrainedOnce() {
    Tensor w = device.tensor(new double[] {1}).requireGrad();
    Map<String, Tensor> names = new LinkedHashMap<>();
    names.put("tokens", w);
    names.put("head", w);
    Sgd sgd = new Sgd(names, 0.1).momentum(0.9);
    w.square().sum().backward();
    sgd.step();
    assertEquals(1 - 0.1 * 2, w.item(), 1e-12);
    assertEquals(Set.of("tokens"), sgd.state().keySet());
  }

  /** A leaf that occurs twice, and small and large ones, have the sums of their gradients. */
  @Test
  void gradientsOfLeavesAddUp() {
    Tensor small = device.ones(3).requireGrad();
    Tensor large = device.ones(600_000).requireGrad();
    for (int pass = 1; pass <= 2; pass++) {
      try (Scope scope = Scope.open()) {
        Tensor twice = small.mul(2).add(small).sum();
        twice.add(large.mul(3).sum()).add(small.sum()).backward();
      }
      assertArrayEquals(
          new double[] {4 * pass, 4 * pass, 4 * pass}, small.grad().toDoubles(), 1e-12);
      assertEquals(3 * pass, large.grad().max().item(), 1e-12);
      assertEquals(3 * pass, large.grad().min().item(), 1e-12);
    }
    Tensor.zeroGrad(List.of(small, large));
    assertEquals(0, small.grad().abs().sum().item() + large.grad().abs().sum().item());
  }

  /** A new optimiser with the state of another goes on as that does. */
  @Test
  void stateIsAllThatAnOptimizerCarries() {
    checkState((p, rate) -> new Sgd(p, rate).momentum(0.9).dampening(0.5));
    checkState(Adam::new);
    checkState(AdamW::new);
    checkState((p, rate) -> new RmsProp(p, rate).momentum(0.5).centered(true));
    checkState((p, rate) -> new Adagrad(p, rate).learningRateDecay(0.1));
    checkState(Lion::new);
    checkState(
        (p, rate) ->
            Optimizer.of(
                new Adam(Map.of("w", p.get("w")), rate),
                new Lion(Map.of("b", p.get("b")), rate / 10)));
  }

  private void checkState(BiFunction<Map<String, Tensor>, Double, Optimizer> make) {
    Map<String, Tensor> first = parameters(device);
    Optimizer optimizer = make.apply(first, RATE);
    step(optimizer, first, 0);
    step(optimizer, first, 1);
    Map<String, Tensor> second = parameters(device);
    Optimizer other = make.apply(second, RATE);
    assertEquals(optimizer.state().keySet(), other.state().keySet());
    optimizer.state().forEach((name, tensor) -> other.state().get(name).copyFrom(tensor));
    first.forEach((name, tensor) -> second.get(name).copyFrom(tensor));
    step(optimizer, first, 2);
    step(other, second, 2);
    assertArrayEquals(values(first), values(second));
  }

  private void step(Optimizer optimizer, Map<String, Tensor> parameters, int t) {
    optimizer.zeroGrad();
    backward(device, parameters, t);
    optimizer.step();
  }

  @Test
  void learningRatesOfGroupsKeepTheirRatio() {
    Map<String, Tensor> p = parameters(device);
    Optimizer first = new Sgd(Map.of("w", p.get("w")), 0.1);
    Optimizer second = new Sgd(Map.of("b", p.get("b")), 0.02);
    Optimizer both = Optimizer.of(first, second);
    both.setLearningRate(0.05);
    assertEquals(0.05, both.learningRate());
    assertEquals(0.05, first.learningRate());
    assertEquals(0.01, second.learningRate(), 1e-15);
    assertThrows(IllegalArgumentException.class, () -> Optimizer.of(first, first));
    assertThrows(IllegalArgumentException.class, Optimizer::of);
  }

  @Test
  void gradientsAreCutToAValue() {
    Map<String, Tensor> p = parameters(device);
    backward(device, p, 0);
    double[] before = p.get("w").grad().toDoubles();
    Gradients.clipValue(p, 1);
    double[] after = p.get("w").grad().toDoubles();
    for (int i = 0; i < before.length; i++) {
      assertEquals(Math.clamp(before[i], -1, 1), after[i]);
    }
    assertTrue(Math.abs(before[2]) > 1);
  }

  @Test
  void theNormOfGradientsIsReturned() {
    Map<String, Tensor> p = parameters(device);
    assertThrows(IllegalStateException.class, () -> Gradients.clipNorm(p, 1));
    backward(device, p, 0);
    double sum = 0;
    for (Tensor t : p.values()) {
      for (double g : t.grad().toDoubles()) {
        sum += g * g;
      }
    }
    double[] before = p.get("w").grad().toDoubles();
    assertEquals(Math.sqrt(sum), Gradients.clipNorm(p, 1e6).item(), 1e-12);
    assertArrayEquals(before, p.get("w").grad().toDoubles());
  }

  @Test
  void parametersWithoutGradientStayAsTheyAre() {
    Tensor w = device.tensor(new double[] {1}, 1).requireGrad();
    Sgd sgd = new Sgd(Map.of("w", w), 0.1).momentum(0.5).weightDecay(0.1);
    sgd.step();
    assertEquals(1, w.item());
  }

  @Test
  void impossibleOptionsAreRefused() {
    Map<String, Tensor> p = parameters(device);
    Sgd sgd = new Sgd(p, 0.1);
    for (double rate : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> sgd.setLearningRate(rate));
      assertThrows(IllegalArgumentException.class, () -> new Sgd(p, rate));
      assertThrows(IllegalArgumentException.class, () -> sgd.weightDecay(rate));
    }
    assertThrows(IllegalArgumentException.class, () -> sgd.momentum(-0.1));
    assertThrows(IllegalArgumentException.class, () -> new Adam(p, 0.1).betas(0.9, 1));
    assertThrows(IllegalArgumentException.class, () -> new Sgd(Map.of(), 0.1));
    assertThrows(IllegalStateException.class, () -> new Sgd(p, 0.1).nesterov(true).step());
    sgd.step();
    assertThrows(IllegalStateException.class, () -> sgd.momentum(0.9));
  }

  /** The derivative of y = w x reads w, which a step overwrites. */
  @Test
  void aStepBetweenForwardAndBackwardIsNoticed() {
    try (Scope scope = Scope.open()) {
      Tensor w = device.tensor(new double[] {3}, 1, 1).requireGrad();
      Tensor x = device.tensor(new double[] {2}, 1, 1).requireGrad();
      Sgd sgd = new Sgd(Map.of("w", w), 0.1);
      LinearOp.linear(x, w, null).sum().backward();
      Tensor y = LinearOp.linear(x, w, null);
      sgd.step();
      String message =
          assertThrows(IllegalStateException.class, () -> y.sum().backward()).getMessage();
      assertTrue(message.contains("backward() of linear") && message.contains("'weight'"), message);
    }
  }
}
