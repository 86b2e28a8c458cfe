package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A static method that TornadoVM compiles for the device.
 *
 * <p>All kernels have the same arguments: the thread's context; {@code x} and {@code n}, the
 * device's real numbers and integers, in which all operands lie; {@code p}, the call's offsets of
 * operands and sizes; and {@code s}, the call's real numbers. TornadoVM bakes plain numbers into
 * the code and compiles anew for other array sizes; this way a kernel is compiled once and serves
 * every call. It also orders tasks by their arrays, and never ends if one task writes an array
 * under two names.
 *
 * <p>Rules of kernels, beyond TornadoVM's: all threads of a group meet every barrier; no two
 * threads touch an element that one of them writes without a barrier of their group in between; no
 * atomics; local memory is no argument of a helper method, where TornadoVM silently computes wrong
 * addresses, but may be asked for in one; and no method has the name of a function of OpenCL.
 *
 * @param name unique
 * @param code the method
 */
record Kernel(String name, Task5<KernelContext, FloatArray, IntArray, IntArray, FloatArray> code) {
  /** Length of {@code p}. */
  static final int INTS = 128;

  /** Length of {@code s}. */
  static final int FLOATS = 8;

  /** Numbers of a call's own in {@code s}. */
  static final int OWN_FLOATS = 5;

  /** Where not-a-number lies in {@code s} of every call. */
  static final int NAN = 5;

  /** Where minus infinity lies. */
  static final int LOWEST = 6;

  /** Where infinity lies. */
  static final int HIGHEST = 7;

  /** Name of a graph's task that calls this kernel, for the first, second... time. */
  String task(int call) {
    return name + "_" + call;
  }

  /** The name without the number of a kernel made at run time. */
  String what() {
    return name.replaceFirst("_\\d+$", "");
  }
}
