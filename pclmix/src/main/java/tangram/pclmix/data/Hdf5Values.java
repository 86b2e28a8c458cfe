package tangram.pclmix.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import tangram.nn.data.DataException;

/** Hands over the numbers of a dataset, chunk by chunk. */
final class Hdf5Values {
  private final Hdf5Dataset of;
  private final int[] shape;
  private final Hdf5Dataset.Sink sink;

  Hdf5Values(Hdf5Dataset of, int[] shape, Hdf5Dataset.Sink sink) {
    this.of = of;
    this.shape = shape;
    this.sink = sink;
  }

  /** Finds a chunk by its first place. */
  interface Finder {
    Hdf5Chunks.Place at(int[] corner);
  }

  /** Reads a chunk. */
  interface Unpacker {
    ByteBuffer read(Hdf5Chunks.Place place, int[] corner, int bytes) throws DataFormatException;
  }

  /** What hands over a number of a chunk. */
  private interface Source {
    double get(int index);
  }

  /** Hands over a dataset that lies in one piece. */
  void putWhole(ByteBuffer data) {
    int[] start = new int[shape.length];
    requireLength(data, shape, start);
    putChunk(data, shape, start);
  }

  /** Hands over all chunks, or the fill value where one was never written. */
  void putChunks(int[] sides, Finder finder, Unpacker unpacker) {
    int bytes = (int) Hdf5Dataset.elements(sides) * of.type().bytes;
    int[] corner = new int[shape.length];
    do {
      Hdf5Chunks.Place place = finder.at(corner);
      if (place == null) {
        putFill(sides, corner);
        continue;
      }
      ByteBuffer data;
      try {
        data = unpacker.read(place, corner, bytes);
      } catch (DataFormatException e) {
        throw badChunk(corner, e.getMessage(), e);
      }
      requireLength(data, sides, corner);
      putChunk(data, sides, corner);
    } while (advance(corner, sides, shape));
  }

  private void requireLength(ByteBuffer data, int[] sides, int[] corner) {
    long bytes = Hdf5Dataset.elements(sides) * of.type().bytes;
    if (data.remaining() != bytes) {
      throw badChunk(
          corner, "has " + data.remaining() + " bytes where " + bytes + " are needed", null);
    }
  }

  private DataException badChunk(int[] corner, String what, Throwable cause) {
    return of.failure(
        "has a chunk at "
            + Arrays.toString(corner)
            + " that "
            + what
            + "; the file is damaged, fetch it again.",
        cause);
  }

  /** Hands over the fill value as a chunk. */
  void putFill(int[] sides, int[] corner) {
    double value = of.fill().orElseThrow();
    put(index -> value, sides, corner);
  }

  private void putChunk(ByteBuffer data, int[] sides, int[] corner) {
    data.order(of.order());
    put(index -> of.type().get(data, index), sides, corner);
  }

  /** Hands over the part of a chunk that is inside the dataset. */
  private void put(Source chunk, int[] sides, int[] corner) {
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
        sink.put(to + x, chunk.get(from + x));
      }
    } while (advance(row, step, inside));
  }

  /** Moves on in row-major order; false after the last place. */
  static boolean advance(int[] at, int[] step, int[] end) {
    for (int d = at.length - 1; d >= 0; d--) {
      at[d] += step[d];
      if (at[d] < end[d]) {
        return true;
      }
      at[d] = 0;
    }
    return false;
  }
}
