package uk.ac.manchester.tornado.api.types.arrays;

/** An array of floats that kernels read and write. */
public final class FloatArray extends TornadoNativeArray {
  private final float[] values;

  /** Creates an array of zeros. */
  public FloatArray(int numberOfElements) {
    values = new float[numberOfElements];
  }

  /** An element. */
  public float get(int index) {
    tracker.read(this, index);
    return values[index];
  }

  /** Changes an element. */
  public void set(int index, float value) {
    tracker.write(this, index);
    values[index] = value;
  }

  /** Sets all elements. */
  public void init(float value) {
    java.util.Arrays.fill(values, value);
  }

  @Override
  public int getSize() {
    return values.length;
  }

  @Override
  public TornadoNativeArray newOnDevice() {
    FloatArray array = new FloatArray(values.length);
    java.util.Arrays.fill(array.values, Float.NaN);
    return array;
  }

  @Override
  public void copyFrom(TornadoNativeArray other) {
    System.arraycopy(((FloatArray) other).values, 0, values, 0, values.length);
  }
}
