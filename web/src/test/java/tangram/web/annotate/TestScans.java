package tangram.web.annotate;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Volume;
import tangram.pclmix.phantom.PhantomData;

/** NIfTI files, made and read byte by byte, as nifti1.h declares them: a second opinion. */
final class TestScans {
  static final int DATA = 352;

  private TestScans() {}

  /** A generated heart of ten slices, as whole numbers. */
  static Volume phantom(Path folder, String name, int size, int patient) {
    Volume v = PhantomData.volume(size, 1, patient);
    short[] values = new short[v.image().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) (1000 * v.image()[i]);
    }
    NiftiHeader header = NiftiHeader.of(v.depth(), v.height(), v.width(), v.spacing());
    Nifti.write(folder.resolve(name + ".nii.gz"), header, values);
    return v;
  }

  /**
   * A file of int16 with voxels of 1.5 x 1.25 x 9 mm and an oblique place, of which the columns run
   * to the left and the rows to the back.
   *
   * @param dim x, y, z, ...
   */
  static ByteBuffer make(int... dim) {
    int voxels = Arrays.stream(dim).reduce(1, (a, b) -> a * b);
    ByteBuffer file = ByteBuffer.allocate(DATA + 2 * voxels).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0, 348).put(39, (byte) 57).putShort(40, (short) dim.length);
    for (int i = 0; i < 7; i++) {
      file.putShort(42 + 2 * i, (short) (i < dim.length ? dim[i] : 1));
    }
    file.putShort(70, (short) 4).putShort(72, (short) 16);
    float[] pixdim = {-1, 1.5f, 1.25f, 9, 31, 1, 1, 1};
    for (int i = 0; i < 8; i++) {
      file.putFloat(76 + 4 * i, pixdim[i]);
    }
    file.putFloat(108, DATA).putFloat(112, 2).putFloat(116, -5).put(123, (byte) 10);
    file.putShort(252, (short) 1).putShort(254, (short) 2);
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
    for (int i = 0; i < voxels; i++) {
      file.putShort(DATA + 2 * i, (short) (i % 1000));
    }
    return file;
  }

  static Path store(Path file, ByteBuffer bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes.array());
    }
    return Files.write(file, zipped.toByteArray());
  }

  /** The same header over bytes. */
  static ByteBuffer masks(ByteBuffer scan, byte[] values) {
    ByteBuffer file = ByteBuffer.allocate(DATA + values.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put(0, scan.array(), 0, DATA).put(DATA, values);
    return file.putShort(70, (short) 2).putShort(72, (short) 8).putFloat(112, 1).putFloat(116, 0);
  }

  static ByteBuffer load(Path file) throws IOException {
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      return ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** The bytes of a header that say where voxels lie, size and dimensions among them. */
  static byte[] geometry(ByteBuffer file) {
    byte[] head = Arrays.copyOf(file.array(), 348);
    ByteBuffer geometry = ByteBuffer.allocate(348);
    for (int[] part : new int[][] {{39, 17}, {74, 34}, {120, 20}, {148, 80}, {252, 76}}) {
      // Not bits a voxel, which lie between.
      geometry.put(part[0], head, part[0], part[1]);
    }
    return geometry.array();
  }

  static byte[] values(ByteBuffer file) {
    return Arrays.copyOfRange(file.array(), DATA, file.capacity());
  }
}
