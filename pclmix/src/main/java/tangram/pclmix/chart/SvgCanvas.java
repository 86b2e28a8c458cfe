package tangram.pclmix.chart;

import static tangram.tensor.Xml.escape;

import java.util.Locale;

/**
 * Draws an inline SVG element that scales with the page around it. Text stays text; ink is the
 * page's text colour.
 */
public final class SvgCanvas implements Canvas {
  private static final double NORMAL = 12;
  private static final double TITLE = 14;

  /** Mean width of a letter of common sans-serif fonts, in parts of its height. */
  private static final double LETTER = 0.56;

  private final int width;
  private final int height;
  private final String description;
  private final StringBuilder body = new StringBuilder();

  /**
   * Starts an empty picture.
   *
   * @param description what the chart shows, for people who cannot see it
   */
  public SvgCanvas(int width, int height, String description) {
    this.width = width;
    this.height = height;
    this.description = description;
  }

  /** The whole element. */
  public String svg() {
    return String.format(
        Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " aria-label=\"%s\" font-family=\"system-ui, sans-serif\" font-size=\"%s\">%n%s</svg>%n",
        width,
        height,
        escape(description),
        number(NORMAL),
        body);
  }

  @Override
  public void polyline(double[] x, double[] y, Stroke stroke, String tooltip) {
    body.append("<polyline fill=\"none\" stroke-linejoin=\"round\" points=\"");
    for (int i = 0; i < x.length; i++) {
      body.append(i == 0 ? "" : " ").append(number(x[i])).append(',').append(number(y[i]));
    }
    body.append('"');
    paint("stroke", stroke.paint());
    body.append(" stroke-width=\"").append(number(stroke.width())).append('"');
    if (stroke.dashed()) {
      body.append(" stroke-dasharray=\"5 4\"");
    }
    close("polyline", tooltip);
  }

  @Override
  public void rectangle(
      double x, double y, double width, double height, Paint paint, String tooltip) {
    body.append("<rect");
    attribute("x", x);
    attribute("y", y);
    attribute("width", width);
    attribute("height", height);
    paint("fill", paint);
    close("rect", tooltip);
  }

  @Override
  public void circle(double x, double y, double radius, Paint paint, String tooltip) {
    body.append("<circle");
    attribute("cx", x);
    attribute("cy", y);
    attribute("r", radius);
    paint("fill", paint);
    close("circle", tooltip);
  }

  @Override
  public void text(double x, double y, String text, Anchor anchor, Text size, Paint paint) {
    body.append("<text");
    attribute("x", x);
    attribute("y", y);
    body.append(" text-anchor=\"").append(anchor.name().toLowerCase(Locale.ROOT)).append('"');
    if (size == Text.TITLE) {
      attribute("font-size", TITLE);
      body.append(" font-weight=\"600\"");
    }
    paint("fill", paint);
    body.append('>').append(escape(text)).append("</text>\n");
  }

  @Override
  public void textUpwards(double x, double y, String text, Paint paint) {
    body.append("<text transform=\"translate(").append(number(x)).append(' ').append(number(y));
    body.append(") rotate(-90)\"");
    paint("fill", paint);
    body.append('>').append(escape(text)).append("</text>\n");
  }

  @Override
  public double textWidth(String text, Text size) {
    return text.length() * LETTER * (size == Text.TITLE ? TITLE * 1.08 : NORMAL);
  }

  private void attribute(String name, double value) {
    body.append(' ').append(name).append("=\"").append(number(value)).append('"');
  }

  private void paint(String attribute, Paint paint) {
    body.append(' ').append(attribute).append("=\"");
    body.append(
        paint.ink() ? "currentColor" : String.format(Locale.ROOT, "#%06x", paint.rgb() & 0xFFFFFF));
    body.append('"');
    if (paint.opacity() < 1) {
      attribute(attribute + "-opacity", paint.opacity());
    }
  }

  private void close(String element, String tooltip) {
    if (tooltip == null) {
      body.append("/>\n");
    } else {
      body.append("><title>").append(escape(tooltip)).append("</title></").append(element);
      body.append(">\n");
    }
  }

  /** At most two decimals, as many as a screen shows. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    text = text.replaceAll("\\.?0+$", "");
    return text.equals("-0") ? "0" : text;
  }
}
