package tangram.nn.data;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * The binary files of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): samples of an image [3, 32, 32]
 * with values from 0 to 1 and the number of its class.
 */
public final class Cifar implements Dataset {
  private static final int SIDE = 32;
  private static final int PIXELS = 3 * SIDE * SIDE;

  private final byte[] records;
  private final int labels;
  private final Device device;

  private Cifar(Device device, int labels, Path... files) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Path file : files) {
      byte[] bytes = Bytes.read(file, in -> in.readAllBytes());
      if (bytes.length == 0 || bytes.length % (labels + PIXELS) != 0) {
        throw new DataException(
            "%s: has %d bytes, which are no records of %d; name files such as %s."
                .formatted(
                    file,
                    bytes.length,
                    labels + PIXELS,
                    labels == 1 ? "data_batch_1.bin" : "train.bin"));
      }
      all.writeBytes(bytes);
    }
    this.records = all.toByteArray();
    this.labels = labels;
    this.device = device;
  }

  /**
   * Files of CIFAR-10, such as {@code data_batch_1.bin}.
   *
   * @throws DataException if one is missing or of another format
   */
  public static Cifar cifar10(Device device, Path... files) {
    return new Cifar(device, 1, files);
  }

  /** Files of CIFAR-100, such as {@code train.bin}: the class is the fine one of 100. */
  public static Cifar cifar100(Device device, Path... files) {
    return new Cifar(device, 2, files);
  }

  @Override
  public int size() {
    return records.length / (labels + PIXELS);
  }

  @Override
  public Tensor[] get(int index) {
    int at = Math.multiplyExact(index, labels + PIXELS) + labels;
    float[] pixels = new float[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      pixels[i] = (records[at + i] & 0xff) / 255f;
    }
    int label = records[at - 1] & 0xff;
    return new Tensor[] {
      device.tensor(pixels, 3, SIDE, SIDE), device.tensor(new int[] {label}).view(Shape.of())
    };
  }
}
