package tangram.web.browser;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import tangram.pclmix.phantom.HeartPhantom;
import tangram.pclmix.phantom.Phantom;

/** Scans of generated hearts as NIfTI files, and their truth. */
final class HeartFiles {
  private static final int DATA = 352;

  /** Truth by the scan's name, [slice][row][column]. */
  private final Map<String, Phantom> truth = new HashMap<>();

  private final Path folder;

  HeartFiles(Path folder) {
    this.folder = folder;
  }

  Phantom truth(String name) {
    return truth.get(name);
  }

  /**
   * Writes a scan.
   *
   * @param size of its slices
   * @param frames 1 for a volume
   * @param spacing of columns, rows and slices in mm
   * @param directions of columns and rows: 1 towards the left and the front of the body, -1 towards
   *     the right and the back
   */
  HeartFiles add(String name, int size, int depth, int frames, double[] spacing, int[] directions)
      throws IOException {
    Phantom heart = HeartPhantom.volume(size, 1, truth.size() + 1, depth);
    truth.put(name, heart);
    ByteBuffer file =
        ByteBuffer.allocate(DATA + 2 * frames * heart.image().length)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0, 348);
    short[] dim = {(short) (frames > 1 ? 4 : 3), (short) size, (short) size, (short) depth};
    for (int i = 0; i < 8; i++) {
      short one = i < 4 ? dim[i] : i == 4 ? (short) frames : 1;
      file.putShort(40 + 2 * i, one);
    }
    // int16, 16 bits
    file.putShort(70, (short) 4).putShort(72, (short) 16);
    file.putFloat(76, 1);
    for (int i = 0; i < 3; i++) {
      file.putFloat(80 + 4 * i, (float) spacing[i]);
    }
    // 30 ms from frame to frame; where voxels begin; the scale of values; mm and ms.
    file.putFloat(92, 30).putFloat(108, DATA).putFloat(112, 1).put(123, (byte) (2 | 16));
    // The matrix from voxels to the body, whose x grows from left to right, y from back to front.
    file.putShort(254, (short) 1);
    file.putFloat(280, (float) (-directions[0] * spacing[0]));
    file.putFloat(296 + 4, (float) (directions[1] * spacing[1]));
    file.putFloat(312 + 8, (float) spacing[2]);
    file.put(344, (byte) 'n').put(345, (byte) '+').put(346, (byte) '1');
    file.position(DATA);
    for (int frame = 0; frame < frames; frame++) {
      for (float value : heart.image()) {
        file.putShort((short) (1000 * value + 20 * frame));
      }
    }
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve(name + ".nii.gz")))) {
      out.write(file.array());
    }
    return this;
  }
}
