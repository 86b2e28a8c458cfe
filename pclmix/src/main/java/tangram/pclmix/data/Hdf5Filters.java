package tangram.pclmix.data;

import io.jhdf.object.message.FilterPipelineMessage.FilterInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Undoes what HDF5's own filters did to a chunk when it was written. Unlike the library this never
 * takes more memory than the chunk is declared to have, and compares checksums.
 */
final class Hdf5Filters {
  /** The number of the filter that packs with zlib. */
  static final int DEFLATE = 1;

  private static final int SHUFFLE = 2;
  private static final int FLETCHER32 = 3;
  private static final int CHECKSUM_BYTES = 4;
  private static final int MAX_ELEMENT_BYTES = 8;

  private Hdf5Filters() {}

  /** Whether a filter can be undone here. */
  static boolean isKnown(FilterInfo filter) {
    return filter.getId() == DEFLATE || filter.getId() == SHUFFLE || filter.getId() == FLETCHER32;
  }

  /** A filter's name for the user; the file tells those of other makers' filters alone. */
  static String name(FilterInfo filter) {
    switch (filter.getId()) {
      case 4:
        return "szip";
      case 5:
        return "nbit";
      case 6:
        return "scaleoffset";
      default:
        return filter.getName();
    }
  }

  /**
   * Undoes filters.
   *
   * @param filters known ones, in the order in which they were applied
   * @param skipped those that were not applied to this chunk, a bit each
   * @param chunk as stored
   * @param bytes what it is declared to have unpacked
   * @return the chunk as it was, or less or somewhat more if it is damaged
   * @throws DataFormatException if it cannot be unpacked; the message continues after "a chunk
   *     that"
   */
  static ByteBuffer undo(List<FilterInfo> filters, int skipped, ByteBuffer chunk, int bytes)
      throws DataFormatException {
    ByteBuffer data = chunk;
    for (int i = filters.size() - 1; i >= 0; i--) {
      FilterInfo filter = filters.get(i);
      if ((skipped >> i & 1) != 0) {
        continue;
      }
      switch (filter.getId()) {
        case DEFLATE:
          // A checksum may have been appended before.
          data = inflate(data, bytes + CHECKSUM_BYTES * i);
          break;
        case SHUFFLE:
          data = unshuffle(data, filter.getData());
          break;
        case FLETCHER32:
          data = withoutChecksum(data);
          break;
        default:
          throw new AssertionError(filter);
      }
    }
    return data;
  }

  private static ByteBuffer inflate(ByteBuffer packed, int limit) throws DataFormatException {
    long most = 64 + (long) Nifti.MAX_COMPRESSION * packed.remaining();
    // One more than may come, to see whether it does.
    byte[] out = new byte[1 + (int) Math.min(limit, most)];
    int length = 0;
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed);
      while (!inflater.finished()) {
        int count = unpack(inflater, out, length);
        length += count;
        if (length > limit) {
          throw new DataFormatException("unpacks to more than its " + limit + " bytes");
        }
        if (count == 0 && !inflater.finished()) {
          throw new DataFormatException("ends before it is unpacked");
        }
      }
    } finally {
      inflater.end();
    }
    return ByteBuffer.wrap(out, 0, length).slice();
  }

  private static int unpack(Inflater inflater, byte[] out, int from) throws DataFormatException {
    try {
      return inflater.inflate(out, from, out.length - from);
    } catch (DataFormatException e) {
      throw new DataFormatException("is not a zlib stream (" + e.getMessage() + ")");
    }
  }

  /** Bytes that were sorted by their places within elements go back to their elements. */
  private static ByteBuffer unshuffle(ByteBuffer shuffled, int[] parameters)
      throws DataFormatException {
    if (parameters.length == 0 || parameters[0] < 1 || parameters[0] > MAX_ELEMENT_BYTES) {
      throw new DataFormatException("was shuffled in an unknown way");
    }
    int bytes = parameters[0];
    int elements = shuffled.remaining() / bytes;
    byte[] out = new byte[shuffled.remaining()];
    for (int b = 0; b < bytes; b++) {
      for (int i = 0; i < elements; i++) {
        out[i * bytes + b] = shuffled.get(b * elements + i);
      }
    }
    // What is left over was not moved.
    shuffled.get(bytes * elements, out, bytes * elements, out.length - bytes * elements);
    return ByteBuffer.wrap(out);
  }

  private static ByteBuffer withoutChecksum(ByteBuffer data) throws DataFormatException {
    int length = data.remaining() - CHECKSUM_BYTES;
    if (length < 0) {
      throw new DataFormatException("is too short for its checksum");
    }
    int stored = data.slice(length, CHECKSUM_BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt();
    ByteBuffer rest = data.slice(0, length);
    if (fletcher32(rest) != stored) {
      throw new DataFormatException("does not match its checksum");
    }
    return rest;
  }

  /** HDF5's checksum: Fletcher's over 16-bit numbers, the first byte the higher. */
  private static int fletcher32(ByteBuffer data) {
    int length = data.remaining();
    long sum1 = 0;
    long sum2 = 0;
    for (int i = 0; i < length; i += 2) {
      int low = i + 1 < length ? data.get(i + 1) & 0xFF : 0;
      sum1 = fold(sum1 + ((data.get(i) & 0xFF) << 8 | low));
      sum2 = fold(sum2 + sum1);
    }
    return (int) (sum2 << 16 | sum1);
  }

  /** Modulo 65535, but for multiples of it, which stay 65535. */
  private static long fold(long sum) {
    return (sum & 0xFFFF) + (sum >>> 16);
  }
}
