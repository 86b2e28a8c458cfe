package tangram.pclmix.data;

import io.jhdf.Constants;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The list of chunks of a dataset that can grow without limit in one dimension: entries in an index
 * block, then blocks of entries of growing size, which the index block names, later ones by way of
 * super blocks. What was never written has no block. Source: HDF5 File Format Specification 3.0,
 * "The Extensible Array Index".
 */
final class Hdf5ExtensibleArray implements Hdf5Chunks.Entries {
  private static final int MAX_BITS = 62;

  private final Hdf5Storage storage;
  private final int offsets;
  private final int chunkBytes;
  private final boolean filtered;
  private final int entryBytes;
  private final int offsetBytes;
  private final int inIndex;
  private final long leastEntries;
  private final int leastBlocks;
  private final int indexed;
  private final long pageEntries;
  private final ByteBuffer index;
  private final Map<Long, Hdf5ArrayBlock> blocks = new HashMap<>();
  private final Map<Integer, ByteBuffer> supers = new HashMap<>();

  /** Reads the list at an address. */
  Hdf5ExtensibleArray(Hdf5Storage storage, long address, int chunkBytes) {
    this.storage = storage;
    this.offsets = storage.getSizeOfOffsets();
    this.chunkBytes = chunkBytes;
    int lengths = storage.getSizeOfLengths();
    ByteBuffer head = storage.readBufferFromAddress(address, 16 + 6 * lengths + offsets);
    Hdf5Header.requireSignature(head, "EAHD".getBytes(StandardCharsets.US_ASCII));
    Hdf5Header.requireChecksum(head);
    filtered = Hdf5ArrayBlock.isFiltered(head.get(5));
    entryBytes = Hdf5ArrayBlock.entryBytes(head.get(6), filtered, offsets);
    int bits = head.get(7);
    offsetBytes = (bits + 7) / 8;
    inIndex = head.get(8) & 0xFF;
    leastEntries = head.get(9) & 0xFF;
    leastBlocks = head.get(10) & 0xFF;
    pageEntries = 1L << (head.get(11) & 31);
    if (bits < 1
        || bits > MAX_BITS
        || Long.bitCount(leastEntries) != 1
        || Integer.bitCount(leastBlocks) != 1
        || leastBlocks < 2) {
      throw new IllegalArgumentException("a list of impossible form");
    }
    indexed = 2 * log2(leastBlocks);
    if (leastEntries << indexed / 2 > pageEntries) {
      throw new IllegalArgumentException("a list of impossible form");
    }
    int supersNamed = Math.max(0, 1 + bits - log2(leastEntries) - indexed);
    long indexAddress = Hdf5Header.unsigned(head.position(12 + 6 * lengths), offsets);
    if (indexAddress == Constants.UNDEFINED_ADDRESS) {
      index = null;
      return;
    }
    int size =
        6 + offsets + inIndex * entryBytes + (2 * (leastBlocks - 1) + supersNamed) * offsets + 4;
    index = storage.readBufferFromAddress(indexAddress, size);
    Hdf5Header.requireSignature(index, "EAIB".getBytes(StandardCharsets.US_ASCII));
    Hdf5Header.requireChecksum(index);
  }

  @Override
  public Hdf5Chunks.Place get(long number) {
    ByteBuffer entry = index == null ? null : entry(number);
    return entry == null ? null : Hdf5Chunks.entry(entry, filtered, offsets, chunkBytes);
  }

  private ByteBuffer entry(long number) {
    int first = 6 + offsets;
    if (number < inIndex) {
      return index
          .slice(first + (int) number * entryBytes, entryBytes)
          .order(ByteOrder.LITTLE_ENDIAN);
    }
    // Group g of blocks has 2^(g/2) of them (rounded down), of 2^((g+1)/2) times the least size.
    long rest = number - inIndex;
    int group = log2(rest / leastEntries + 1);
    long blockEntries = leastEntries << (group + 1) / 2;
    long inGroup = rest - leastEntries * ((1L << group) - 1);
    int block = (int) (inGroup / blockEntries);
    long key = ((long) group << 32) + block;
    Hdf5ArrayBlock found = blocks.get(key);
    if (found == null) {
      found =
          group < indexed
              ? indexedBlock(first, group, block, blockEntries)
              : blockOfSuper(first, group, block, blockEntries);
      if (found == null) {
        return null;
      }
      blocks.put(key, found);
    }
    return found.entry(inGroup % blockEntries);
  }

  private Hdf5ArrayBlock indexedBlock(int first, int group, int block, long blockEntries) {
    // Groups of 1, 1, 2, 2, 4, 4 ... blocks come before.
    int before = (1 << group / 2) * (group % 2 == 0 ? 2 : 3) - 2;
    int at = first + inIndex * entryBytes + (before + block) * offsets;
    return block(address(index, at), blockEntries, null, 0);
  }

  private Hdf5ArrayBlock blockOfSuper(int first, int group, int block, long blockEntries) {
    int at = first + inIndex * entryBytes + (2 * (leastBlocks - 1) + group - indexed) * offsets;
    if (at + offsets > index.capacity() - 4) {
      throw new IllegalArgumentException("its list of chunks is too short");
    }
    int count = 1 << group / 2;
    long pages = blockEntries > pageEntries ? blockEntries / pageEntries : 0;
    int bitmapBytes = Math.toIntExact(count * ((pages + 7) / 8));
    int prefix = 6 + offsets + offsetBytes;
    ByteBuffer part = supers.get(group);
    if (part == null) {
      long address = address(index, at);
      if (address == Constants.UNDEFINED_ADDRESS) {
        return null;
      }
      part = storage.readBufferFromAddress(address, prefix + bitmapBytes + count * offsets + 4);
      Hdf5Header.requireSignature(part, "EASB".getBytes(StandardCharsets.US_ASCII));
      Hdf5Header.requireChecksum(part);
      supers.put(group, part);
    }
    return block(
        address(part, prefix + bitmapBytes + block * offsets),
        blockEntries,
        pages > 0 ? part.slice(prefix, bitmapBytes) : null,
        block * pages);
  }

  private Hdf5ArrayBlock block(long address, long entries, ByteBuffer written, long firstPage) {
    if (address == Constants.UNDEFINED_ADDRESS) {
      return null;
    }
    int prefix = 6 + offsets + offsetBytes + (written == null ? 0 : 4);
    return new Hdf5ArrayBlock(
        storage, "EADB", address, prefix, entries, entryBytes, pageEntries, written, firstPage);
  }

  private long address(ByteBuffer part, int at) {
    return Hdf5Header.unsigned(part.slice(at, offsets), offsets);
  }

  private static int log2(long value) {
    return 63 - Long.numberOfLeadingZeros(value);
  }
}
