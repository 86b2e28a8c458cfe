package tangram.web.annotate;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiImage;

/** The images of scans: those that were asked for last stay in memory, as far as there is room. */
final class Images {
  private static final long ROOM = Runtime.getRuntime().maxMemory() / 8;

  private final Map<SessionScan, NiftiImage> images = new LinkedHashMap<>(16, 0.75f, true);
  private long held;

  /**
   * The image of a scan.
   *
   * @throws tangram.nn.data.DataException if it cannot be read
   */
  synchronized NiftiImage of(SessionScan scan) {
    NiftiImage image = images.get(scan);
    if (image == null) {
      image = Nifti.readSeries(scan.file);
      images.put(scan, image);
      held += image.bytes();
      Iterator<NiftiImage> oldest = images.values().iterator();
      while (held > ROOM && images.size() > 1) {
        held -= oldest.next().bytes();
        oldest.remove();
      }
    }
    return image;
  }

  /** Forgets a scan, whose file is another. */
  synchronized void forget(SessionScan scan) {
    NiftiImage image = images.remove(scan);
    held -= image == null ? 0 : image.bytes();
  }
}
