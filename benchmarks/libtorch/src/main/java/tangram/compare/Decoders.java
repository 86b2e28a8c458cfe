package tangram.compare;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which decoders a network has besides encoder and embedding head. */
enum Decoders {
  /** The U-Net decoder alone. */
  UNET("encoder + U-Net decoder"),
  /** The Swin decoder alone. */
  SWIN("encoder + Swin decoder"),
  /** Both: PCLMix. */
  BOTH("PCLMix, both decoders");

  private final String title;

  Decoders(String title) {
    this.title = title;
  }

  /** The network in words. */
  String title() {
    return title;
  }

  /** The name as users write it. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All names. */
  static String keys() {
    return Arrays.stream(values()).map(Decoders::key).collect(Collectors.joining(", "));
  }

  boolean unet() {
    return this != SWIN;
  }

  boolean swin() {
    return this != UNET;
  }
}
