package tangram.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** NIfTI-1 files made and read byte by byte, as nifti1.h declares them: a second opinion. */
final class RawNifti {
  private static final int DATA = 352;

  private RawNifti() {}

  /**
   * A file of int16 with every field of the geometry set, each to a value of its own.
   *
   * @param dim x, y, z, ...
   */
  static ByteBuffer make(ByteOrder order, short[] values, int... dim) {
    ByteBuffer file = ByteBuffer.allocate(DATA + 2 * values.length).order(order);
    file.putInt(0, 348).put(39, (byte) 57).putShort(40, (short) dim.length);
    for (int i = 0; i < 7; i++) {
      file.putShort(42 + 2 * i, (short) (i < dim.length ? dim[i] : 1));
    }
    file.putShort(70, (short) 4).putShort(72, (short) 16);
    float[] pixdim = {-1, 1.5f, 1.25f, 9, 31, 1, 1, 1};
    for (int i = 0; i < 8; i++) {
      file.putFloat(76 + 4 * i, pixdim[i]);
    }
    file.putFloat(108, DATA).putFloat(112, 0).put(123, (byte) 10);
    file.putShort(252, (short) 1).putShort(254, (short) 2);
    // A quarter turn about y, and an oblique sform of the same sizes.
    float[] turn = {0, 0.7071f, 0, -80, 95.5f, 12};
    float[] rows = {
      -1.423f, .1587f, .1022f, 80, .4743f, -.9524f, .4086f, 90, 0, .7937f, 8.99f, -40
    };
    for (int i = 0; i < turn.length; i++) {
      file.putFloat(256 + 4 * i, turn[i]);
    }
    for (int i = 0; i < rows.length; i++) {
      file.putFloat(280 + 4 * i, rows[i]);
    }
    file.put(344, (byte) 'n').put(345, (byte) '+').put(346, (byte) '1');
    for (int i = 0; i < values.length; i++) {
      file.putShort(DATA + 2 * i, values[i]);
    }
    return file;
  }

  /** Writes a file, compressed if the name says so. */
  static Path store(Path file, ByteBuffer bytes) throws IOException {
    if (!file.toString().endsWith(".gz")) {
      return Files.write(file, bytes.array());
    }
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes.array());
    }
    return Files.write(file, zipped.toByteArray());
  }

  /** The bytes of a compressed file, which must be little-endian. */
  static ByteBuffer load(Path file) throws IOException {
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      return ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** The shape, slowest last: x, y, z, ... */
  static int[] dim(ByteBuffer file) {
    int[] dim = new int[file.getShort(40)];
    for (int i = 0; i < dim.length; i++) {
      dim[i] = file.getShort(42 + 2 * i);
    }
    return dim;
  }

  /** The data of a file of uint8. */
  static byte[] bytes(ByteBuffer file) {
    byte[] values = new byte[file.capacity() - DATA];
    file.get(DATA, values);
    return values;
  }

  /** The data of a file of float32. */
  static float[] floats(ByteBuffer file) {
    float[] values = new float[(file.capacity() - DATA) / 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = file.getFloat(DATA + 4 * i);
    }
    return values;
  }
}
