package tangram.tornado;

import java.util.Arrays;
import java.util.List;
import tangram.tensor.Buffer;

/**
 * A call of a kernel: its numbers, in the order in which the kernel reads them, and its threads.
 *
 * <pre>{@code
 * engine.launch(Launch.of(ADD).at(a).at(b).at(y).n(y.length()).threads(y.length()));
 * }</pre>
 */
final class Launch {
  /** Threads of a group of kernels without local memory. */
  static final int GROUP = 128;

  final Kernel kernel;
  final int[] ints;
  final float[] floats = new float[Kernel.FLOATS];
  final long[] global = {1, 1, 1};
  final long[] local = {1, 1, 1};
  private int intCount;
  private int floatCount;

  private Launch(Kernel kernel, int size) {
    this.kernel = kernel;
    this.ints = new int[size];
    floats[Kernel.NAN] = Float.NaN;
    floats[Kernel.LOWEST] = Float.NEGATIVE_INFINITY;
    floats[Kernel.HIGHEST] = Float.POSITIVE_INFINITY;
  }

  static Launch of(Kernel kernel) {
    return new Launch(kernel, Kernel.INTS);
  }

  /**
   * Several calls of {@link #threads} as one: how many there are; where the numbers of each begin,
   * and its first group; then their numbers, one call's after the other's. Their real numbers are
   * the same.
   */
  static Launch together(Kernel kernel, List<Launch> launches) {
    int size = 1 + 2 * launches.size() + launches.stream().mapToInt(l -> l.intCount).sum();
    Launch all = new Launch(kernel, Math.max(size, Kernel.INTS));
    all.n(launches.size());
    int numbers = 1 + 2 * launches.size();
    int groups = 0;
    for (Launch launch : launches) {
      all.n(numbers, groups);
      numbers += launch.intCount;
      groups += (int) (launch.global[0] / GROUP);
    }
    for (Launch launch : launches) {
      all.n(Arrays.copyOf(launch.ints, launch.intCount));
    }
    System.arraycopy(launches.get(0).floats, 0, all.floats, 0, all.floats.length);
    return all.groups(groups, 1, 1, GROUP, 1, 1);
  }

  /** Appends where operands begin; 0 for null, which the kernel must be told of. */
  Launch at(Buffer... buffers) {
    for (Buffer buffer : buffers) {
      n(buffer == null ? 0 : offset(buffer));
    }
    return this;
  }

  /** Where an operand begins on the device. */
  static int offset(Buffer buffer) {
    return ((Slab) buffer.storage()).base() + buffer.offset();
  }

  /** Appends integers. */
  Launch n(int... values) {
    System.arraycopy(values, 0, ints, intCount, values.length);
    intCount += values.length;
    return this;
  }

  /** Appends flags, 1 or 0. */
  Launch flag(boolean... values) {
    for (boolean value : values) {
      n(value ? 1 : 0);
    }
    return this;
  }

  /** Appends a real number. */
  Launch s(double value) {
    floats[floatCount++] = (float) value;
    return this;
  }

  /** At least a number of threads, in groups of any size; the kernel ignores the surplus. */
  Launch threads(int count) {
    return threads(count, 1);
  }

  /** Threads of which each computes some of a number of elements. */
  Launch threads(int count, int each) {
    return groups(blocks(count, each * GROUP), 1, 1, GROUP, 1, 1);
  }

  /** How many parts of a size cover an extent. */
  static int blocks(int extent, int size) {
    return (extent + size - 1) / size;
  }

  /** Groups [x, y, z] of threads [tx, ty, tz]. */
  Launch groups(int x, int y, int z, int tx, int ty, int tz) {
    local[0] = tx;
    local[1] = ty;
    local[2] = tz;
    global[0] = (long) x * tx;
    global[1] = (long) y * ty;
    global[2] = (long) z * tz;
    return this;
  }

  @Override
  public String toString() {
    return kernel.name() + Arrays.toString(Arrays.copyOf(ints, intCount));
  }
}
