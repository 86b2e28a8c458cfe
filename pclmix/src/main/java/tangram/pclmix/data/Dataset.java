package tangram.pclmix.data;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import tangram.nn.data.DataException;

/**
 * Training slices in memory, framed for the network, so that an epoch reads no file. Image
 * bilinear, scribble and label nearest. 1,100 slices of 256x256 take 420 MB.
 */
public final class Dataset {
  private final Framing framing;
  private final List<Slice> slices;

  /**
   * Makes a data set of slices resized as the framing says.
   *
   * @throws IllegalArgumentException if there are none, or they do not have maps of the same names
   * @throws DataException if one cannot be framed
   */
  public Dataset(List<Slice> slices, Framing framing) {
    if (slices.isEmpty() || framing.side() <= 0) {
      throw new IllegalArgumentException(slices.size() + " slices of size " + framing.side());
    }
    this.framing = framing;
    this.slices = slices.parallelStream().map(slice -> framed(slice, framing)).toList();
    for (Slice slice : slices) {
      if (!slice.labels().equals(labels())) {
        throw new IllegalArgumentException(
            slice.name() + " has the classes " + slice.labels() + ", others " + labels());
      }
      if (!names(slice).equals(mapNames())) {
        throw new IllegalArgumentException(
            slice.name() + " has the maps " + names(slice) + ", others " + mapNames());
      }
    }
  }

  /** Makes a data set of slices resized to imageSize x imageSize. */
  public Dataset(List<Slice> slices, int imageSize) {
    this(slices, Framing.square(imageSize));
  }

  /**
   * Reads the patients' slices from a folder as {@link DataFolder} describes it. Labels are kept
   * where the files have them.
   *
   * @param folder the data folder
   * @param labels the classes in its files
   * @param patients whose slices; null for everybody's
   * @param framing how large they become
   * @param spacings tells those that no file tells
   * @param prepare adds to a slice what is to be resized with it, at the slice's own size, since
   *     resizing may lose what is thin; by any thread
   * @param notices hear of files that are left out
   * @throws DataException if there are no such slices, a file is malformed or cannot be framed
   */
  public static Dataset load(
      Path folder,
      Labels labels,
      Patients patients,
      Framing framing,
      Spacings spacings,
      UnaryOperator<Slice> prepare,
      Notices notices) {
    // Resized as it is read, so that the original sizes are never all in memory.
    List<Slice> slices =
        DataFolder.slices(folder, patients, notices).parallelStream()
            .map(file -> framed(prepare.apply(read(file, labels, spacings)), framing))
            .toList();
    return new Dataset(slices, framing);
  }

  private static Slice read(Path file, Labels labels, Spacings spacings) {
    Slice slice = Hdf5Reader.readSlice(file, labels, false);
    double[] known = slice.spacing() == null ? spacings.of(slice.name()) : null;
    return known == null ? slice : slice.withSpacing(known);
  }

  /** A slice resized; the slice itself if it has its size. */
  private static Slice framed(Slice slice, Framing framing) {
    Framing.Frame frame =
        framing.frame(slice.name(), slice.height(), slice.width(), slice.spacing());
    return slice.resized(frame.height(), frame.width());
  }

  /**
   * The same slices with their dense truth for a scribble.
   *
   * @throws DataException if a slice has no dense truth
   */
  public Dataset denselyAnnotated() {
    return prepared(
        s -> {
          if (s.label() == null) {
            throw new DataException(
                s.name()
                    + ".h5: has no dense truth (dataset 'label') to train on; add it or"
                    + " train on scribbles.");
          }
          return s.withScribble(s.label());
        });
  }

  /**
   * The same slices with something added to each, or other labels.
   *
   * @param prepare by any thread
   */
  public Dataset prepared(UnaryOperator<Slice> prepare) {
    return new Dataset(slices.parallelStream().map(prepare).toList(), framing);
  }

  /** The names of every slice's maps, in their order. */
  public List<String> mapNames() {
    return names(slices.get(0));
  }

  private static List<String> names(Slice slice) {
    return slice.maps().stream().map(ByteMap::name).toList();
  }

  /** What the classes of every slice are. */
  public Labels labels() {
    return slices.get(0).labels();
  }

  /** Number of slices. */
  public int size() {
    return slices.size();
  }

  /** How slices became as large as they are. */
  public Framing framing() {
    return framing;
  }

  /** A slice; its arrays are not to be written. */
  public Slice slice(int index) {
    return slices.get(index);
  }

  /** All slices in order of patient, frame and slice. */
  public List<Slice> slices() {
    return slices;
  }
}
