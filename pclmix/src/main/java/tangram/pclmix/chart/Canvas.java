package tangram.pclmix.chart;

/**
 * What charts are drawn on. Coordinates are in units of about a pixel of a screen, from the left
 * upper corner; tooltips may be null and are dropped where a medium has none.
 */
public interface Canvas {
  /** Which point of a text its position is. */
  enum Anchor {
    /** Its left end. */
    START,
    /** Its middle. */
    MIDDLE,
    /** Its right end. */
    END
  }

  /** Sizes of text. */
  enum Text {
    /** Labels and legends. */
    NORMAL,
    /** Titles of charts. */
    TITLE
  }

  /** How lines are drawn. */
  record Stroke(Paint paint, double width, boolean dashed) {
    /** A solid line. */
    public static Stroke of(Paint paint, double width) {
      return new Stroke(paint, width, false);
    }
  }

  /** Draws connected lines through points; x and y are equally long. */
  void polyline(double[] x, double[] y, Stroke stroke, String tooltip);

  /** Fills a rectangle. */
  void rectangle(double x, double y, double width, double height, Paint paint, String tooltip);

  /** Fills a circle. */
  void circle(double x, double y, double radius, Paint paint, String tooltip);

  /** Writes one line of text; y is that of its base line. */
  void text(double x, double y, String text, Anchor anchor, Text size, Paint paint);

  /** Writes one line of text upwards, beginning at (x, y); x is that of its base line. */
  void textUpwards(double x, double y, String text, Paint paint);

  /** The width that a line of text takes, about. */
  double textWidth(String text, Text size);

  /** Draws one straight line. */
  default void line(double x1, double y1, double x2, double y2, Stroke stroke, String tooltip) {
    polyline(new double[] {x1, x2}, new double[] {y1, y2}, stroke, tooltip);
  }
}
