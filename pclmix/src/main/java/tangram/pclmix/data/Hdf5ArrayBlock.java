package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A block of entries of a list of chunks: one part, or pages of which some were never written. */
final class Hdf5ArrayBlock {
  private static final int CHECKSUM_BYTES = 4;

  private final Hdf5Storage storage;
  private final String signature;
  private final long address;
  private final int prefix;
  private final long entries;
  private final int entryBytes;
  private final long pageEntries;
  private final ByteBuffer written;
  private final long firstPage;
  private final Map<Long, ByteBuffer> pages = new HashMap<>();

  /**
   * A block that is read when an entry is asked for.
   *
   * @param prefix bytes before the entries, or before the first page
   * @param written a bit for every page, the first the highest; null of a block of one part
   * @param firstPage the bit of this block's first page
   */
  Hdf5ArrayBlock(
      Hdf5Storage storage,
      String signature,
      long address,
      int prefix,
      long entries,
      int entryBytes,
      long pageEntries,
      ByteBuffer written,
      long firstPage) {
    this.storage = storage;
    this.signature = signature;
    this.address = address;
    this.prefix = prefix;
    this.entries = entries;
    this.entryBytes = entryBytes;
    this.pageEntries = pageEntries;
    this.written = written;
    this.firstPage = firstPage;
  }

  /** The bytes of an entry; null if it lies in a page that was never written. */
  ByteBuffer entry(long number) {
    if (written == null) {
      ByteBuffer whole = pages.computeIfAbsent(0L, page -> whole());
      return slice(whole, prefix + (int) number * entryBytes);
    }
    long page = number / pageEntries;
    long bit = firstPage + page;
    if ((written.get((int) (bit / 8)) & 0x80 >> (bit % 8)) == 0) {
      return null;
    }
    return slice(
        pages.computeIfAbsent(page, this::page), (int) (number % pageEntries) * entryBytes);
  }

  private ByteBuffer whole() {
    ByteBuffer block = read(address, prefix + entries * entryBytes);
    Hdf5Header.requireSignature(block, signature.getBytes(StandardCharsets.US_ASCII));
    return block;
  }

  private ByteBuffer page(long page) {
    long from = page * pageEntries;
    long start = address + prefix + page * (pageEntries * entryBytes + CHECKSUM_BYTES);
    return read(start, Math.min(pageEntries, entries - from) * entryBytes);
  }

  private ByteBuffer read(long start, long bytes) {
    if (bytes > storage.size()) {
      throw new IllegalArgumentException("lists more chunks than there is room for");
    }
    ByteBuffer part = storage.readBufferFromAddress(start, (int) bytes + CHECKSUM_BYTES);
    Hdf5Header.requireChecksum(part);
    return part;
  }

  private ByteBuffer slice(ByteBuffer part, int at) {
    return part.slice(at, entryBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether the entries of a list tell the chunks' lengths, by the kind of the list. */
  static boolean isFiltered(byte kind) {
    if (kind != 0 && kind != 1) {
      throw new IllegalArgumentException("a list of kind " + kind);
    }
    return kind == 1;
  }

  /** The length of an entry, if it is possible. */
  static int entryBytes(byte declared, boolean filtered, int offsets) {
    int bytes = declared & 0xFF;
    int lengthBytes = bytes - offsets - Integer.BYTES;
    if (filtered ? lengthBytes < 1 || lengthBytes > Long.BYTES : bytes != offsets) {
      throw new IllegalArgumentException("a list of entries of " + bytes + " bytes");
    }
    return bytes;
  }
}
