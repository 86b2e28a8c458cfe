package tangram.pclmix.data;

import io.jhdf.Constants;
import io.jhdf.ObjectHeader;
import io.jhdf.Utils;
import io.jhdf.api.Dataset;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.dataset.CompactDataset;
import io.jhdf.dataset.ContiguousDatasetImpl;
import io.jhdf.exceptions.HdfException;
import io.jhdf.filter.PipelineFilterWithData;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.OrderedDataType;
import io.jhdf.object.message.AttributeInfoMessage;
import io.jhdf.object.message.AttributeMessage;
import io.jhdf.object.message.DataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessageV4;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;

/**
 * A dataset of numbers. The library reads what the file says of it; the numbers are read here, so
 * that no chunk is unpacked to more than it is declared to be and none is missing.
 */
final class Hdf5Dataset {
  private static final int MAX_SIDE = 8192;

  /** Fewest bytes by which a file tells where a chunk lies. */
  private static final int MIN_CHUNK_ENTRY = 8;

  /** More levels than a tree of chunks of a file of a gigabyte can have. */
  private static final int MAX_TREE_DEPTH = 16;

  private static final byte FIXED_ARRAY = 3;
  private static final byte EXTENSIBLE_ARRAY = 4;
  private static final byte TREE = 5;

  private final Hdf5File file;
  private final String name;
  private final ObjectHeader header;
  private final Dataset dataset;
  private final NumberType type;
  private final int[] shape;

  Hdf5Dataset(Hdf5File file, String name, ObjectHeader header, Dataset dataset) {
    this.file = file;
    this.name = name;
    this.header = header;
    this.dataset = dataset;
    this.type = numberType(dataset.getDataType());
    this.shape = dataset.getDimensions();
  }

  /** What takes the numbers, with their places in row-major order. */
  interface Sink {
    void put(int index, double number);
  }

  /**
   * The declared shape, once it is known that reading it cannot take more memory than it should.
   *
   * @throws DataException if it is absurd or of another rank
   */
  int[] shape(int rank) {
    if (shape.length != rank) {
      throw new DataException(
          file.path()
              + ": '"
              + name
              + "' has "
              + shape.length
              + " dimensions where a "
              + (rank == 2 ? "slice" : "volume")
              + " has "
              + rank
              + "; check that slices and volumes were not mixed up.");
    }
    if (type == null) {
      throw new DataException(
          file.path()
              + ": '"
              + name
              + "' does not hold numbers; store integers or floats of up to 8 bytes.");
    }
    requireRoom("declares", shape, file.storage().size());
    if (dataset instanceof ChunkedDataset chunked) {
      requireChunks(chunked);
    }
    return shape.clone();
  }

  /** Checks that a number of elements can come from some bytes of the file. */
  private void requireRoom(String what, int[] sides, long stored) {
    long elements = 1;
    boolean absurd = false;
    for (int side : sides) {
      absurd |= side < 1 || side > MAX_SIDE;
      elements = absurd ? 0 : Math.min(elements * side, Integer.MAX_VALUE);
    }
    if (absurd
        || elements > Volume.MAX_VOXELS
        || elements * type.bytes > stored * (isPacked() ? Nifti.MAX_COMPRESSION : 1)) {
      throw new DataException(
          file.path()
              + ": '"
              + name
              + "' "
              + what
              + " "
              + text(sides)
              + " elements of "
              + type.bytes
              + " bytes, which "
              + stored
              + " bytes of the file cannot hold or nobody needs; the file is damaged, fetch it"
              + " again.");
    }
  }

  private void requireChunks(ChunkedDataset chunked) {
    int[] sides = chunked.getChunkDimensions();
    if (sides.length != shape.length) {
      throw new DataException(
          file.path()
              + ": '"
              + name
              + "' has chunks of "
              + sides.length
              + " dimensions where it has "
              + shape.length
              + "; the file is damaged, fetch it again.");
    }
    requireRoom("declares chunks of", sides, file.storage().size());
    long chunks = 1;
    for (int d = 0; d < sides.length; d++) {
      chunks *= (shape[d] + sides[d] - 1) / sides[d];
    }
    requireListable(chunks);
    requireListable(listedChunks());
    requireKnownFilters(chunked);
    long stored = chunked.getStorageInBytes();
    if (stored == 0) {
      throw neverFilled();
    }
    requireStored(stored);
    requireRoom("declares", shape, stored);
  }

  private void requireKnownFilters(ChunkedDataset chunked) {
    for (PipelineFilterWithData filter : chunked.getFilters()) {
      if (!Hdf5Filters.isKnown(filter)) {
        throw new DataException(
            file.path()
                + ": '"
                + name
                + "' is packed by '"
                + filter.getName()
                + "', which is not read; write it with gzip or without compression.");
      }
    }
  }

  private boolean isPacked() {
    return dataset instanceof ChunkedDataset chunked
        && chunked.getFilters().stream().anyMatch(f -> f.getId() == Hdf5Filters.DEFLATE);
  }

  /**
   * Reads the numbers, of a dataset whose shape was asked for.
   *
   * @throws DataException if some are missing or damaged
   */
  void forEach(Sink sink) {
    if (dataset instanceof ChunkedDataset chunked) {
      readChunks(chunked, sink);
    } else if (dataset instanceof ContiguousDatasetImpl contiguous && !contiguous.isEmpty()) {
      readWhole(contiguous.getBuffer(), sink);
    } else if (dataset instanceof CompactDataset compact) {
      readWhole(compact.getDataBuffer(), sink);
    } else {
      throw neverFilled();
    }
  }

  private DataException neverFilled() {
    return new DataException(
        file.path() + ": '" + name + "' was never filled; write numbers to it.");
  }

  private void readWhole(ByteBuffer data, Sink sink) {
    requireLength(data, shape, new int[shape.length]);
    putChunk(data, shape, new int[shape.length], sink);
  }

  private void readChunks(ChunkedDataset chunked, Sink sink) {
    int[] sides = chunked.getChunkDimensions();
    List<PipelineFilterWithData> filters = chunked.getFilters();
    int bytes = type.bytes;
    for (int side : sides) {
      bytes *= side;
    }
    int[] corner = new int[shape.length];
    do {
      ByteBuffer data;
      try {
        data = Hdf5Filters.undo(filters, chunk(chunked, corner), bytes);
      } catch (DataFormatException e) {
        throw badChunk(corner, e.getMessage(), e);
      }
      requireLength(data, sides, corner);
      putChunk(data, sides, corner, sink);
    } while (advance(corner, sides, shape));
  }

  private ByteBuffer chunk(ChunkedDataset chunked, int[] corner) {
    try {
      return chunked.getRawChunkBuffer(corner);
    } catch (HdfException e) {
      throw new DataException(
          file.path()
              + ": '"
              + name
              + "' lacks its chunk at "
              + Arrays.toString(corner)
              + ", or the chunk lies outside the file; fetch or write the file again.",
          e);
    }
  }

  private void requireListable(long chunks) {
    if (chunks > file.storage().size() / MIN_CHUNK_ENTRY) {
      throw new DataException(
          file.path()
              + ": '"
              + name
              + "' lists "
              + chunks
              + " chunks, for which a file of "
              + file.storage().size()
              + " bytes has no room; the file is damaged, fetch it again.");
    }
  }

  /**
   * How many chunks the list of a dataset in HDF5's newer form tells to have: the library takes
   * memory for that number before it reads on. 0 where there is no such list.
   */
  private long listedChunks() {
    if (!(header.getMessageOfType(DataLayoutMessage.class)
            instanceof ChunkedDataLayoutMessageV4 layout)
        || layout.getAddress() == Constants.UNDEFINED_ADDRESS) {
      return 0;
    }
    Hdf5Storage storage = file.storage();
    int lengths = storage.getSizeOfLengths();
    int at;
    switch (layout.getIndexingType()) {
      case FIXED_ARRAY:
        at = 8;
        break;
      case EXTENSIBLE_ARRAY:
        at = 12 + 4 * lengths;
        break;
      case TREE:
        at = 18 + storage.getSizeOfOffsets();
        int depth = storage.readBufferFromAddress(layout.getAddress() + 12, Short.BYTES).getShort();
        if (depth < 0 || depth > MAX_TREE_DEPTH) {
          throw new DataException(
              file.path()
                  + ": '"
                  + name
                  + "' lists its chunks in "
                  + depth
                  + " levels; the file is damaged, fetch it again.");
        }
        break;
      default:
        return 0;
    }
    ByteBuffer field = storage.readBufferFromAddress(layout.getAddress() + at, lengths);
    return Utils.readBytesAsUnsignedLong(field, lengths);
  }

  private void requireStored(long bytes) {
    if (bytes > file.storage().size()) {
      throw new DataException(
          file.path()
              + ": '"
              + name
              + "' stores "
              + bytes
              + " bytes of chunks in a file of "
              + file.storage().size()
              + "; the file is damaged, fetch it again.");
    }
  }

  private void requireLength(ByteBuffer data, int[] sides, int[] corner) {
    long bytes = type.bytes;
    for (int side : sides) {
      bytes *= side;
    }
    if (data.remaining() != bytes) {
      throw badChunk(
          corner, "has " + data.remaining() + " bytes where " + bytes + " are needed", null);
    }
  }

  private DataException badChunk(int[] corner, String what, Throwable cause) {
    return new DataException(
        file.path()
            + ": '"
            + name
            + "' has a chunk at "
            + Arrays.toString(corner)
            + " that "
            + what
            + "; the file is damaged, fetch it again.",
        cause);
  }

  /** Hands over the part of a chunk that is inside the dataset. */
  private void putChunk(ByteBuffer data, int[] sides, int[] corner, Sink sink) {
    data.order(((OrderedDataType) dataset.getDataType()).getByteOrder());
    int last = shape.length - 1;
    int[] inside = new int[shape.length];
    for (int d = 0; d < inside.length; d++) {
      inside[d] = Math.min(sides[d], shape[d] - corner[d]);
    }
    int width = inside[last];
    int[] step = new int[shape.length];
    Arrays.fill(step, 1);
    // One step of the last dimension is a whole row.
    step[last] = width;
    int[] row = new int[shape.length];
    do {
      int from = 0;
      int to = 0;
      for (int d = 0; d <= last; d++) {
        from = from * sides[d] + row[d];
        to = to * shape[d] + corner[d] + row[d];
      }
      for (int x = 0; x < width; x++) {
        sink.put(to + x, type.get(data, from + x));
      }
    } while (advance(row, step, inside));
  }

  /** Moves on in row-major order; false after the last place. */
  private static boolean advance(int[] at, int[] step, int[] end) {
    for (int d = at.length - 1; d >= 0; d--) {
      at[d] += step[d];
      if (at[d] < end[d]) {
        return true;
      }
      at[d] = 0;
    }
    return false;
  }

  /**
   * An attribute of three 64-bit floats.
   *
   * @return its numbers, or null if there is none of that name
   * @throws DataException if it is of another kind, or one of a number so large that they are kept
   *     elsewhere
   */
  double[] threeNumbers(String attribute) {
    for (AttributeMessage message : header.getMessagesOfType(AttributeMessage.class)) {
      if (message.getName().equals(attribute)) {
        ByteBuffer data = message.getDataBuffer();
        if (numberType(message.getDataType()) != NumberType.FLOAT64
            || !Arrays.equals(message.getDataSpace().getDimensions(), new int[] {3})
            || data == null
            || data.remaining() != 3 * Double.BYTES) {
          throw new DataException(
              file.path()
                  + ": attribute '"
                  + attribute
                  + "' of '"
                  + name
                  + "' is not three 64-bit floats; correct or remove it.");
        }
        data.order(((OrderedDataType) message.getDataType()).getByteOrder());
        return new double[] {data.getDouble(), data.getDouble(), data.getDouble()};
      }
    }
    if (header.hasMessageOfType(AttributeInfoMessage.class)
        && header.getMessageOfType(AttributeInfoMessage.class).getFractalHeapAddress()
            != Constants.UNDEFINED_ADDRESS) {
      throw new DataException(
          file.path()
              + ": '"
              + name
              + "' has more than eight attributes in HDF5's newer form, which is not read; remove"
              + " some, or write it for the earliest version of HDF5.");
    }
    return null;
  }

  /** The type of numbers, or null if they are of another or none. */
  private static NumberType numberType(DataType type) {
    int bits = 8 * type.getSize();
    if (type instanceof FixedPoint fixed) {
      if (fixed.getBitOffset() != 0 || fixed.getBitPrecision() != bits) {
        return null;
      }
      switch (bits) {
        case 8:
          return fixed.isSigned() ? NumberType.INT8 : NumberType.UINT8;
        case 16:
          return fixed.isSigned() ? NumberType.INT16 : NumberType.UINT16;
        case 32:
          return fixed.isSigned() ? NumberType.INT32 : NumberType.UINT32;
        case 64:
          return fixed.isSigned() ? NumberType.INT64 : NumberType.UINT64;
        default:
          return null;
      }
    }
    if (type instanceof FloatingPoint real
        && real.getBitOffset() == 0
        && real.getBitPrecision() == bits
        && real.getSignLocation() == bits - 1
        && real.getMantissaLocation() == 0
        && real.getExponentLocation() == real.getMantissaSize()
        && real.getExponentSize() == bits - 1 - real.getMantissaSize()
        && real.getExponentBias() == (1 << (real.getExponentSize() - 1)) - 1) {
      if (bits == 16 && real.getMantissaSize() == 10) {
        return NumberType.FLOAT16;
      } else if (bits == 32 && real.getMantissaSize() == 23) {
        return NumberType.FLOAT32;
      } else if (bits == 64 && real.getMantissaSize() == 52) {
        return NumberType.FLOAT64;
      }
    }
    return null;
  }

  /** A shape as messages show it, such as 12x10. */
  static String text(int[] shape) {
    StringBuilder text = new StringBuilder();
    for (int side : shape) {
      text.append(text.isEmpty() ? "" : "x").append(side);
    }
    return text.toString();
  }
}
