package tangram.compare;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Map;
import tangram.nn.Adam;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/**
 * A step of Adam on one parameter of given size; theirs as PyTorch's {@code adam} without foreach.
 */
final class AdamCase implements Case {
  private static final float RATE = 1e-3f;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPS = 1e-8;

  private final Tensor weight;
  private final Adam adam;
  private final PtNDArray theirWeight;
  private final PtNDArray theirGradient;
  private final PtNDArray mean;
  private final PtNDArray square;

  AdamCase(Device device, Libtorch libtorch, int size) {
    float[] values = Numbers.gaussian(size, 0);
    float[] gradient = Numbers.gaussian(size, 1);
    weight = device.tensor(values).requireGrad();
    weight.mul(device.tensor(gradient)).sum().backward();
    adam = new Adam(Map.of("w", weight), RATE).betas(BETA1, BETA2).eps(EPS);
    theirWeight = libtorch.array(values, size);
    theirGradient = libtorch.array(gradient, size);
    mean = libtorch.array(new float[size], size);
    square = libtorch.array(new float[size], size);
  }

  @Override
  public void ours() {
    adam.step();
  }

  @Override
  public void theirs() {
    // DJL's update has no correction of the bias: the caller puts it into the rate.
    JniUtils.adamUpdate(
        theirWeight,
        theirGradient,
        mean,
        square,
        RATE,
        (float) (RATE * Math.sqrt(1 - BETA2) / (1 - BETA1)),
        0,
        1,
        -1,
        (float) BETA1,
        (float) BETA2,
        (float) EPS,
        false);
  }

  @Override
  public void check() {
    ours();
    theirs();
    Agreement.check("the first step of Adam", weight.toFloats(), theirWeight.toFloatArray(), 1e-4);
  }

  @Override
  public void close() {
    for (PtNDArray array : new PtNDArray[] {theirWeight, theirGradient, mean, square}) {
      array.close();
    }
  }
}
