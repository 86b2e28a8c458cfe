package tangram.tensor.vector.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tangram.tensor.Autograd;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvNormOp;
import tangram.tensor.op.ConvOp;
import tangram.tensor.op.ConvOptions;
import tangram.tensor.op.NormOp;

/** A convolution and the batch norm behind it in one pass: the bits of one after the other. */
class ConvNormTest {
  private static final Device DEVICE = Devices.get("vector");

  // One line for each algorithm: 1x1, with stride, of small maps and on few; Winograd by rows, by
  // images, in stages, with lanes of channels; any kernel, in groups, depthwise.
  @ParameterizedTest
  @CsvSource({
    "2, 24, 20, 30, 40, 1, 1, 1",
    "2, 24, 20, 30, 40, 1, 2, 1",
    "3, 600, 7, 7, 72, 1, 1, 1",
    "1, 32, 5, 3, 8, 1, 1, 1",
    "1, 16, 61, 66, 24, 3, 1, 1",
    "9, 20, 13, 14, 12, 3, 1, 1",
    "16, 8, 6, 6, 8, 3, 1, 1",
    "2, 64, 14, 14, 96, 3, 1, 1",
    "2, 12, 31, 29, 20, 3, 2, 1",
    "2, 64, 14, 14, 64, 3, 2, 1",
    "2, 3, 64, 64, 16, 7, 2, 1",
    "2, 12, 17, 19, 24, 3, 2, 4",
    "2, 24, 17, 19, 24, 3, 1, 24",
    "1, 5, 1, 1, 3, 1, 1, 1"
  })
  void onePassHasTheBitsOfTwo(
      int n, int c, int h, int w, int k, int kernel, int stride, int groups) {
    ConvOptions options = ConvOptions.DEFAULT.stride(stride).padding(kernel / 2).groups(groups);
    try (Scope scope = Scope.open();
        Autograd.Guard inference = Autograd.noGrad()) {
      Tensor x = random(1, n, c, h, w);
      x.narrow(0, 0, 1).narrow(1, 0, 1).narrow(2, 0, 1).narrow(3, 0, 1).fill(Float.NaN);
      Tensor weight = random(2, k, c / groups, kernel, kernel);
      Tensor bias = random(3, k);
      Tensor gamma = random(4, k);
      Tensor beta = random(5, k);
      Tensor mean = random(6, k);
      Tensor var = random(7, k).square();
      Tensor plain = ConvOp.conv(2, x, weight, bias, options);
      Tensor residual = random(8, plain.shape().dims());
      for (int i = 0; i < 8; i++) {
        Tensor r = (i & 1) == 0 ? null : residual;
        boolean relu = (i & 2) != 0;
        Tensor g = (i & 4) == 0 ? null : gamma;
        Tensor b = (i & 4) == 0 ? null : beta;
        Tensor want = NormOp.batchNormInference(plain, r, g, b, mean, var, 1e-5, relu);
        Tensor got =
            ConvNormOp.convBatchNormInference(
                2, x, weight, bias, options, r, g, b, mean, var, 1e-5, relu);
        assertArrayEquals(want.toFloats(), got.toFloats(), "options " + i);
      }
    }
  }

  private static Tensor random(int seed, int... dims) {
    float[] values = new float[Shape.of(dims).size()];
    CounterRandom random = new CounterRandom(seed, 0, 0, 0);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return DEVICE.tensor(values, dims);
  }
}
