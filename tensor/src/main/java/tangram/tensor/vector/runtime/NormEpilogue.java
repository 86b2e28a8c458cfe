package tangram.tensor.vector.runtime;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import tangram.tensor.Buffer;
import tangram.tensor.kernel.Normalization;

/**
 * {@link Normalization} of parts of an output [images, channels, plane], by the task that computed
 * them, while they lie in its cache. Bits are those of the operation by itself.
 */
public final class NormEpilogue {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int VL = SPECIES.length();

  private final float[] y;
  private final int yOff;
  private final int channels;
  private final int plane;
  private final float[] mean;
  private final float[] scale;
  private final float[] shift;
  private final float[] residual;
  private final int residualOff;
  private final float floor;

  /**
   * Describes what follows.
   *
   * @param plane elements of an image's channel
   * @param y the output
   */
  public NormEpilogue(Normalization norm, int channels, int plane, float[] y, int yOff) {
    this.y = y;
    this.yOff = yOff;
    this.channels = channels;
    this.plane = plane;
    this.mean = new float[channels];
    this.scale = new float[channels];
    this.shift = new float[channels];
    float eps = (float) norm.eps();
    for (int c = 0; c < channels; c++) {
      mean[c] = at(norm.mean(), c);
      float invStd = 1 / (float) Math.sqrt(at(norm.variance(), c) + eps);
      scale[c] = norm.gamma() == null ? invStd : at(norm.gamma(), c) * invStd;
      // A sum with -0 is what it was.
      shift[c] = norm.beta() == null ? -0f : at(norm.beta(), c);
    }
    Buffer added = norm.residual();
    this.residual = added == null ? null : added.floats();
    this.residualOff = added == null ? 0 : added.offset();
    this.floor = norm.relu() ? 0 : Float.NEGATIVE_INFINITY;
  }

  private static float at(Buffer values, int c) {
    return values.floats()[values.offset() + c];
  }

  /**
   * Finishes some elements of channels [first, end).
   *
   * @param at where those of the first channel begin; those of the next lie a plane further
   * @param n elements of a channel
   */
  public void finish(int first, int end, int at, int n) {
    for (int c = first; c < end; c++, at += plane) {
      if (residual == null) {
        line(mean[c], scale[c], shift[c], at, n);
      } else {
        line(mean[c], scale[c], shift[c], at, residualOff + at - yOff, n);
      }
    }
  }

  /** Finishes everything. */
  public void finish(int images) {
    Parallel.run(
        images * channels, t -> finish(t % channels, t % channels + 1, yOff + t * plane, plane));
  }

  private void line(float mean, float scale, float shift, int at, int n) {
    FloatVector m = FloatVector.broadcast(SPECIES, mean);
    FloatVector s = FloatVector.broadcast(SPECIES, scale);
    FloatVector b = FloatVector.broadcast(SPECIES, shift);
    FloatVector least = FloatVector.broadcast(SPECIES, floor);
    int i = 0;
    for (; i < SPECIES.loopBound(n); i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, y, at + i);
      v.sub(m).mul(s).add(b).max(least).intoArray(y, at + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(0, n - i);
      FloatVector v = FloatVector.fromArray(SPECIES, y, at + i, rest);
      v.sub(m).mul(s).add(b).max(least).intoArray(y, at + i, rest);
    }
  }

  private void line(float mean, float scale, float shift, int at, int added, int n) {
    FloatVector m = FloatVector.broadcast(SPECIES, mean);
    FloatVector s = FloatVector.broadcast(SPECIES, scale);
    FloatVector b = FloatVector.broadcast(SPECIES, shift);
    FloatVector least = FloatVector.broadcast(SPECIES, floor);
    int i = 0;
    for (; i < SPECIES.loopBound(n); i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, y, at + i);
      FloatVector r = FloatVector.fromArray(SPECIES, residual, added + i);
      v.sub(m).mul(s).add(b).add(r).max(least).intoArray(y, at + i);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(0, n - i);
      FloatVector v = FloatVector.fromArray(SPECIES, y, at + i, rest);
      FloatVector r = FloatVector.fromArray(SPECIES, residual, added + i, rest);
      v.sub(m).mul(s).add(b).add(r).max(least).intoArray(y, at + i, rest);
    }
  }
}
