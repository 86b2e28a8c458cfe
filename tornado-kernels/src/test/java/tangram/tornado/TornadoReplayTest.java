package tangram.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static tangram.tensor.op.LinearOp.linear;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Replay;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.expr.Formula;
import tangram.tensor.op.MapOp;

/** Recorded work gives what the same work gives as it comes. */
class TornadoReplayTest {
  private static final int RUNS = 6;
  private static final Formula VELOCITY =
      Formula.of(3, 2, (x, p) -> p[0].mul(x[0]).add(x[1].add(p[1].mul(x[2]))));
  private static final Formula WEIGHT = Formula.of(3, x -> x[0].sub(x[2].mul(x[1])));

  private final Device device = Devices.get("tornado");

  /** Losses of a few steps of gradient descent on other inputs each, and the weights at the end. */
  private List<float[]> train(Device on, String name) {
    List<float[]> results = new ArrayList<>();
    Replay replay = on.replay(name);
    try (Scope scope = Scope.open()) {
      Tensor x = on.empty(5, 3);
      Tensor w = on.tensor(new float[] {.1f, -.2f, .3f, .4f, .5f, -.6f}, 2, 3).requireGrad();
      Tensor momentum = on.zeros(2, 3);
      Tensor rate = on.scalar(0.01);
      Tensor loss = on.zeros(1);
      for (int run = 0; run < RUNS; run++) {
        float[] input = new float[15];
        for (int i = 0; i < input.length; i++) {
          input[i] = (float) Math.sin(run * 7 + i);
        }
        x.copyFrom(input, 0);
        replay.begin();
        try (Scope pass = Scope.open()) {
          Tensor[] made = new Tensor[1];
          replay.section(
              () -> {
                w.zeroGrad();
                made[0] = linear(x, w, null).relu().sum();
                loss.copyFrom(made[0].view(loss.shape()));
              });
          // What is made between the sections must not be overwritten by repeating them.
          Tensor between = on.full(run, 1000);
          replay.section(
              () -> {
                made[0].backward();
                MapOp.into(momentum, VELOCITY, new double[] {0.9, 0.1}, momentum, w.grad(), w);
                MapOp.into(w, WEIGHT, new double[0], w, momentum, rate);
              });
          assertEquals(run, between.toFloats()[999]);
        }
        results.add(loss.toFloats());
      }
      results.add(w.toFloats());
    }
    return results;
  }

  @Test
  void recordedStepsAreTheSame() {
    List<float[]> expected = train(Devices.get("vector"), "steps");
    List<float[]> actual = train(device, "steps");
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), 1e-6f, "result " + i);
    }
  }

  @Test
  void recordingsOfTheSameNameAreApart() {
    Replay[] replays = {device.replay("same"), device.replay("same")};
    try (Scope scope = Scope.open()) {
      Tensor[] counts = {device.zeros(3), device.zeros(3)};
      for (int run = 0; run < RUNS; run++) {
        for (int i = 0; i < 2; i++) {
          Tensor count = counts[i];
          double step = i + 1;
          replays[i].begin();
          replays[i].section(() -> count.copyFrom(count.add(step)));
        }
      }
      assertArrayEquals(new float[] {RUNS, RUNS, RUNS}, counts[0].toFloats());
      assertArrayEquals(new float[] {2 * RUNS, 2 * RUNS, 2 * RUNS}, counts[1].toFloats());
    }
  }

  @Test
  void recordedWorkDoesNotTalkToTheHost() {
    Replay replay = device.replay("talking");
    try (Scope scope = Scope.open()) {
      Tensor x = device.zeros(4);
      replay.begin();
      replay.section(() -> assertEquals(4, x.toFloats().length));
      replay.begin();
      Exception e =
          assertThrows(IllegalStateException.class, () -> replay.section(() -> x.toFloats()));
      assertTrue(e.getMessage().contains("host"), e.getMessage());
      // The device is usable afterwards.
      assertArrayEquals(new float[4], x.toFloats());
    }
  }

  @Test
  void recordedWorkDrawsNoRandomNumbers() {
    Replay replay = device.replay("drawing");
    try (Scope scope = Scope.open()) {
      Tensor x = device.ones(4);
      Generator generator = new Generator(1);
      replay.begin();
      replay.section(() -> x.dropout(0.5, generator));
      replay.begin();
      Exception e =
          assertThrows(
              IllegalStateException.class, () -> replay.section(() -> x.dropout(0.5, generator)));
      assertTrue(e.getMessage().contains("the same at every run"), e.getMessage());
      assertArrayEquals(new float[] {1, 1, 1, 1}, x.toFloats());
    }
  }

  @Test
  void memoryGrowsAndKeepsWhatItHolds() {
    try (Scope scope = Scope.open()) {
      Tensor small = device.tensor(new float[] {1, 2, 3}, 3);
      Tensor large = device.full(5, 3 << 20);
      assertArrayEquals(new float[] {1, 2, 3}, small.toFloats());
      assertEquals(5, large.toFloats()[large.size() - 1]);
    }
  }
}
