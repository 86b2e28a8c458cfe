package tangram.pclmix.study;

import java.util.Locale;

/** The paper's studies. */
public enum StudyKind {
  /** Table 1: five folds. */
  CROSSVAL,

  /** Table 2: losses switched on one by one. */
  ABLATE,

  /** Figure 3: the weight of the Swin decoder, and that of the contrast. */
  SENSITIVITY;

  /** The name on the command line and in files. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
