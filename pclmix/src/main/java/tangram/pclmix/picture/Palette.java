package tangram.pclmix.picture;

/** Colours that belong to no class; the classes have theirs in their table. */
public final class Palette {
  /** Colour of what is about all classes together, as 0xRRGGBB. */
  public static final int AVERAGE = 0x777777;

  private Palette() {}
}
