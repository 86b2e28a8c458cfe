package uk.ac.manchester.tornado.api.types.arrays;

/** What arrays that kernels can use have in common. */
public abstract class TornadoNativeArray {
  /** Sees every access of kernels; tests replace it to find races. */
  static AccessTracker tracker = AccessTracker.NONE;

  /** Creates an array. */
  TornadoNativeArray() {}

  /** Replaces what sees every access. */
  public static void setTracker(AccessTracker tracker) {
    TornadoNativeArray.tracker = tracker;
  }

  /** Number of elements. */
  public abstract int getSize();

  /** An array of the same size whose elements are garbage, as fresh memory of a device is. */
  public abstract TornadoNativeArray newOnDevice();

  /** Overwrites all elements with those of another of the same size. */
  public abstract void copyFrom(TornadoNativeArray other);
}
