package tangram.pclmix.data;

import io.jhdf.Constants;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.message.DataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessageV4;
import io.jhdf.object.message.DataLayoutMessage.CompactDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ContiguousDataLayoutMessage;
import io.jhdf.object.message.DataSpace;
import io.jhdf.object.message.DataSpaceMessage;
import io.jhdf.object.message.FilterPipelineMessage;
import io.jhdf.object.message.FilterPipelineMessage.FilterInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.zip.DataFormatException;
import tangram.nn.data.DataException;

/**
 * A dataset of numbers. The library reads most of what the file says of it; the numbers are read
 * here, so that no chunk is unpacked to more than it is declared to be, and what was never written
 * is the fill value.
 */
final class Hdf5Dataset {
  private static final int MAX_SIDE = 8192;

  /** Chunks that are looked at in any file; more only in one that is large itself. */
  private static final int MANY_CHUNKS = 1 << 20;

  /** Fewest bytes by which a file tells where a chunk lies. */
  private static final int MIN_CHUNK_ENTRY = 8;

  /** Of an image at least one chunk in this number must have been written. */
  private static final int SPARSE = 16;

  private static final int LAYOUT_VERSION_2_0 = 5;

  private final Hdf5File file;
  private final String name;
  private final Hdf5Header header;
  private final DataType dataType;
  private final NumberType type;
  private final int[] shape;
  private final long[] most;
  private final DataLayoutMessage layout;
  private final boolean edgesUnfiltered;
  private final List<FilterInfo> filters;
  private Hdf5Chunks chunks;

  Hdf5Dataset(Hdf5File file, String name, Hdf5Header header) {
    this.file = file;
    this.name = name;
    this.header = header;
    if (header.has(Hdf5Header.EXTERNAL_FILES)) {
      throw failure("lies in other files, which are not read; " + rewrite());
    }
    dataType = header.dataType();
    type = Hdf5Types.numberType(dataType);
    DataSpace space = header.message(Hdf5Header.DATA_SPACE, DataSpaceMessage.class).getDataSpace();
    shape = space.getDimensions();
    most = space.getMaxSizes();
    ByteBuffer message = header.body(Hdf5Header.DATA_LAYOUT);
    int version = message.get(0);
    boolean chunked = message.get(1) == 2;
    if (message.get(1) == 3 && version >= 3) {
      throw failure("is a virtual dataset, whose parts lie elsewhere; " + rewrite());
    }
    edgesUnfiltered = version >= 4 && chunked && (message.get(2) & 1) != 0;
    layout = DataLayoutMessage.createDataLayoutMessage(known(message), superblock(), new BitSet());
    filters =
        header.has(Hdf5Header.FILTERS)
            ? header.message(Hdf5Header.FILTERS, FilterPipelineMessage.class).getFilters()
            : List.of();
  }

  /**
   * HDF5 2.0 calls the same form version 5: its lists say themselves how long their entries are.
   */
  private static ByteBuffer known(ByteBuffer message) {
    ByteBuffer copy = ByteBuffer.allocate(message.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    copy.put(message).flip();
    if (copy.get(0) == LAYOUT_VERSION_2_0) {
      copy.put(0, (byte) 4);
    }
    return copy;
  }

  private io.jhdf.Superblock superblock() {
    return file.storage().getSuperblock();
  }

  /** What takes the numbers, with their places in row-major order. */
  interface Sink {
    void put(int index, double number);
  }

  String name() {
    return name;
  }

  Path path() {
    return file.path();
  }

  NumberType type() {
    return type;
  }

  ByteOrder order() {
    return Hdf5Types.order(dataType);
  }

  /** A failure of this dataset; {@code what} continues after its name. */
  DataException failure(String what) {
    return failure(what, null);
  }

  DataException failure(String what, Throwable cause) {
    return new DataException(file.path() + ": '" + name + "' " + what, cause);
  }

  /** Advice for sound files of a form that is not read. */
  private String rewrite() {
    return Hdf5File.rewrite(name);
  }

  /**
   * The declared shape.
   *
   * @throws DataException if it is of another rank or size than is read
   */
  int[] shape(int rank) {
    if (shape.length != rank) {
      throw failure(
          "has "
              + shape.length
              + " dimensions where a "
              + (rank == 2 ? "slice" : "volume")
              + " has "
              + rank
              + "; check that slices and volumes were not mixed up.");
    }
    if (type == null) {
      throw failure("does not hold numbers; store integers or floats of up to 8 bytes.");
    }
    requireSize("declares", shape);
    return shape.clone();
  }

  static long elements(int[] sides) {
    long elements = 1;
    for (int side : sides) {
      elements *= side;
    }
    return elements;
  }

  private void requireSize(String what, int[] sides) {
    long elements = 1;
    for (int side : sides) {
      if (side < 1 || side > MAX_SIDE || (elements *= side) > Volume.MAX_VOXELS) {
        throw failure(
            what
                + " "
                + text(sides)
                + " elements where 1 to "
                + MAX_SIDE
                + " a side and "
                + Volume.MAX_VOXELS
                + " in all are read; crop it or fetch the file again.");
      }
    }
  }

  /**
   * Checks that reading what has a shape cannot take more memory than it should.
   *
   * @param backed whether an image of this shape was read, so that it may be all fill values
   * @throws DataException if it can
   */
  void requireReadable(boolean backed) {
    if (layout instanceof CompactDataLayoutMessage
        || layout instanceof ContiguousDataLayoutMessage c
            && c.getAddress() != Constants.UNDEFINED_ADDRESS) {
      requireRoom(elements(shape), file.storage().size());
      return;
    }
    if (layout instanceof ContiguousDataLayoutMessage) {
      requireWritten(0, 1, backed);
      return;
    }
    int[] sides = sides();
    if (sides.length != shape.length) {
      throw failure(
          "has chunks of "
              + sides.length
              + " dimensions where it has "
              + shape.length
              + "; the file is damaged, fetch it again.");
    }
    requireSize("declares chunks of", sides);
    requireKnownFilters();
    long chunkElements = elements(sides);
    long all = 1;
    for (int d = 0; d < sides.length; d++) {
      all *= (shape[d] + sides[d] - 1) / sides[d];
    }
    if (all > Math.max(MANY_CHUNKS, file.storage().size() / MIN_CHUNK_ENTRY)) {
      throw failure(
          "declares "
              + text(shape)
              + " elements in "
              + all
              + " chunks, too many to be read; "
              + rewrite());
    }
    try {
      chunks =
          Hdf5Chunks.of(
              file.storage(),
              layout,
              new Hdf5Chunks.Grid(shape, most, sides),
              Math.toIntExact(chunkElements * type.bytes));
    } catch (IllegalArgumentException e) {
      throw failure(e.getMessage() + "; the file is damaged, fetch it again.", e);
    }
    long written = 0;
    long stored = 0;
    int[] corner = new int[shape.length];
    do {
      Hdf5Chunks.Place place = place(corner);
      written += place == null ? 0 : 1;
      stored += place == null ? 0 : place.bytes();
      requireStored(stored);
    } while (Hdf5Values.advance(corner, sides, shape));
    requireWritten(written, all, backed);
    if (written > 0) {
      requireRoom(written == all ? elements(shape) : written * chunkElements, stored);
      requireRoom(chunkElements, stored);
    }
  }

  private Hdf5Chunks.Place place(int[] corner) {
    try {
      return chunks.at(corner);
    } catch (IllegalArgumentException e) {
      throw failure(e.getMessage() + "; the file is damaged, fetch it again.", e);
    }
  }

  private int[] sides() {
    if (layout instanceof ChunkedDataLayoutMessage old) {
      return old.getChunkDimensions();
    }
    int[] sides = ((ChunkedDataLayoutMessageV4) layout).getChunkDimensions();
    // The last is an element's bytes.
    return Arrays.copyOf(sides, sides.length - 1);
  }

  /** Checks that some elements can come of some bytes of the file. */
  private void requireRoom(long elements, long stored) {
    if (elements * type.bytes > stored * (isPacked() ? Nifti.MAX_COMPRESSION : 1)) {
      throw failure(
          "declares "
              + text(shape)
              + " elements of "
              + type.bytes
              + " bytes, which "
              + stored
              + " bytes of the file cannot hold; the file is damaged, fetch it again.");
    }
  }

  private void requireStored(long bytes) {
    if (bytes > file.storage().size()) {
      throw failure(
          "stores "
              + bytes
              + " bytes of chunks in a file of "
              + file.storage().size()
              + "; the file is damaged, fetch it again.");
    }
  }

  private void requireWritten(long written, long all, boolean backed) {
    if (written == 0 && !backed) {
      throw failure("was never filled; write numbers to it.");
    }
    if (written < all && fill().isEmpty()) {
      throw failure(
          "lacks some of its chunks and has no fill value for them; write all of it, or fetch the"
              + " file again.");
    }
    if (!backed && all / written > SPARSE) {
      throw failure(
          "has only "
              + written
              + " of its "
              + all
              + " chunks; write the others too, or fetch the file again.");
    }
  }

  /** What is there where nothing was written; empty where the file says that there is nothing. */
  OptionalDouble fill() {
    return Hdf5Fill.value(header, this);
  }

  private void requireKnownFilters() {
    for (FilterInfo filter : filters) {
      if (!Hdf5Filters.isKnown(filter)) {
        throw failure(
            "is packed by '"
                + Hdf5Filters.name(filter)
                + "', which is not read; write it with gzip or without compression.");
      }
    }
  }

  private boolean isPacked() {
    return filters.stream().anyMatch(f -> f.getId() == Hdf5Filters.DEFLATE);
  }

  /**
   * Reads the numbers, of a dataset that was found readable.
   *
   * @throws DataException if some are missing or damaged
   */
  void forEach(Sink sink) {
    Hdf5Values values = new Hdf5Values(this, shape, sink);
    if (layout instanceof CompactDataLayoutMessage compact) {
      values.putWhole(compact.getDataBuffer());
    } else if (layout instanceof ContiguousDataLayoutMessage contiguous) {
      if (contiguous.getAddress() == Constants.UNDEFINED_ADDRESS) {
        values.putFill(shape, new int[shape.length]);
      } else {
        values.putWhole(file.storage().map(contiguous.getAddress(), elements(shape) * type.bytes));
      }
    } else {
      values.putChunks(sides(), this::place, this::unpacked);
    }
  }

  /** The bytes of a chunk as they were before the filters. */
  private ByteBuffer unpacked(Hdf5Chunks.Place place, int[] corner, int bytes)
      throws DataFormatException {
    ByteBuffer stored;
    try {
      stored = file.storage().chunk(place.address(), place.bytes());
    } catch (DataException e) {
      throw failure(
          "has its chunk at "
              + Arrays.toString(corner)
              + " outside the file; fetch or write the file again.",
          e);
    }
    int skipped = edgesUnfiltered && isCut(corner) ? -1 : place.skipped();
    return Hdf5Filters.undo(filters, skipped, stored, bytes);
  }

  /** Whether a chunk goes beyond the dataset. */
  private boolean isCut(int[] corner) {
    int[] sides = sides();
    boolean cut = false;
    for (int d = 0; d < sides.length; d++) {
      cut |= corner[d] + sides[d] > shape[d];
    }
    return cut;
  }

  /**
   * An attribute of three 64-bit floats.
   *
   * @return its numbers, or null if there is none of that name
   * @throws DataException if it is of another kind, or one of many that are kept elsewhere
   */
  double[] threeNumbers(String attribute) {
    return Hdf5Attributes.threeNumbers(header, superblock(), attribute, this);
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
