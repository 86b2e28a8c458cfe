package tangram.pclmix.prediction;

import java.nio.file.Path;
import java.util.function.IntFunction;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.NiftiImage;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Spacings;
import tangram.pclmix.data.Volume;
import tangram.pclmix.data.Volumes;

/** What is to be segmented: a volume, or a series of volumes over time. */
public final class Scan {
  private final String name;
  private final NiftiHeader header;
  private final boolean spacingKnown;
  private final IntFunction<Volume> frames;

  private Scan(String name, NiftiHeader header, boolean spacingKnown, IntFunction<Volume> frames) {
    this.name = name;
    this.header = header;
    this.spacingKnown = spacingKnown;
    this.frames = frames;
  }

  /**
   * Reads a NIfTI file, whose fourth dimension, if any, is time, or an HDF5 volume, by its name.
   *
   * @param spacings tells that of an HDF5 volume without one
   * @param notices hear of what is doubtful about its size
   * @throws tangram.nn.data.DataException if the file is missing or malformed
   */
  public static Scan read(Path file, Spacings spacings, Notices notices) {
    if (CaseName.isHdf5(file)) {
      Volume v = Volumes.readImage(file, spacings, notices);
      NiftiHeader header = NiftiHeader.of(v.depth(), v.height(), v.width(), v.spacing());
      return new Scan(v.name(), header, v.spacing() != null, frame -> v);
    }
    NiftiImage image = Nifti.readSeries(file);
    String doubt = image.header().doubt();
    if (doubt != null) {
      notices.doubt(file + ": its " + doubt + ".");
    }
    return new Scan(CaseName.withoutExtension(file), image.header(), true, image::volume);
  }

  /** The file's name without extension. */
  public String name() {
    return name;
  }

  /**
   * The grid, for results; of an HDF5 file, which has no place in the scanner, only the spacing.
   */
  public NiftiHeader header() {
    return header;
  }

  /** Whether the header's spacing is the scan's, rather than 1 for want of another. */
  public boolean spacingKnown() {
    return spacingKnown;
  }

  /** Number of volumes. */
  public int frames() {
    return header.frames();
  }

  /**
   * A volume, prepared for segmentation.
   *
   * @param frame from 0
   * @throws tangram.nn.data.DataException if it holds other than finite numbers
   */
  public Volume frame(int frame) {
    return frames.apply(frame);
  }
}
