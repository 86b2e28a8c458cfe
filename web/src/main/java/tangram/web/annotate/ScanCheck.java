package tangram.web.annotate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiImage;

/** Reads a scan from its first to its last voxel, and compares it with what was drawn on. */
final class ScanCheck {
  private ScanCheck() {}

  /**
   * Reads a scan, whose header, checksum and state it sets.
   *
   * @throws DataException if it cannot be used
   */
  static void read(Path folder, SessionScan scan) {
    requireInside(folder, scan.file);
    if (CaseName.isHdf5(scan.file)) {
      throw new DataException(
          scan.file + ": is HDF5, on which scribbles have no place; convert it to NIfTI.");
    }
    // Not kept: there may be many scans.
    NiftiImage image = Nifti.readSeries(scan.file);
    for (int frame = 0; frame < image.frames(); frame++) {
      image.floats(frame);
    }
    scan.header = image.header();
    String sha256 = Stamp.sha256(scan.file);
    if (scan.sha256.isEmpty()) {
      scan.sha256 = sha256;
    } else if (!scan.sha256.equals(sha256)) {
      scan.set(
          SessionScan.State.CHANGED,
          scan.file
              + ": is not the file that was drawn on, so it can be seen only; put that file back,"
              + " or give this one another name.");
    }
    scan.hasTruth = Files.isRegularFile(truth(scan));
  }

  /** The dense truth of a scan, which may be there. */
  static Path truth(SessionScan scan) {
    return scan.file.resolveSibling(scan.name + "_gt.nii.gz");
  }

  /** Refuses links to elsewhere, and what is no file. */
  static void requireInside(Path folder, Path file) {
    DataException.requireRegular(file);
    try {
      if (!file.toRealPath().startsWith(folder.toRealPath())) {
        throw new DataException(
            file + ": is a link to a file outside its folder; copy that file here.");
      }
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }
}
