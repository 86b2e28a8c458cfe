package tangram.pclmix.data;

import io.jhdf.Constants;
import io.jhdf.btree.BTreeV1;
import io.jhdf.btree.BTreeV2;
import io.jhdf.btree.record.BTreeDatasetChunkRecord;
import io.jhdf.dataset.chunked.Chunk;
import io.jhdf.dataset.chunked.DatasetInfo;
import io.jhdf.object.message.DataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessageV4;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Where the chunks of a dataset lie in the file. The library reads the trees, which name the place
 * of every chunk in the dataset. Lists of chunks, which do not, are read here: a chunk's number
 * follows from the size that the dataset may grow to, and those never written have no entry.
 */
final class Hdf5Chunks {
  private static final byte SINGLE = 1;
  private static final byte IMPLICIT = 2;
  private static final byte FIXED_ARRAY = 3;
  private static final byte EXTENSIBLE_ARRAY = 4;
  private static final byte TREE = 5;

  /** More levels than a tree of chunks of a file of a gigabyte can have. */
  private static final int MAX_TREE_DEPTH = 16;

  /** Fewest bytes by which a file tells where a chunk lies. */
  private static final int MIN_CHUNK_ENTRY = 8;

  /**
   * A chunk in the file.
   *
   * @param address where it starts
   * @param bytes as stored
   * @param skipped the filters that were not applied, a bit each
   */
  record Place(long address, long bytes, int skipped) {}

  /** Finds a chunk by its number in a list; null where it was never written. */
  interface Entries {
    Place get(long number);
  }

  private interface Finder {
    Place at(int[] corner);
  }

  /** A dataset's size, the size it may grow to (-1 for no limit) and that of its chunks. */
  record Grid(int[] shape, long[] most, int[] sides) {

    /** The number of a chunk, counted in rows of chunks, the dimension {@code first} slowest. */
    long number(int[] corner, int first) {
      int[] order =
          IntStream.concat(
                  IntStream.of(first), IntStream.range(0, sides.length).filter(d -> d != first))
              .toArray();
      long number = 0;
      for (int i = 0; i < order.length; i++) {
        int d = order[i];
        // The slowest dimension may have no end, which does not matter.
        long chunks = i == 0 ? 0 : Math.ceilDiv(most[d], (long) sides[d]);
        number = Math.addExact(Math.multiplyExact(number, chunks), corner[d] / sides[d]);
      }
      return number;
    }

    /** The dimension without limit, the first where there is none. */
    int unlimited() {
      for (int d = 0; d < most.length; d++) {
        if (most[d] < 0) {
          return d;
        }
      }
      return 0;
    }
  }

  private final Finder finder;

  private Hdf5Chunks(Finder finder) {
    this.finder = finder;
  }

  /** The chunk whose first element is at a place of the dataset; null if it was never written. */
  Place at(int[] corner) {
    return finder.at(corner);
  }

  /**
   * Reads what is needed to find chunks.
   *
   * @param bytes of a chunk, unpacked
   * @throws RuntimeException of any kind if the file is malformed
   */
  static Hdf5Chunks of(Hdf5Storage storage, DataLayoutMessage layout, Grid grid, int bytes) {
    if (layout instanceof ChunkedDataLayoutMessage old) {
      return old.getBTreeAddress() == Constants.UNDEFINED_ADDRESS
          ? new Hdf5Chunks(corner -> null)
          : ofTree(
              BTreeV1.createDataBTree(storage, old.getBTreeAddress(), grid.shape().length)
                  .getChunks());
    }
    ChunkedDataLayoutMessageV4 list = (ChunkedDataLayoutMessageV4) layout;
    long address = list.getAddress();
    if (address == Constants.UNDEFINED_ADDRESS) {
      return new Hdf5Chunks(corner -> null);
    }
    switch (list.getIndexingType()) {
      case SINGLE:
        Place only =
            list.isFilteredSingleChunk()
                ? new Place(
                    address,
                    list.getSizeOfFilteredSingleChunk(),
                    bits(list.getFilterMaskFilteredSingleChunk()))
                : new Place(address, bytes, 0);
        return new Hdf5Chunks(corner -> Arrays.stream(corner).allMatch(c -> c == 0) ? only : null);
      case IMPLICIT:
        return new Hdf5Chunks(
            corner ->
                new Place(
                    Math.addExact(address, Math.multiplyExact(grid.number(corner, 0), bytes)),
                    bytes,
                    0));
      case FIXED_ARRAY:
        Entries fixed = new Hdf5FixedArray(storage, address, bytes);
        return new Hdf5Chunks(corner -> fixed.get(grid.number(corner, 0)));
      case EXTENSIBLE_ARRAY:
        Entries extensible = new Hdf5ExtensibleArray(storage, address, bytes);
        int first = grid.unlimited();
        return new Hdf5Chunks(corner -> extensible.get(grid.number(corner, first)));
      case TREE:
        return ofNewTree(storage, address, grid, bytes);
      default:
        throw new IllegalArgumentException("a list of chunks of kind " + list.getIndexingType());
    }
  }

  private static Hdf5Chunks ofNewTree(Hdf5Storage storage, long address, Grid grid, int bytes) {
    int offsets = storage.getSizeOfOffsets();
    int lengths = storage.getSizeOfLengths();
    ByteBuffer head = storage.readBufferFromAddress(address, 18 + offsets + lengths);
    Hdf5Header.requireSignature(head, "BTHD".getBytes(StandardCharsets.US_ASCII));
    int depth = head.getShort(12);
    if (depth < 0 || depth > MAX_TREE_DEPTH) {
      throw new IllegalArgumentException("a tree of " + depth + " levels");
    }
    // The library takes memory for as many as this before it reads on.
    long listed = Hdf5Header.unsigned(head.position(18 + offsets), lengths);
    if (listed < 0 || listed > storage.size() / MIN_CHUNK_ENTRY) {
      throw new IllegalArgumentException("lists " + listed + " chunks, for which there is no room");
    }
    if (listed == 0) {
      return new Hdf5Chunks(corner -> null);
    }
    long[] shape = Arrays.stream(grid.shape()).asLongStream().toArray();
    return ofTree(
        new BTreeV2<BTreeDatasetChunkRecord>(
                storage, address, new DatasetInfo(bytes, shape, grid.sides()))
            .getRecords().stream().map(BTreeDatasetChunkRecord::getChunk).toList());
  }

  private static Hdf5Chunks ofTree(List<Chunk> chunks) {
    Map<List<Long>, Place> places = new HashMap<>();
    for (Chunk chunk : chunks) {
      List<Long> corner = Arrays.stream(chunk.getChunkOffset()).boxed().toList();
      Place place =
          new Place(chunk.getAddress(), chunk.getSize() & 0xFFFFFFFFL, bits(chunk.getFilterMask()));
      if (places.put(corner, place) != null) {
        throw new IllegalArgumentException("a chunk is there twice");
      }
    }
    return new Hdf5Chunks(
        corner -> places.get(Arrays.stream(corner).asLongStream().boxed().toList()));
  }

  private static int bits(BitSet mask) {
    long[] words = mask.toLongArray();
    return words.length == 0 ? 0 : (int) words[0];
  }

  /**
   * Reads an entry of a list of chunks.
   *
   * @param entry from its start, of its whole length
   * @param filtered whether the entry tells the chunk's length and filters
   * @param bytes of a chunk, unpacked
   */
  static Place entry(ByteBuffer entry, boolean filtered, int offsets, int bytes) {
    int rest = entry.remaining() - offsets;
    long address = Hdf5Header.unsigned(entry, offsets);
    if (address == Constants.UNDEFINED_ADDRESS) {
      return null;
    }
    if (!filtered) {
      return new Place(address, bytes, 0);
    }
    long stored = Hdf5Header.unsigned(entry, rest - Integer.BYTES);
    return new Place(address, stored, entry.getInt());
  }
}
