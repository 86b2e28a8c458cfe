package tangram.pclmix.data;

/** The purposes of this package's random numbers; the high half keeps them apart from others'. */
final class Purpose {
  static final int SHUFFLE = 0xDA7A_0001;
  static final int AUGMENTATION = 0xDA7A_0002;

  /** Plus the number of the mask (0, 1, ...). */
  static final int CUTMIX = 0xDA7A_0100;

  private Purpose() {}
}
