package tangram.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.pytorch.engine.PtGradientCollector;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TorchOpsTest {
  @Test
  void gradientsOfScaledArraysSurviveTheCollector() {
    int count = 500;
    try (Libtorch libtorch = new Libtorch(1);
        PtGradientCollector collector = new PtGradientCollector()) {
      PtNDArray x = Libtorch.leaf(libtorch.array(new float[] {1, 2}, 2));
      PtNDArray sum = TorchOps.scaled(x, 2);
      for (int i = 1; i < count; i++) {
        sum = JniUtils.add(sum, TorchOps.scaled(x, 2));
      }
      System.gc();
      reuseFreedMemory(10 * count);
      collector.backward(sum.sum());
      float[] gradient = JniUtils.getGradient(x).toFloatArray();
      assertArrayEquals(new float[] {2 * count, 2 * count}, gradient);
    }
  }

  /** Memory that the collector freed would hold other numbers after this. */
  private static void reuseFreedMemory(int count) {
    List<ByteBuffer> buffers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      buffers.add(ByteBuffer.allocateDirect(Double.BYTES).putDouble(0, 1e30));
    }
  }
}
