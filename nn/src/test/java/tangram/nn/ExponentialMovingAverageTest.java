package tangram.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Tensor;

class ExponentialMovingAverageTest {
  private final Device device = Devices.get("vector");

  @Test
  void averagesEachByItsName() {
    Tensor average = device.tensor(new float[] {1, 2}, 2);
    Tensor value = device.tensor(new float[] {3, -2}, 2);
    ExponentialMovingAverage ema =
        new ExponentialMovingAverage(
            device, Map.of("a", average), Map.of("a", value, "b", device.scalar(7)));
    ema.update(0.75);
    assertArrayEquals(new float[] {1.5f, 1}, average.toFloats());
    ema.update(0);
    assertArrayEquals(new float[] {3, -2}, average.toFloats());
    value.copyFrom(new float[] {0, 0}, 0);
    ema.update(1);
    assertArrayEquals(new float[] {3, -2}, average.toFloats());
  }

  @Test
  void whatIsMissingIsRefused() {
    Map<String, Tensor> one = Map.of("a", device.scalar(1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ExponentialMovingAverage(device, one, Map.of("b", device.scalar(1))));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ExponentialMovingAverage(device, one, Map.of("a", device.zeros(2))));
  }
}
