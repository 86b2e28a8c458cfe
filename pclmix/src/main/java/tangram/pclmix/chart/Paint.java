package tangram.pclmix.chart;

/**
 * A colour with an opacity. Ink is what texts, axes and grids are drawn with: in SVG it follows the
 * colour of the text around the chart, so that charts fit light and dark pages.
 *
 * @param rgb 0xRRGGBB
 * @param opacity 0 (clear) to 1
 * @param ink whether the surroundings' text colour takes the place of {@code rgb} where there is
 *     one
 */
public record Paint(int rgb, double opacity, boolean ink) {
  /** Texts and axes. */
  public static final Paint INK = new Paint(0x202020, 1, true);

  /** Texts of less weight. */
  public static final Paint FAINT = new Paint(0x202020, 0.7, true);

  /** Lines of a grid. */
  public static final Paint GRID = new Paint(0x202020, 0.14, true);

  /** Colours that series get in turn; people with any common colour vision can tell them apart. */
  private static final int[] SERIES = {
    0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x8A6D3B, 0x777777
  };

  /** An opaque colour. */
  public static Paint of(int rgb) {
    return new Paint(rgb, 1, false);
  }

  /** The colour that the series of a number, from 0, has where none is asked for. */
  static Paint ofSeries(int number) {
    return of(SERIES[number % SERIES.length]);
  }

  /** The same colour with another opacity. */
  public Paint faded(double opacity) {
    return new Paint(rgb, opacity, ink);
  }

  /** White or nearly black, whichever can be read better on this colour. */
  Paint contrast() {
    double light = 0.3 * (rgb >> 16 & 0xFF) + 0.59 * (rgb >> 8 & 0xFF) + 0.11 * (rgb & 0xFF);
    return of(light < 140 ? 0xFFFFFF : 0x202020);
  }
}
