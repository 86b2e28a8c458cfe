package tangram.pclmix.tensorboard;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Frames records as TFRecord files do: length (8 bytes, little-endian), its checksum, the record,
 * its checksum. Source: tensorflow/core/lib/io/record_writer.h; masked checksums:
 * lib/hash/crc32c.h.
 */
final class RecordStream implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int MASK_DELTA = 0xa282ead8;

  private final OutputStream out;

  RecordStream(OutputStream out) {
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
  }

  void write(byte[] record) throws IOException {
    byte[] length =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(record.length)
            .array();
    out.write(length);
    out.write(checksum(length));
    out.write(record);
    out.write(checksum(record));
  }

  /** CRC-32C, turned and shifted: records may hold checksums, and those of checksums are weak. */
  private static byte[] checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(masked).array();
  }

  void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
