package tangram.pclmix.prediction;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.network.Segmenter;

/** A segmented scan. */
public final class Prediction {
  /** The class whose volume tells the phases of a heart beat. */
  private static final String LEFT_VENTRICLE = "LV";

  private final Scan scan;
  private final Labels labels;
  private final byte[][] classes;
  private final float[][][] probabilities;

  private Prediction(Scan scan, Labels labels, byte[][] classes, float[][][] probabilities) {
    this.scan = scan;
    this.labels = labels;
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
   * @throws tangram.nn.data.DataException if a volume holds other than finite numbers
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
    return Optional.of(new Prediction(scan, segmenter.labels(), classes, probabilities));
  }

  /** What was segmented. */
  public Scan scan() {
    return scan;
  }

  /** What the classes are. */
  public Labels labels() {
    return labels;
  }

  /** The classes of a volume, [depth, height, width]; not to be written. */
  public byte[] classes(int frame) {
    return classes[frame];
  }

  /** Counts the voxels of every class of a volume. */
  public ClassVolumes volumes(int frame) {
    long[] voxels = new long[labels.count()];
    for (byte c : classes[frame]) {
      voxels[c]++;
    }
    NiftiHeader header = scan.header();
    double[] spacing = scan.spacingKnown() ? header.spacing() : null;
    return new ClassVolumes(scan.name(), frame, scan.frames(), header.depth(), voxels, spacing);
  }

  /**
   * The volumes that represent a scan: the only one or, of a series, those in which the left
   * ventricle is largest and smallest, near the end of diastole and of systole; of other organs
   * those in which all that is no background is. In the order of time.
   *
   * @return one or two frames
   */
  public int[] keyFrames() {
    int largest = 0;
    int smallest = 0;
    long[] sizes = new long[classes.length];
    OptionalInt ventricle = labels.find(LEFT_VENTRICLE);
    for (int i = 0; i < sizes.length; i++) {
      long[] voxels = volumes(i).voxels();
      sizes[i] =
          ventricle.isPresent()
              ? voxels[ventricle.getAsInt()]
              : Arrays.stream(voxels, 1, voxels.length).sum();
      largest = sizes[i] > sizes[largest] ? i : largest;
      smallest = sizes[i] < sizes[smallest] ? i : smallest;
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
