package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvOptions;

/** How modules are put together, drawn from, and shared. */
class ModulesTest {
  private final Device device = Devices.get("vector");
  private final Init init = new Init(device, 1);
  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void namesAreNumbered() {
    Sequential network =
        new Sequential(
            new Linear(init, 3, 4),
            Layer.of(Tensor::relu),
            new Sequential(new Linear(init, 4, 4, false), new BatchNorm1d(init, 4)));
    assertEquals(
        List.of("0.weight", "0.bias", "2.0.weight", "2.1.weight", "2.1.bias"),
        List.copyOf(network.parameters().keySet()));
    assertEquals(Set.of("2.1.num_batches_tracked"), network.unusedNames());
    assertEquals(List.of("", "0", "1", "2", "2.0", "2.1"), List.copyOf(network.modules().keySet()));
    assertEquals(12 + 4 + 16 + 8, network.parameterCount());
  }

  /** What the caller has is not released, even if the first layers hand it on. */
  @Test
  void aSequenceReleasesWhatLiesBetween() {
    Tensor[] between = new Tensor[1];
    Sequential network =
        new Sequential(
            Layers.identity(), Layer.of(x -> between[0] = x.mul(2)), Layer.of(x -> x.add(1)));
    Tensor x = device.tensor(new float[] {1, 2});
    assertArrayEquals(new float[] {3, 5}, network.forward(x).toFloats());
    assertArrayEquals(new float[] {1, 2}, x.toFloats());
    assertTrue(between[0].isReleased());
    assertSame(x, new Sequential().forward(x));
  }

  /** In evaluation they are one pass over the output, with the values of two. */
  @Test
  void batchNormBehindAConvolution() {
    ConvOptions same = ConvOptions.DEFAULT.padding(1);
    List<Conv> convolutions =
        List.of(
            new Conv2d(init, 3, 5, 3, same),
            new Conv2d(init, 3, 5, new int[] {3}, same, false, Padding.Mode.REFLECT),
            new ConvTranspose2d(init, 3, 5, 2));
    Tensor x = device.arange(2 * 3 * 6 * 7).reshape(2, 3, 6, 7).mul(0.37).sin();
    for (Conv conv : convolutions) {
      BatchNorm2d norm = new BatchNorm2d(init, 5);
      Sequential both = new Sequential(conv, norm);
      both.forward(x);
      float[] mean = norm.runningMean.toFloats();
      float[] expected = new BatchNorm2d(init, 5).forward(conv.forward(x)).toFloats();
      norm.train(true);
      assertArrayEquals(expected, both.forward(x).toFloats());
      assertFalse(Arrays.equals(mean, norm.runningMean.toFloats()), "statistics move");
      both.train(false);
      for (boolean gradients : new boolean[] {true, false}) {
        try (Autograd.Guard guard = gradients ? null : Autograd.noGrad()) {
          Tensor y = conv.forward(x);
          Tensor residual = y.cos();
          assertArrayEquals(norm.forward(y).toFloats(), both.forward(x).toFloats());
          assertArrayEquals(norm.forwardRelu(y).toFloats(), norm.forwardRelu(conv, x).toFloats());
          Tensor z = norm.forwardAddRelu(conv, x, residual);
          assertArrayEquals(norm.forwardAddRelu(y, residual).toFloats(), z.toFloats());
          assertEquals(gradients, z.requiresGrad());
        }
      }
    }
  }

  private static final class Tied extends Module {
    final Embedding table;
    final Linear head;

    Tied(Init init) {
      table = child("table", new Embedding(init, 5, 3));
      head = child("head", new Linear(table.weight(), null));
    }
  }

  /** A parameter of two modules is trained once and saved under both names, as in PyTorch. */
  @Test
  void parametersMayBeShared() {
    Tied tied = new Tied(init);
    assertEquals(Set.of("table.weight"), tied.parameters().keySet());
    assertEquals(List.of("table.weight", "head.weight"), List.copyOf(tied.state().keySet()));
    assertEquals(15, tied.parameterCount());
    Tensor index = device.tensor(new int[] {1, 2}, 2);
    tied.head.forward(tied.table.forward(index)).sum().backward();
    assertSame(tied.table.weight().grad(), tied.head.parameters().get("weight").grad());
  }

  @Test
  void dropoutKeepsTheMean() {
    Dropout dropout = new Dropout(init, 0.25);
    int n = 100_000;
    float[] y = dropout.forward(device.ones(n)).toFloats();
    int zeros = 0;
    for (float v : y) {
      assertTrue(v == 0 || v == (float) (1 / 0.75), "" + v);
      zeros += v == 0 ? 1 : 0;
    }
    assertEquals(0.25, zeros / (double) n, 0.005);
    dropout.train(false);
    Tensor x = device.ones(3);
    assertSame(x, dropout.forward(x));
    for (double p : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new Dropout(init, p));
    }
  }

  @Test
  void dropoutOfChannels() {
    Dropout dropout = Dropout.ofChannels(init, 0.5);
    float[] y = dropout.forward(device.ones(8, 8, 3, 2)).toFloats();
    int kept = 0;
    for (int c = 0; c < 64; c++) {
      for (int i = 1; i < 6; i++) {
        assertEquals(y[6 * c], y[6 * c + i]);
      }
      kept += y[6 * c] == 2 ? 1 : 0;
    }
    assertTrue(kept > 16 && kept < 48, kept + " of 64");
    assertThrows(IllegalArgumentException.class, () -> dropout.forward(device.ones(3, 4)));
  }

  /** What a step draws is a function of seed, layer and step, whatever was drawn before. */
  @Test
  void aStepCanBeDrawnAgain() {
    List<float[]> first = draws(new Init(device, 5), 0, 1, 2);
    List<float[]> resumed = draws(new Init(device, 5), 2);
    assertArrayEquals(first.get(4), resumed.get(0));
    assertArrayEquals(first.get(5), resumed.get(1));
    // Layers, steps and seeds differ.
    List<float[]> other = draws(new Init(device, 6), 2);
    assertFalse(Arrays.equals(first.get(4), first.get(5)));
    assertFalse(Arrays.equals(first.get(2), first.get(4)));
    assertFalse(Arrays.equals(other.get(0), resumed.get(0)));
    Sequential network = new Sequential(new Dropout(init, 0.5));
    assertThrows(IllegalArgumentException.class, () -> network.seek(-1));
  }

  private List<float[]> draws(Init init, long... steps) {
    Dropout a = new Dropout(init, 0.5);
    Dropout b = new Dropout(init, 0.5);
    Sequential network = new Sequential(a, b);
    List<float[]> all = new ArrayList<>();
    for (long step : steps) {
      network.seek(step);
      all.add(a.forward(device.ones(64)).toFloats());
      all.add(b.forward(device.ones(64)).toFloats());
    }
    return all;
  }

  /** Forward passes in evaluation change nothing, so that threads may share a network. */
  @Test
  void severalThreadsMayInfer() throws Exception {
    Sequential network =
        new Sequential(
            new Conv2d(init, 1, 4, 3, ConvOptions.DEFAULT.padding(1)),
            new BatchNorm2d(init, 4),
            Layer.of(Tensor::relu),
            new InstanceNorm2d(init, 4, NormOptions.INSTANCE.trackRunningStats(true)),
            new Dropout(init, 0.5),
            Layers.flatten(),
            new Linear(init, 4 * 36, 8),
            Layer.of(x -> x.unsqueeze(0)),
            new TransformerEncoderLayer(init, 8, 2, TransformerOptions.DEFAULT.feedForward(8)),
            new SinusoidalPositions(8, false));
    network.train(false);
    Tensor x = device.randn(new Generator(3), 2, 1, 6, 6);
    float[] expected;
    try (Autograd.Guard guard = Autograd.noGrad()) {
      expected = network.forward(x).toFloats();
    }
    Callable<float[]> infer =
        () -> {
          try (Scope own = Scope.open();
              Autograd.Guard guard = Autograd.noGrad()) {
            return network.forward(x).toFloats();
          }
        };
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        results.add(pool.submit(infer));
      }
      for (Future<float[]> result : results) {
        assertArrayEquals(expected, result.get());
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void paddingRowsAreZeroAndStay() {
    Embedding table = new Embedding(init, 4, 3, 1);
    Tensor y = table.forward(device.tensor(new int[] {1, 2, 1}, 3));
    assertArrayEquals(new float[3], y.select(0, 0).contiguous().toFloats());
    y.sum().backward();
    assertArrayEquals(
        new float[] {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0}, table.weight().grad().toFloats());
    assertThrows(IllegalArgumentException.class, () -> new Embedding(init, 4, 3, 4));
  }

  @Test
  void wrongShapesAreRefusedInWords() {
    for (Runnable wrong :
        List.<Runnable>of(
            () -> new BatchNorm2d(init, 3).forward(device.zeros(2, 3)),
            () -> new Conv2d(init, 3, 4, 3, ConvOptions.DEFAULT.groups(2)),
            () ->
                new Conv3d(
                    init, 3, 4, new int[] {2, 3}, ConvOptions.DEFAULT, true, Padding.Mode.ZEROS),
            () -> new GroupNorm(init, 4, 6),
            () -> new Bilinear(init, 2, 3, 4, true).forward(device.zeros(5, 2), device.zeros(5, 2)),
            () -> new LSTM(init, 3, 4).forward(device.zeros(5, 2, 4)),
            () ->
                new GRU(init, 3, 4)
                    .forward(
                        device.zeros(5, 2, 3), new Recurrent.State(device.zeros(1, 1, 4), null)),
            () -> new MultiheadAttention(init, 6, 4),
            () ->
                Padding.pad(device.zeros(2, 3), Padding.Mode.REFLECT, new int[] {3}, new int[] {0}),
            () -> Layers.pixelShuffle(2).forward(device.zeros(1, 6, 2, 2)),
            () -> device.zeros(3, 3).glu(1),
            () -> ConvOptions.DEFAULT.stride(2).samePadding(3))) {
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, wrong::run);
      assertTrue(e.getMessage().length() > 20, e.getMessage());
    }
  }

  /** What lies between input and output is returned at once where no derivative needs it. */
  @Test
  void inferenceKeepsNothingBetween() {
    TransformerOptions small = TransformerOptions.DEFAULT.feedForward(16);
    TransformerEncoderLayer layer = new TransformerEncoderLayer(init, 8, 2, small.normFirst(true));
    TransformerEncoder encoder =
        new TransformerEncoder(
            List.of(layer, new TransformerEncoderLayer(init, 8, 2, small)), new LayerNorm(init, 8));
    CausalSelfAttention causal =
        new CausalSelfAttention(init, 8, CausalSelfAttention.Options.llama(4, 2, 6, 100));
    GRU network = new GRU(init, 8, 8, Recurrent.Options.DEFAULT.layers(2));
    encoder.train(false);
    Tensor x = device.randn(new Generator(3), 16, 4, 8);
    Map<String, UnaryOperator<Tensor>> functions =
        Map.of(
            "encoder", encoder::forward,
            "causal", causal::forward,
            "recurrent", t -> network.forward(t).output());
    try (Autograd.Guard guard = Autograd.noGrad()) {
      functions.forEach(
          (name, f) -> {
            // What a device keeps for a shape is made by the first call.
            f.apply(x).close();
            long before = device.usedBytes();
            try (Scope own = Scope.open()) {
              f.apply(x);
              long kept = device.usedBytes() - before;
              assertTrue(kept <= 3L * x.size() * Float.BYTES, name + " keeps " + kept);
            }
          });
    }
  }
}
