package tangram.pclmix.chart;

import java.util.List;
import tangram.pclmix.chart.Canvas.Anchor;
import tangram.pclmix.chart.Canvas.Stroke;
import tangram.pclmix.chart.Canvas.Text;

/** What surrounds the curves or bars of a chart: title, legend, axes and grid. */
final class Frame {
  private static final double MARGIN = 8;
  private static final double LINE = 17;
  private static final double SWATCH = 16;

  /** How a legend shows a series. */
  enum Shape {
    LINE,
    BOX,
    DASH
  }

  /** One entry of a legend. */
  record Entry(String name, Paint paint, Shape shape) {}

  /** Titles and size; titles are empty for none. */
  record Texts(String title, String xAxis, String yAxis, int width, int height) {}

  private final Canvas canvas;
  private final Texts texts;
  private final Axis y;
  final double left;
  final double right;
  final double top;
  final double bottom;

  /** Draws everything but what belongs to the x axis. */
  Frame(Canvas canvas, Texts texts, Axis y, List<Entry> legend) {
    this.canvas = canvas;
    this.texts = texts;
    this.y = y;
    double labels = 0;
    for (double tick : y.ticks()) {
      labels = Math.max(labels, canvas.textWidth(y.label(tick), Text.NORMAL));
    }
    left = Math.ceil(MARGIN + labels + 6);
    right = texts.width() - 2 * MARGIN;
    double line = MARGIN;
    if (!texts.title().isEmpty()) {
      canvas.text(MARGIN, line + 13, texts.title(), Anchor.START, Text.TITLE, Paint.INK);
      line += LINE + 4;
    }
    line = legend(legend, line);
    if (!texts.yAxis().isEmpty()) {
      canvas.text(MARGIN, line + 12, texts.yAxis(), Anchor.START, Text.NORMAL, Paint.FAINT);
      line += LINE;
    }
    top = line + 8;
    bottom = texts.height() - MARGIN - LINE - (texts.xAxis().isEmpty() ? 0 : LINE);
    for (double tick : y.ticks()) {
      double at = y(tick);
      canvas.line(left, at, right, at, Stroke.of(Paint.GRID, 1), null);
      canvas.text(left - 6, at + 4, y.label(tick), Anchor.END, Text.NORMAL, Paint.FAINT);
    }
    if (!texts.xAxis().isEmpty()) {
      double middle = (left + right) / 2;
      double base = texts.height() - MARGIN;
      canvas.text(middle, base, texts.xAxis(), Anchor.MIDDLE, Text.NORMAL, Paint.FAINT);
    }
  }

  private double legend(List<Entry> legend, double from) {
    double x = MARGIN;
    double line = from;
    for (Entry entry : legend) {
      double width = SWATCH + 6 + canvas.textWidth(entry.name(), Text.NORMAL) + 14;
      if (x > MARGIN && x + width > texts.width() - MARGIN) {
        x = MARGIN;
        line += LINE;
      }
      double middle = line + 8;
      switch (entry.shape()) {
        case BOX -> canvas.rectangle(x + 3, middle - 5, 10, 10, entry.paint(), null);
        default -> {
          Stroke stroke = new Stroke(entry.paint(), 2.5, entry.shape() == Shape.DASH);
          canvas.line(x, middle, x + SWATCH, middle, stroke, null);
        }
      }
      canvas.text(x + SWATCH + 6, line + 12, entry.name(), Anchor.START, Text.NORMAL, Paint.INK);
      x += width;
    }
    return legend.isEmpty() ? from : line + LINE + 2;
  }

  /** Draws the line at the bottom; over bars, so after them. */
  void baseline() {
    canvas.line(left, bottom, right, bottom, Stroke.of(Paint.FAINT, 1), null);
  }

  /** Draws the numbers of an x axis, leaving out those that would touch their neighbour. */
  void xTicks(Axis x) {
    double free = Double.NEGATIVE_INFINITY;
    for (double tick : x.ticks()) {
      double at = x(x, tick);
      double half = canvas.textWidth(x.label(tick), Text.NORMAL) / 2;
      canvas.line(at, bottom, at, bottom + 4, Stroke.of(Paint.FAINT, 1), null);
      // Neither end may leave the picture.
      double middle = Math.min(at, texts.width() - 2 - half);
      if (middle - half > free) {
        xLabel(middle, x.label(tick));
        free = middle + half + 6;
      }
    }
  }

  /** Writes below the bottom line. */
  void xLabel(double at, String text) {
    canvas.text(at, bottom + 16, text, Anchor.MIDDLE, Text.NORMAL, Paint.FAINT);
  }

  double x(Axis axis, double value) {
    return left + axis.fraction(value) * (right - left);
  }

  /** Where a value lies; what lies outside of the range is drawn at its end. */
  double y(double value) {
    double fraction = Math.max(0, Math.min(1, y.fraction(value)));
    return bottom - fraction * (bottom - top);
  }
}
