package tangram.web.annotate;

import java.nio.file.Path;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiImage;

/** Dense truths that lie beside scans, {@code X_gt.nii.gz}. */
final class Truths {
  private Truths() {}

  /**
   * Reads a truth.
   *
   * @return [frame][depth, height, width], classes 0..K-1
   * @throws DataException if it is malformed or does not fit the scan
   */
  static byte[][] read(SessionScan scan, Labels labels) {
    Path file = ScanCheck.truth(scan);
    ScanCheck.requireInside(file.getParent(), file);
    NiftiImage image = Nifti.readSeries(file);
    Scribbles.requireFit(file, image, scan);
    byte[][] frames = new byte[image.frames()][];
    for (int frame = 0; frame < frames.length; frame++) {
      frames[frame] = image.labels(frame);
      for (byte value : frames[frame]) {
        if (labels.ofFile(value & 0xFF, false) < 0) {
          throw new DataException(
              file
                  + ": holds class "
                  + (value & 0xFF)
                  + "; map its classes to "
                  + labels.fileNumbers(false)
                  + ".");
        }
      }
    }
    return frames;
  }
}
