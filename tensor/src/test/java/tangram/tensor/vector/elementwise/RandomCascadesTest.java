package tangram.tensor.vector.elementwise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.View;
import tangram.tensor.expr.Expr;
import tangram.tensor.kernel.Cascade;
import tangram.tensor.kernel.Reducer;
import tangram.tensor.vector.runtime.Parallel;

/** A cascade has one result: with any number of threads, and whether loops are generated or not. */
class RandomCascadesTest {
  private static final Device DEVICE = Devices.get("vector");
  private static final int ROUNDS = 600;

  private final int threads = Parallel.threads();
  private final SplittableRandom random = new SplittableRandom(20260502);

  /** Inputs, outputs and row values of a cascade, and where its result is to be found. */
  private record Case(Cascade cascade, int inputs, int rows, boolean overwrites) {}

  private static final Case[] CASES = {
    // Softmax.
    new Case(
        new Cascade("a", 1, 1, 3, 1)
            .fold(0, Reducer.MAX, (x, p) -> x[0])
            .map(0, (x, p) -> x[0].sub(x[2]).exp())
            .fold(1, Reducer.SUM, (x, p) -> x[1])
            .row(2, (x, p) -> x[3].reciprocal())
            .map(0, (x, p) -> x[1].mul(x[4]))
            .keep(0, 1, 2),
        1,
        3,
        false),
    // Normalisation with weights, in place.
    new Case(
        new Cascade("b", 3, 1, 4, 1)
            .moments(0, 0, (x, p) -> x[0])
            .row(3, (x, p) -> x[5].div(p[0]).add(Expr.of(1e-5)).sqrt())
            .map(0, (x, p) -> x[0].sub(x[4]).div(x[7]).mul(x[1]).add(x[2]))
            .keep(0, 1, 2, 3),
        3,
        4,
        true),
    // The gradient of a normalisation.
    new Case(
        new Cascade("c", 3, 1, 3, 1)
            .fold(0, Reducer.SUM, (x, p) -> x[0].mul(x[2]))
            .fold(1, Reducer.MIN, (x, p) -> x[0].mul(x[1]))
            .row(2, (x, p) -> x[4].div(p[0]).add(x[5]))
            .map(0, (x, p) -> x[0].mul(x[6]).add(x[1]))
            .keep(0, 1, 2),
        3,
        3,
        false),
    // Cross-entropy: one-hot numbers and the logarithm of a sum.
    new Case(
        new Cascade("d", 2, 1, 4, 1)
            .fold(0, Reducer.MAX, (x, p) -> x[0])
            .fold(1, Reducer.SUM, (x, p) -> x[0].sub(x[3]).exp())
            .fold(2, Reducer.SUM, (x, p) -> x[0].mul(x[1]))
            .row(3, (x, p) -> x[4].log().add(x[3]).sub(x[5]))
            .map(0, (x, p) -> x[0].sub(x[3]).exp().div(x[4]).sub(x[1]))
            .keep(0, 1, 2, 3),
        2,
        4,
        false),
    // The gradients of a normalisation and of its weights, in place.
    new Case(
        new Cascade("e", 3, 3, 3, 1)
            .across(1, (x, p) -> x[0].mul(x[2]))
            .across(2, (x, p) -> x[0])
            .moments(0, 0, (x, p) -> x[0])
            .map(0, (x, p) -> x[0].sub(x[6]).mul(x[1]))
            .keep(0, 1, 2),
        3,
        3,
        true)
  };

  @AfterEach
  void threadsAsBefore() {
    Parallel.setThreads(threads);
  }

  @Test
  void oneResult() {
    int generated = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Case c = CASES[random.nextInt(CASES.length)];
      long seed = random.nextLong();
      Parallel.setThreads(1);
      int[][] expected = run(c, seed, false);
      for (int count = 1; count <= 4; count++) {
        Parallel.setThreads(count);
        String what = c.cascade.name() + " " + seed + " with " + count + " threads";
        assertArrayEquals(expected, run(c, seed, false), what);
        int[][] own = run(c, seed, true);
        generated += own == null ? 0 : 1;
        if (own != null) {
          assertArrayEquals(expected, own, what + " and generated loops");
        }
      }
    }
    assertTrue(generated > ROUNDS, generated + " were computed by generated loops");
  }

  /** The bits of all results; null if generated loops cannot compute them. */
  private static int[][] run(Case c, long seed, boolean generate) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] dims = new int[random.nextInt(1, 4)];
    for (int d = 0; d < dims.length; d++) {
      dims[d] = 1 + random.nextInt(d == 0 ? 150 : 24);
    }
    if (random.nextInt(20) == 0) {
      dims[random.nextInt(dims.length)] = 2500;
    }
    int[] kept = Arrays.stream(dims).map(d -> random.nextBoolean() ? 1 : d).toArray();
    if (random.nextInt(8) == 0) {
      // As batch norm: rows of a few runs that are long enough to be read in place.
      dims = new int[] {1 + random.nextInt(4), 1 + random.nextInt(8), 128 + random.nextInt(200)};
      kept = new int[] {1, dims[1], 1};
    }
    try (Scope scope = Scope.open()) {
      Tensor[] x = new Tensor[c.inputs];
      for (int i = 0; i < x.length; i++) {
        int[] own =
            i == 0 ? dims : Arrays.stream(dims).map(d -> random.nextInt(3) == 0 ? 1 : d).toArray();
        int size = Arrays.stream(own).reduce(1, (a, b) -> a * b);
        float[] values = new float[size];
        for (int k = 0; k < size; k++) {
          values[k] = (float) random.nextDouble(-3, 3);
        }
        x[i] = DEVICE.tensor(values, own).expand(dims);
      }
      if (random.nextInt(3) == 0) {
        int[] turned = dims.clone();
        turned[0] = dims[dims.length - 1];
        turned[dims.length - 1] = dims[0];
        x[0] = x[0].reshape(turned).transpose(0, dims.length - 1);
      }
      Tensor y = DEVICE.zeros(dims);
      View out = y.asViewToWrite();
      if (c.overwrites && x[0].asView().isDense()) {
        out = x[0].asViewToWrite();
      }
      Tensor[] rows = new Tensor[c.rows];
      View[] room = new View[c.rows];
      for (int k = 0; k < c.rows; k++) {
        rows[k] = DEVICE.zeros(kept);
        room[k] = rows[k].asViewToWrite();
      }
      int count = 1;
      for (int d = 0; d < dims.length; d++) {
        count *= kept[d] == 1 ? dims[d] : 1;
      }
      View[] inputs = Arrays.stream(x).map(Tensor::asView).toArray(View[]::new);
      View[] outputs = new View[c.cascade.outputs()];
      outputs[0] = out;
      int[] row = new int[dims.length];
      for (int d = 0; d < dims.length; d++) {
        row[d] = kept[d] == 1 ? dims[d] : 1;
      }
      Tensor[] across = new Tensor[outputs.length];
      for (int k = 1; k < outputs.length; k++) {
        across[k] = DEVICE.zeros(row);
        outputs[k] = across[k].asViewToWrite();
      }
      boolean done =
          VectorCascade.run(c.cascade, new double[] {count}, inputs, outputs, room, generate);
      if (!done) {
        return null;
      }
      int[][] bits = new int[c.rows + 1 + outputs.length][];
      bits[c.rows] = bits(y);
      bits[c.rows + 1] = bits(x[0]);
      for (int k = 1; k < outputs.length; k++) {
        bits[c.rows + 1 + k] = bits(across[k]);
      }
      for (int k = 0; k < c.rows; k++) {
        bits[k] = k == 2 && c.overwrites ? new int[0] : bits(rows[k]);
      }
      return bits;
    }
  }

  private static int[] bits(Tensor t) {
    float[] values = t.toFloats();
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
