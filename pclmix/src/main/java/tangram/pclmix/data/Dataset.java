package tangram.pclmix.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Training slices in memory, all of one size, so that an epoch reads no file. Image bilinear,
 * scribble and label nearest. 1,100 slices of 256x256 take 420 MB.
 */
public final class Dataset {
  private final int imageSize;
  private final List<Slice> slices;

  /**
   * Makes a data set of slices resized to imageSize x imageSize.
   *
   * @throws IllegalArgumentException if there are none
   */
  public Dataset(List<Slice> slices, int imageSize) {
    if (slices.isEmpty() || imageSize <= 0) {
      throw new IllegalArgumentException(slices.size() + " slices of size " + imageSize);
    }
    this.imageSize = imageSize;
    this.slices = slices.stream().map(slice -> resize(slice, imageSize)).toList();
  }

  /**
   * Reads the patients' slices from a folder as {@link DataFolder} describes it. Labels are kept
   * where the files have them.
   *
   * @param folder the data folder
   * @param patients whose slices; null for everybody's
   * @param imageSize height and width to resize to, pixels
   * @param notices hear of files that are left out
   * @throws DataException if there are no such slices or a file is malformed
   */
  public static Dataset load(Path folder, Patients patients, int imageSize, Notices notices) {
    // Resized as it is read, so that the original sizes are never all in memory.
    List<Slice> slices =
        DataFolder.slices(folder, patients, notices).parallelStream()
            .map(file -> resize(Hdf5Reader.readSlice(file, false), imageSize))
            .toList();
    return new Dataset(slices, imageSize);
  }

  /**
   * The same slices with their dense truth for a scribble.
   *
   * @throws DataException if a slice has no dense truth
   */
  public Dataset denselyAnnotated() {
    return new Dataset(
        slices.stream()
            .map(
                s -> {
                  if (s.label() == null) {
                    throw new DataException(
                        s.name()
                            + ".h5: has no dense truth (dataset 'label') to train on; add it or"
                            + " train on scribbles.");
                  }
                  return new Slice(
                      s.name(),
                      s.patient(),
                      s.height(),
                      s.width(),
                      s.image(),
                      s.label(),
                      s.label());
                })
            .toList(),
        imageSize);
  }

  /** Number of slices. */
  public int size() {
    return slices.size();
  }

  /** Height and width of every slice. */
  public int imageSize() {
    return imageSize;
  }

  /** A slice; its arrays are not to be written. */
  public Slice slice(int index) {
    return slices.get(index);
  }

  /** All slices in order of patient, frame and slice. */
  public List<Slice> slices() {
    return slices;
  }

  /** A slice resized to size x size; the slice itself if it has that size. */
  static Slice resize(Slice slice, int size) {
    int h = slice.height();
    int w = slice.width();
    if (h == size && w == size) {
      return slice;
    }
    float[] image = new float[size * size];
    Resize.bilinear(slice.image(), 0, h, w, image, 0, size, size);
    byte[] scribble = new byte[size * size];
    Resize.nearest(slice.scribble(), 0, h, w, scribble, 0, size, size);
    byte[] label = null;
    if (slice.label() != null) {
      label = new byte[size * size];
      Resize.nearest(slice.label(), 0, h, w, label, 0, size, size);
    }
    return new Slice(slice.name(), slice.patient(), size, size, image, label, scribble);
  }
}
