package tangram.tensor.vector.resample;

import tangram.tensor.Buffer;
import tangram.tensor.kernel.PoolShape;
import tangram.tensor.kernel.Resampling;
import tangram.tensor.kernel.Sparse;
import tangram.tensor.reference.ReferenceResampling;

/** {@link Resampling}; in double precision by the specification. */
public final class VectorResampling implements Resampling {
  private static final Resampling DOUBLE = new ReferenceResampling();

  @Override
  public void resample(int planes, Sparse rows, Sparse cols, Buffer x, Buffer y) {
    if (x.storage() instanceof double[]) {
      DOUBLE.resample(planes, rows, cols, x, y);
      return;
    }
    new Resample(planes, rows, cols).run(x.floats(), x.offset(), y.floats(), y.offset());
  }

  @Override
  public void maxPool(PoolShape shape, Buffer x, Buffer y, Buffer index) {
    if (x.storage() instanceof double[]) {
      DOUBLE.maxPool(shape, x, y, index);
      return;
    }
    new MaxPooling(shape)
        .run(x.floats(), x.offset(), y.floats(), y.offset(), index.ints(), index.offset());
  }

  @Override
  public void maxPoolBackward(PoolShape shape, Buffer gy, Buffer index, Buffer gx) {
    if (gy.storage() instanceof double[]) {
      DOUBLE.maxPoolBackward(shape, gy, index, gx);
      return;
    }
    MaxPooling.backward(
        shape, gy.floats(), gy.offset(), index.ints(), index.offset(), gx.floats(), gx.offset());
  }
}
