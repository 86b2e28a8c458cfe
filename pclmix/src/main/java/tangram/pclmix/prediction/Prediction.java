package tangram.pclmix.prediction;

import java.nio.file.Path;
import java.util.Optional;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Slice;
import tangram.pclmix.network.Segmenter;

/** A segmented scan. */
public final class Prediction {
  private static final int LEFT_VENTRICLE = 3;

  private final Scan scan;
  private final byte[][] classes;
  private final float[][][] probabilities;

  private Prediction(Scan scan, byte[][] classes, float[][][] probabilities) {
    this.scan = scan;
    this.classes = classes;
    this.probabilities = probabilities;
  }

  /** Is asked before every volume. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A volume is about to be segmented.
     *
     * @param frame from 0
     * @return whether to continue
     */
    boolean proceed(int frame, int frames);
  }

  /**
   * Segments a scan, volume by volume.
   *
   * @param withProbabilities whether to keep those too
   * @return the prediction; empty if the listener did not want to continue
   * @throws tangram.pclmix.data.DataException if a volume holds other than finite numbers
   */
  public static Optional<Prediction> of(
      Scan scan, Segmenter segmenter, boolean withProbabilities, Listener listener) {
    int frames = scan.frames();
    byte[][] classes = new byte[frames][];
    float[][][] probabilities = withProbabilities ? new float[frames][][] : null;
    for (int i = 0; i < frames; i++) {
      if (!listener.proceed(i, frames)) {
        return Optional.empty();
      }
      Segmenter.Segmentation result = segmenter.segment(scan.frame(i), withProbabilities);
      classes[i] = result.classes();
      if (withProbabilities) {
        probabilities[i] = result.probabilities();
      }
    }
    return Optional.of(new Prediction(scan, classes, probabilities));
  }

  /** What was segmented. */
  public Scan scan() {
    return scan;
  }

  /** The classes of a volume, [depth, height, width]; not to be written. */
  public byte[] classes(int frame) {
    return classes[frame];
  }

  /** Counts the voxels of every class of a volume. */
  public ClassVolumes volumes(int frame) {
    long[] voxels = new long[Slice.CLASSES];
    for (byte c : classes[frame]) {
      voxels[c]++;
    }
    NiftiHeader header = scan.header();
    double[] spacing = scan.spacingKnown() ? header.spacing() : null;
    return new ClassVolumes(scan.name(), frame, scan.frames(), header.depth(), voxels, spacing);
  }

  /**
   * The volumes that represent a scan: the only one or, of a series, those with the largest and the
   * smallest left ventricle, near the end of diastole and of systole. In the order of time.
   *
   * @return one or two frames
   */
  public int[] keyFrames() {
    int largest = 0;
    int smallest = 0;
    long[] lv = new long[classes.length];
    for (int i = 0; i < lv.length; i++) {
      lv[i] = volumes(i).voxels()[LEFT_VENTRICLE];
      largest = lv[i] > lv[largest] ? i : largest;
      smallest = lv[i] < lv[smallest] ? i : smallest;
    }
    return largest == smallest
        ? new int[] {largest}
        : new int[] {Math.min(largest, smallest), Math.max(largest, smallest)};
  }

  /**
   * Writes the classes as uint8 on the scan's grid.
   *
   * @throws tangram.nn.FileWriteException if the file cannot be written
   */
  public void writeClasses(Path file) {
    Nifti.writeSeries(file, scan.header(), classes);
  }

  /**
   * Writes the probabilities as float32 on the scan's grid, the class in the last dimension.
   *
   * @throws tangram.nn.FileWriteException if the file cannot be written
   * @throws IllegalStateException if they were not kept
   */
  public void writeProbabilities(Path file) {
    if (probabilities == null) {
      throw new IllegalStateException("the probabilities were not kept");
    }
    Nifti.writeComponents(file, scan.header(), probabilities);
  }
}
