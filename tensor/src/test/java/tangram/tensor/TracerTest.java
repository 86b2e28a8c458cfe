package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.PoolOp;
import tangram.tensor.op.PoolOptions;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.ResizeOptions;
import tangram.tensor.reference.ReferenceDevice;

class TracerTest {
  private final Device device = new ReferenceDevice();

  /** Keeps all that it is told. */
  private static final class Log extends Tracer {
    final List<List<Object>> calls = new ArrayList<>();

    @Override
    public void conv(
        Tensor x, Tensor weight, Tensor bias, ConvOptions options, boolean transposed, Tensor y) {
      calls.add(Arrays.asList("conv", x, weight, bias, options.stride()[0], transposed, y));
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
      calls.add(Arrays.asList("batchNorm", x, residual, gamma, beta, mean, var, eps, relu, y));
    }

    @Override
    public void maxPool(int rank, Tensor x, PoolOptions options, Tensor y) {
      calls.add(List.of("maxPool", rank, x, options.stride()[0], y));
    }

    @Override
    public void resize(Tensor x, double[] scales, ResizeOptions options, Tensor y) {
      calls.add(List.of("resize", x, scales[0], options, y));
    }

    @Override
    public void cat(Tensor[] parts, int dim, Tensor y) {
      calls.add(List.of("cat", parts[0], parts[1], dim, y));
    }
  }

  @Test
  void isToldOperandsParametersAndResults() {
    Tensor x = device.full(1, 1, 2, 8, 8);
    Tensor weight = device.full(1, 3, 2, 3, 3);
    Tensor bias = device.full(1, 3);
    Tensor[] c = new Tensor[4];
    Arrays.setAll(c, i -> device.full(i + 1, 3));
    Log log = new Log();
    List<List<Object>> expected = new ArrayList<>();
    try (Autograd.Guard guard = log.start()) {
      Tensor y = ConvOp.conv2d(x, weight, bias, 2, 1);
      expected.add(List.of("conv", x, weight, bias, 2, false, y));
      Tensor z = ConvOp.conv2d(x, weight, null, 1, 0);
      expected.add(Arrays.asList("conv", x, weight, null, 1, false, z));
      Tensor n = NormOp.batchNormInference(y, null, c[0], c[1], c[2], c[3], 0.5, false);
      expected.add(Arrays.asList("batchNorm", y, null, c[0], c[1], c[2], c[3], 0.5, false, n));
      Tensor r = NormOp.batchNormInference(y, n, c[0], c[1], c[2], c[3], 0.5, true);
      expected.add(List.of("batchNorm", y, n, c[0], c[1], c[2], c[3], 0.5, true, r));
      Tensor p = PoolOp.maxPool2d(r, 3, 2, 1);
      expected.add(List.of("maxPool", 2, r, 2, p));
      Tensor u = ResizeOp.upsampleNearest2x(p);
      expected.add(List.of("resize", p, 2.0, ResizeOptions.NEAREST, u));
      expected.add(List.of("cat", u, y, -3, Tensor.cat(-3, u, y)));
    }
    assertEquals(expected, log.calls);
  }

  @Test
  void isToldOfItsOwnThreadUntilItsGuardIsClosed() throws InterruptedException {
    Tensor x = device.full(1, 1, 1, 2, 2);
    Log outer = new Log();
    Log inner = new Log();
    Tracer none = Tracer.current();
    try (Autograd.Guard first = outer.start()) {
      try (Autograd.Guard second = inner.start()) {
        ResizeOp.upsampleNearest2x(x);
      }
      assertSame(outer, Tracer.current());
      Thread other = new Thread(() -> ResizeOp.upsampleNearest2x(x));
      other.start();
      other.join();
      assertEquals(0, outer.calls.size());
      ResizeOp.upsampleNearest2x(x);
    }
    assertSame(none, Tracer.current());
    ResizeOp.upsampleNearest2x(x);
    assertEquals(1, outer.calls.size());
    assertEquals(1, inner.calls.size());
  }
}
