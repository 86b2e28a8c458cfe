package uk.ac.manchester.tornado.api.types.arrays;

/** An array of ints that kernels read and write. */
public final class IntArray extends TornadoNativeArray {
  private final int[] values;

  /** Creates an array of zeros. */
  public IntArray(int numberOfElements) {
    values = new int[numberOfElements];
  }

  /** An element. */
  public int get(int index) {
    tracker.read(this, index);
    return values[index];
  }

  /** Changes an element. */
  public void set(int index, int value) {
    tracker.write(this, index);
    values[index] = value;
  }

  /** Sets all elements. */
  public void init(int value) {
    java.util.Arrays.fill(values, value);
  }

  @Override
  public int getSize() {
    return values.length;
  }

  @Override
  public TornadoNativeArray newOnDevice() {
    IntArray array = new IntArray(values.length);
    java.util.Arrays.fill(array.values, 0x7FC0BAD0);
    return array;
  }

  @Override
  public void copyFrom(TornadoNativeArray other) {
    System.arraycopy(((IntArray) other).values, 0, values, 0, values.length);
  }
}
