package tangram.pclmix.data;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

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
   * @throws IllegalArgumentException if there are none, or they do not have maps of the same names
   */
  public Dataset(List<Slice> slices, int imageSize) {
    if (slices.isEmpty() || imageSize <= 0) {
      throw new IllegalArgumentException(slices.size() + " slices of size " + imageSize);
    }
    this.imageSize = imageSize;
    this.slices = slices.stream().map(slice -> resize(slice, imageSize)).toList();
    for (Slice slice : slices) {
      if (!names(slice).equals(mapNames())) {
        throw new IllegalArgumentException(
            slice.name() + " has the maps " + names(slice) + ", others " + mapNames());
      }
    }
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
    return load(folder, patients, imageSize, UnaryOperator.identity(), notices);
  }

  /**
   * As above, with maps added to the slices at their own size: resizing may lose what is thin.
   *
   * @param prepare adds to a slice what is to be resized with it; by any thread
   */
  public static Dataset load(
      Path folder,
      Patients patients,
      int imageSize,
      UnaryOperator<Slice> prepare,
      Notices notices) {
    // Resized as it is read, so that the original sizes are never all in memory.
    List<Slice> slices =
        DataFolder.slices(folder, patients, notices).parallelStream()
            .map(file -> resize(prepare.apply(Hdf5Reader.readSlice(file, false)), imageSize))
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
                      s.label(),
                      s.maps());
                })
            .toList(),
        imageSize);
  }

  /**
   * The same slices with maps added to them.
   *
   * @param prepare adds to a slice; by any thread
   */
  public Dataset prepared(UnaryOperator<Slice> prepare) {
    return new Dataset(slices.parallelStream().map(prepare).toList(), imageSize);
  }

  /** The names of every slice's maps, in their order. */
  public List<String> mapNames() {
    return names(slices.get(0));
  }

  private static List<String> names(Slice slice) {
    return slice.maps().stream().map(ByteMap::name).toList();
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
    return new Slice(
        slice.name(),
        slice.patient(),
        size,
        size,
        image,
        slice.label() == null ? null : nearest(slice.label(), h, w, size),
        nearest(slice.scribble(), h, w, size),
        slice.maps().stream()
            .map(map -> new ByteMap(map.name(), nearest(map.values(), h, w, size), map.fill()))
            .toList());
  }

  private static byte[] nearest(byte[] values, int h, int w, int size) {
    byte[] resized = new byte[size * size];
    Resize.nearest(values, 0, h, w, resized, 0, size, size);
    return resized;
  }
}
