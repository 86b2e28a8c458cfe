package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The list of chunks of a dataset that cannot grow without limit. Source: HDF5 File Format
 * Specification 3.0, "The Fixed Array Index".
 */
final class Hdf5FixedArray implements Hdf5Chunks.Entries {
  private final Hdf5Storage storage;
  private final int chunkBytes;
  private final boolean filtered;
  private final long entries;
  private final Hdf5ArrayBlock block;

  /** Reads the list at an address. */
  Hdf5FixedArray(Hdf5Storage storage, long address, int chunkBytes) {
    this.storage = storage;
    this.chunkBytes = chunkBytes;
    int offsets = storage.getSizeOfOffsets();
    int lengths = storage.getSizeOfLengths();
    ByteBuffer head = storage.readBufferFromAddress(address, 8 + lengths + offsets + 4);
    Hdf5Header.requireSignature(head, "FAHD".getBytes(StandardCharsets.US_ASCII));
    Hdf5Header.requireChecksum(head);
    filtered = Hdf5ArrayBlock.isFiltered(head.get(5));
    int entryBytes = Hdf5ArrayBlock.entryBytes(head.get(6), filtered, offsets);
    long pageEntries = 1L << (head.get(7) & 31);
    head.position(8);
    entries = Hdf5Header.unsigned(head, lengths);
    long data = Hdf5Header.unsigned(head, offsets);
    if (entries <= 0 || entries > storage.size() / entryBytes) {
      throw new IllegalArgumentException(
          "lists " + entries + " chunks, for which there is no room");
    }
    int pages = entries <= pageEntries ? 0 : (int) Math.ceilDiv(entries, pageEntries);
    ByteBuffer bitmap = null;
    int prefix = 6 + offsets;
    if (pages > 0) {
      int bytes = (pages + 7) / 8;
      ByteBuffer start = storage.readBufferFromAddress(data, prefix + bytes + 4);
      Hdf5Header.requireSignature(start, "FADB".getBytes(StandardCharsets.US_ASCII));
      Hdf5Header.requireChecksum(start);
      bitmap = start.slice(prefix, bytes);
      prefix += bytes + 4;
    }
    block =
        new Hdf5ArrayBlock(
            storage, "FADB", data, prefix, entries, entryBytes, pageEntries, bitmap, 0);
  }

  @Override
  public Hdf5Chunks.Place get(long number) {
    if (number >= entries) {
      throw new IllegalArgumentException("its list of chunks is too short");
    }
    ByteBuffer entry = block.entry(number);
    return entry == null
        ? null
        : Hdf5Chunks.entry(entry, filtered, storage.getSizeOfOffsets(), chunkBytes);
  }
}
