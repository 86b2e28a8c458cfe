package tangram.pclmix.picture;

import java.awt.image.BufferedImage;
import tangram.pclmix.data.Labels;

/** One picture of a slice: grey image, with or without coloured labels over it. */
public final class Panel {
  private enum Style {
    GREY,
    SEGMENTATION,
    OUTLINES,
    SCRIBBLE,
    CONFIRMED,
    HEAT
  }

  /** How much of a segmentation's colour covers the image. */
  private static final double OPACITY = 0.5;

  private static final double FOG_OPACITY = 0.8;

  /** What lies over pixels without a confirmed label. */
  private static final int FOG = 0xFFFFFF;

  /** From cold to hot, each a fourth of the way on: dark, violet, red, orange, light yellow. */
  private static final int[] HEAT = {0x000010, 0x56106E, 0xBC3754, 0xF98E09, 0xFCFFA4};

  private final int height;
  private final int width;
  private final float[] image;
  private final byte[] label;
  private final Style style;

  private Panel(float[] image, byte[] label, int height, int width, Style style) {
    if (height <= 0 || width <= 0 || image.length != height * width) {
      throw new IllegalArgumentException(
          "image has " + image.length + " pixels, not " + height + " x " + width);
    }
    if (label != null && label.length != image.length) {
      throw new IllegalArgumentException(
          "label has " + label.length + " pixels, not " + height + " x " + width);
    }
    this.height = height;
    this.width = width;
    this.image = image;
    this.label = label;
    this.style = style;
  }

  /**
   * The image alone.
   *
   * @param image [height, width] row-major; 0 is black, 1 is white, what lies outside is clipped
   * @throws IllegalArgumentException if the length does not fit
   */
  public static Panel grey(float[] image, int height, int width) {
    return new Panel(image, null, height, width, Style.GREY);
  }

  /**
   * The image with a segmentation laid over it translucently; background stays clear.
   *
   * @param image [height, width] row-major; 0 is black, 1 is white
   * @param label [height, width], 0..K-1; K and -1 (unlabelled, not confirmed) stay clear
   * @throws IllegalArgumentException if a length does not fit; when drawing, if a label has another
   *     value
   */
  public static Panel segmentation(float[] image, byte[] label, int height, int width) {
    return new Panel(image, label, height, width, Style.SEGMENTATION);
  }

  /**
   * The image with each class's outline, drawn along the inner side of its border; what lies
   * beneath stays visible. At the image's edges there is no line.
   *
   * @param image [height, width] row-major; 0 is black, 1 is white
   * @param label [height, width], as for {@link #segmentation}
   * @throws IllegalArgumentException if a length does not fit; when drawing, if a label has another
   *     value
   */
  public static Panel outlines(float[] image, byte[] label, int height, int width) {
    return new Panel(image, label, height, width, Style.OUTLINES);
  }

  /**
   * The image with scribbles in full colours, background strokes too.
   *
   * @param image [height, width] row-major; 0 is black, 1 is white
   * @param scribble [height, width], 0..K-1 where a stroke went, K elsewhere
   * @throws IllegalArgumentException if a length does not fit; when drawing, if a label has another
   *     value
   */
  public static Panel scribble(float[] image, byte[] scribble, int height, int width) {
    return new Panel(image, scribble, height, width, Style.SCRIBBLE);
  }

  /**
   * The image with confirmed pseudo labels laid over it like a segmentation; pixels without one are
   * covered by a white fog.
   *
   * @param image [height, width] row-major; 0 is black, 1 is white
   * @param label [height, width], 0..K-1, or -1 where not confirmed
   * @throws IllegalArgumentException if a length does not fit; when drawing, if a label has another
   *     value
   */
  public static Panel confirmed(float[] image, byte[] label, int height, int width) {
    return new Panel(image, label, height, width, Style.CONFIRMED);
  }

  /**
   * Numbers as colours from dark (0) over red to light yellow (1).
   *
   * @param values [height, width] row-major; what lies outside of 0..1 is clipped
   * @throws IllegalArgumentException if the length does not fit
   */
  public static Panel heat(float[] values, int height, int width) {
    return new Panel(values, null, height, width, Style.HEAT);
  }

  /** Whether background has a colour of its own here. */
  boolean coloursBackground() {
    return style == Style.SCRIBBLE;
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  /**
   * Draws this panel, every pixel enlarged to {@code scale} x {@code scale} (nearest neighbour).
   */
  void draw(BufferedImage target, Labels labels, int left, int top, int scale) {
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        int rgb = colour(row * width + column, labels);
        for (int y = 0; y < scale; y++) {
          for (int x = 0; x < scale; x++) {
            target.setRGB(left + column * scale + x, top + row * scale + y, rgb);
          }
        }
      }
    }
    if (style == Style.OUTLINES) {
      drawOutlines(target, labels, left, top, scale);
    }
  }

  private void drawOutlines(BufferedImage target, Labels labels, int left, int top, int scale) {
    int thickness = (scale + 1) / 2;
    for (int y = 0; y < height * scale; y++) {
      for (int x = 0; x < width * scale; x++) {
        int kind = label[y / scale * width + x / scale];
        if (kind > 0 && kind < labels.count() && isBorder(kind, y, x, thickness, scale)) {
          target.setRGB(left + x, top + y, labels.colour(kind));
        }
      }
    }
  }

  /** Whether another class is not farther than {@code distance} from a pixel of the picture. */
  private boolean isBorder(int kind, int y, int x, int distance, int scale) {
    for (int dy = -distance; dy <= distance; dy += distance) {
      for (int dx = -distance; dx <= distance; dx += distance) {
        int row = Math.max(0, Math.min(height * scale - 1, y + dy)) / scale;
        int column = Math.max(0, Math.min(width * scale - 1, x + dx)) / scale;
        if (label[row * width + column] != kind) {
          return true;
        }
      }
    }
    return false;
  }

  private int colour(int index, Labels labels) {
    float clipped = Math.max(0, Math.min(1, image[index]));
    if (style == Style.HEAT) {
      int stop = Math.min(HEAT.length - 2, (int) (clipped * (HEAT.length - 1)));
      return blend(HEAT[stop], HEAT[stop + 1], clipped * (HEAT.length - 1) - stop);
    }
    int grey = Math.round(255 * clipped);
    int plain = grey << 16 | grey << 8 | grey;
    if (style == Style.GREY) {
      return plain;
    }
    int kind = label[index];
    if (style == Style.CONFIRMED && kind == -1) {
      return blend(plain, FOG, FOG_OPACITY);
    }
    if (kind == labels.unlabelled() || kind == -1) {
      return plain;
    }
    if (kind < 0 || kind >= labels.count()) {
      throw new IllegalArgumentException("label " + kind + " is not a class");
    }
    if (style == Style.SCRIBBLE) {
      return labels.colour(kind);
    }
    return kind == 0 || style == Style.OUTLINES
        ? plain
        : blend(plain, labels.colour(kind), OPACITY);
  }

  private static int blend(int below, int above, double opacity) {
    int result = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int a = below >> shift & 0xFF;
      int b = above >> shift & 0xFF;
      result |= (int) Math.round(a + (b - a) * opacity) << shift;
    }
    return result;
  }
}
