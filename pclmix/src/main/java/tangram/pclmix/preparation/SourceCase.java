package tangram.pclmix.preparation;

import java.nio.file.Path;
import java.util.Locale;
import tangram.pclmix.data.CaseName;

/**
 * The files of one case.
 *
 * @param name patient and frame; its text is that of the files to be written
 * @param image the scan
 * @param truth dense classes; null where there is none
 * @param scribble null where there is none
 */
public record SourceCase(CaseName name, Path image, Path truth, Path scribble) {
  /** Whether there is nothing to train on or to judge by. */
  public boolean useless() {
    return truth == null && scribble == null;
  }

  /** A name as ACDC writes it, such as {@code patient001_frame01}, with or without a slice. */
  static CaseName canonical(int patient, int frame, int slice) {
    String text =
        String.format(Locale.ROOT, "patient%03d_frame%02d", patient, frame)
            + (slice < 0 ? "" : "_slice_" + slice);
    return new CaseName(text, patient, frame, slice);
  }
}
