package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.tensor.op.Conv2dOp;
import tangram.tensor.op.MaxPool2dOp;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.UpsampleNearestOp;
import tangram.tensor.reference.ReferenceDevice;

class TracerTest {
  private final Device device = new ReferenceDevice();

  /** Keeps all that it is told. */
  private static final class Log extends Tracer {
    final List<List<Object>> calls = new ArrayList<>();

    @Override
    public void conv2d(Tensor x, Tensor weight, Tensor bias, int stride, int padding, Tensor y) {
      calls.add(Arrays.asList("conv2d", x, weight, bias, stride, padding, y));
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
    public void maxPool2d(Tensor x, int kernel, int stride, int padding, Tensor y) {
      calls.add(List.of("maxPool2d", x, kernel, stride, padding, y));
    }

    @Override
    public void upsampleNearest2x(Tensor x, Tensor y) {
      calls.add(List.of("upsampleNearest2x", x, y));
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
      Tensor y = Conv2dOp.conv2d(x, weight, bias, 2, 1);
      expected.add(List.of("conv2d", x, weight, bias, 2, 1, y));
      Tensor z = Conv2dOp.conv2d(x, weight, null, 1, 0);
      expected.add(Arrays.asList("conv2d", x, weight, null, 1, 0, z));
      Tensor n = NormOp.batchNormInference(y, null, c[0], c[1], c[2], c[3], 0.5, false);
      expected.add(Arrays.asList("batchNorm", y, null, c[0], c[1], c[2], c[3], 0.5, false, n));
      Tensor r = NormOp.batchNormInference(y, n, c[0], c[1], c[2], c[3], 0.5, true);
      expected.add(List.of("batchNorm", y, n, c[0], c[1], c[2], c[3], 0.5, true, r));
      Tensor p = MaxPool2dOp.maxPool2d(r, 3, 2, 1);
      expected.add(List.of("maxPool2d", r, 3, 2, 1, p));
      Tensor u = UpsampleNearestOp.upsampleNearest2x(p);
      expected.add(List.of("upsampleNearest2x", p, u));
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
        UpsampleNearestOp.upsampleNearest2x(x);
      }
      assertSame(outer, Tracer.current());
      Thread other = new Thread(() -> UpsampleNearestOp.upsampleNearest2x(x));
      other.start();
      other.join();
      assertEquals(0, outer.calls.size());
      UpsampleNearestOp.upsampleNearest2x(x);
    }
    assertSame(none, Tracer.current());
    UpsampleNearestOp.upsampleNearest2x(x);
    assertEquals(1, outer.calls.size());
    assertEquals(1, inner.calls.size());
  }
}
