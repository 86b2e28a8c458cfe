package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A small array that is copied whole between host and device: TornadoVM copies arrays from their
 * beginning only, and the device's own are far too large for that. A kernel then moves its elements
 * to or from their place.
 */
final class Stage {
  /** Sizes of stages; a transfer is cut into pieces of these, the last one rounded up. */
  static final int[] SIZES = {16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1 << 20};

  private static final int GROUP = 16;

  final String name;
  final int size;
  final FloatArray floats;
  final IntArray ints;
  final IntArray p = new IntArray(2);
  final WorkerGrid grid;
  private final boolean up;

  /**
   * Creates a stage.
   *
   * @param up whether it is copied to the device
   * @param real whether it holds real numbers
   */
  Stage(int size, boolean up, boolean real) {
    this.name = (up ? "up" : "down") + (real ? "Reals" : "Ints") + size;
    this.size = size;
    this.up = up;
    this.floats = real ? new FloatArray(size) : null;
    this.ints = real ? null : new IntArray(size);
    this.grid = new WorkerGrid1D(size);
    grid.setLocalWork(GROUP, 1, 1);
  }

  /** The largest size that is not larger than a number of elements, or the smallest. */
  static int indexFor(int length) {
    int i = SIZES.length - 1;
    while (i > 0 && SIZES[i] > length) {
      i--;
    }
    // One transfer that is mostly full is cheaper than several exact ones.
    return i < SIZES.length - 1 && length > 2 * SIZES[i] ? i + 1 : i;
  }

  TaskGraph graph(String root, KernelContext c, FloatArray x, IntArray n) {
    TaskGraph graph = new TaskGraph(name);
    Object stage = floats != null ? floats : ints;
    graph.consumeFromDevice(root, x, n).transferToDevice(DataTransferMode.EVERY_EXECUTION, p);
    if (up) {
      graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, stage);
      if (floats != null) {
        graph.task(Engine.TASK, TransferKernels::upload, c, floats, x, p);
      } else {
        graph.task(Engine.TASK, TransferKernels::uploadInts, c, ints, n, p);
      }
    } else {
      if (floats != null) {
        graph.task(Engine.TASK, TransferKernels::download, c, x, floats, p);
      } else {
        graph.task(Engine.TASK, TransferKernels::downloadInts, c, n, ints, p);
      }
      graph.transferToHost(DataTransferMode.EVERY_EXECUTION, stage);
    }
    return graph.persistOnDevice(x, n);
  }
}
