package tangram.pclmix.data;

/** The purposes of this package's random numbers; the high half keeps them apart from others'. */
final class Purpose {
  static final int AUGMENTATION = 0xDA7A_0002;
  static final int SCALE = 0xDA7A_0003;
  static final int NOISE = 0xDA7A_0004;
  static final int BLUR = 0xDA7A_0005;
  static final int BRIGHTNESS = 0xDA7A_0006;
  static final int CONTRAST = 0xDA7A_0007;
  static final int RESOLUTION = 0xDA7A_0008;
  static final int GAMMA = 0xDA7A_0009;
  static final int WINDOW = 0xDA7A_000A;

  /** Plus the number of the mask (0, 1, ...). */
  static final int CUTMIX = 0xDA7A_0100;

  private Purpose() {}
}
