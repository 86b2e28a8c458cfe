package tangram.nn.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Files of one array in the format IDX, such as those of MNIST, packed by gzip or not:
 *
 * <pre>{@code
 * Tensor images = Idx.read(Path.of("train-images-idx3-ubyte.gz"), device).to(DType.F32).div(255);
 * Tensor classes = Idx.read(Path.of("train-labels-idx1-ubyte.gz"), device);
 * Dataset digits = Dataset.of(images.unsqueeze(1), classes);
 * }</pre>
 *
 * Source: <a href="http://yann.lecun.com/exdb/mnist/">LeCun, Cortes, Burges, The MNIST
 * database</a>.
 */
public final class Idx {
  private Idx() {}

  /**
   * Reads an array: bytes, signed or not, and integers become {@code I32}, real numbers {@code F32}
   * or {@code F64}.
   *
   * @throws DataException if the file is missing, damaged or of another format
   */
  public static Tensor read(Path file, Device device) {
    return Bytes.read(file, in -> read(file, in, device));
  }

  private static Tensor read(Path file, InputStream in, Device device) throws IOException {
    byte[] magic = in.readNBytes(4);
    int width = magic.length == 4 && magic[0] == 0 && magic[1] == 0 ? width(magic[2]) : 0;
    if (width == 0) {
      throw new DataException(
          file + ": is not in the format IDX; name a file such as train-images-idx3-ubyte.");
    }
    int rank = magic[3] & 0xff;
    ByteBuffer header = ByteBuffer.wrap(Bytes.exactly(file, in, 4 * rank));
    int[] dims = new int[rank];
    long size = 1;
    for (int d = 0; d < rank; d++) {
      dims[d] = header.getInt();
      if (dims[d] < 0 || (size *= dims[d]) * width > Integer.MAX_VALUE - 8L) {
        throw Bytes.damaged(file, "it declares more than 2 GiB", null);
      }
    }
    ByteBuffer data = ByteBuffer.wrap(Bytes.exactly(file, in, (int) size * width));
    if (in.read() >= 0) {
      throw Bytes.damaged(file, "bytes follow its array", null);
    }
    return tensor(magic[2], data, (int) size, Shape.of(dims), device);
  }

  /** Bytes of a type's element; 0 where there is no such type. */
  private static int width(int type) {
    return switch (type) {
      case 0x08, 0x09 -> 1;
      case 0x0B -> 2;
      case 0x0C, 0x0D -> 4;
      case 0x0E -> 8;
      default -> 0;
    };
  }

  private static Tensor tensor(int type, ByteBuffer data, int size, Shape shape, Device device) {
    if (type == 0x0D) {
      float[] values = new float[size];
      data.asFloatBuffer().get(values);
      return device.tensor(values, shape.dims());
    }
    if (type == 0x0E) {
      double[] values = new double[size];
      data.asDoubleBuffer().get(values);
      return device.uninitialized(DType.F64, shape).copyFrom(values, 0);
    }
    int[] values = new int[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (type) {
            case 0x08 -> data.get() & 0xff;
            case 0x09 -> data.get();
            case 0x0B -> data.getShort();
            default -> data.getInt();
          };
    }
    return device.tensor(values, shape.dims());
  }
}
