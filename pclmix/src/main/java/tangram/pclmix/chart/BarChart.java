package tangram.pclmix.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.chart.Canvas.Anchor;
import tangram.pclmix.chart.Canvas.Stroke;
import tangram.pclmix.chart.Canvas.Text;

/**
 * Bars in groups, one of every series in each:
 *
 * <pre>{@code
 * byte[] png =
 *     new BarChart("Dice", "RV", "Myo", "LV", "average")
 *         .yRange(0, 1)
 *         .references("paper")
 *         .bars("PCLMix", means, deviations, published)
 *         .bars("supervised", others, null, null)
 *         .png();
 * }</pre>
 */
public final class BarChart {
  /** The part of a group's width that its bars take. */
  private static final double FILLED = 0.82;

  private static final double WIDEST = 64;

  private record Bars(
      String name, double[] values, double[] deviations, double[] references, Integer rgb) {}

  private final String title;
  private final List<String> groups;
  private final List<Bars> series = new ArrayList<>();
  private String yAxis = "";
  private String referenceName = "reference";
  private int width = 480;
  private int height = 300;
  private int decimals = 3;
  private double low = Double.NaN;
  private double high = Double.NaN;

  /**
   * Starts a chart without bars.
   *
   * @param title empty for none
   * @param groups names of the groups
   * @throws IllegalArgumentException if there is no group
   */
  public BarChart(String title, String... groups) {
    if (groups.length == 0) {
      throw new IllegalArgumentException("a chart of bars needs a group");
    }
    this.title = title;
    this.groups = List.of(groups);
  }

  /** Sets the size in units of about a pixel; without, 480 x 300. */
  public BarChart size(int width, int height) {
    this.width = width;
    this.height = height;
    return this;
  }

  /** Names the y axis. */
  public BarChart yAxis(String name) {
    yAxis = name;
    return this;
  }

  /** Fixes the range of y; without, it begins at 0 or the least negative end. */
  public BarChart yRange(double low, double high) {
    this.low = low;
    this.high = high;
    return this;
  }

  /** Sets the decimals of the values over the bars; without, 3. */
  public BarChart decimals(int decimals) {
    this.decimals = decimals;
    return this;
  }

  /** Names what the reference marks are, for the legend: such as "paper". */
  public BarChart references(String name) {
    referenceName = name;
    return this;
  }

  /**
   * Adds one bar to every group.
   *
   * @param values one a group; NaN for no bar
   * @param deviations lengths of error bars up and down, NaN for none; null for none at all
   * @param references numbers to be marked over the bars, NaN for none; null for none at all
   * @throws IllegalArgumentException if there are not as many as groups
   */
  public BarChart bars(String name, double[] values, double[] deviations, double[] references) {
    return bars(name, values, deviations, references, null);
  }

  /** As {@link #bars(String, double[], double[], double[])}, in a colour, 0xRRGGBB. */
  public BarChart bars(
      String name, double[] values, double[] deviations, double[] references, Integer rgb) {
    requireGroups(name, values);
    requireGroups(name, deviations);
    requireGroups(name, references);
    series.add(new Bars(name, values, deviations, references, rgb));
    return this;
  }

  private void requireGroups(String name, double[] numbers) {
    if (numbers != null && numbers.length != groups.size()) {
      throw new IllegalArgumentException(
          name + ": " + numbers.length + " numbers for " + groups.size() + " groups");
    }
  }

  /** The chart as an inline SVG element. */
  public String svg() {
    SvgCanvas canvas = new SvgCanvas(width, height, title.isEmpty() ? yAxis : title);
    draw(canvas);
    return canvas.svg();
  }

  /** The chart as the bytes of a PNG file. */
  public byte[] png() {
    PngCanvas canvas = new PngCanvas(width, height);
    draw(canvas);
    return canvas.png();
  }

  /** Draws the chart. */
  public void draw(Canvas canvas) {
    Frame frame =
        new Frame(canvas, new Frame.Texts(title, "", yAxis, width, height), yRange(), legend());
    double group = (frame.right - frame.left) / groups.size();
    double bar = Math.min(WIDEST, group * FILLED / Math.max(1, series.size()));
    for (int g = 0; g < groups.size(); g++) {
      double middle = frame.left + (g + 0.5) * group;
      frame.xLabel(middle, groups.get(g));
      for (int i = 0; i < series.size(); i++) {
        double from = middle + (i - series.size() / 2.0) * bar;
        draw(canvas, frame, series.get(i), g, i, from, bar);
      }
    }
    frame.baseline();
  }

  private List<Frame.Entry> legend() {
    List<Frame.Entry> legend = new ArrayList<>();
    boolean references = false;
    if (series.size() == 1 && series.get(0).references() == null) {
      // The titles say what one series is.
      return legend;
    }
    for (int i = 0; i < series.size(); i++) {
      legend.add(new Frame.Entry(series.get(i).name(), paint(i), Frame.Shape.BOX));
      references |= series.get(i).references() != null;
    }
    if (references) {
      legend.add(new Frame.Entry(referenceName, Paint.INK, Frame.Shape.LINE));
    }
    return legend;
  }

  private Paint paint(int number) {
    Integer rgb = series.get(number).rgb();
    return rgb == null ? Paint.ofSeries(number) : Paint.of(rgb);
  }

  private Axis yRange() {
    if (!Double.isNaN(low)) {
      return Axis.linear(low, high, Math.max(2, height / 45), false);
    }
    double from = 0;
    double to = Double.NEGATIVE_INFINITY;
    for (Bars bars : series) {
      for (int g = 0; g < groups.size(); g++) {
        double value = at(bars.values(), g);
        double reference = at(bars.references(), g);
        double error = Math.max(0, at(bars.deviations(), g));
        if (Double.isFinite(value)) {
          to = Math.max(to, value + (error > 0 ? error : 0));
          from = Math.min(from, value);
        }
        if (Double.isFinite(reference)) {
          to = Math.max(to, reference);
          from = Math.min(from, reference);
        }
      }
    }
    return Axis.linear(from, Math.max(to, from), Math.max(2, height / 45), true);
  }

  private static double at(double[] numbers, int group) {
    return numbers == null ? Double.NaN : numbers[group];
  }

  private void draw(
      Canvas canvas, Frame frame, Bars bars, int group, int number, double from, double width) {
    double value = bars.values()[group];
    double error = at(bars.deviations(), group);
    double reference = at(bars.references(), group);
    double middle = from + width / 2;
    double label = frame.bottom;
    if (Double.isFinite(value)) {
      double zero = frame.y(0);
      double at = frame.y(value);
      String tooltip =
          groups.get(group)
              + ", "
              + bars.name()
              + ": "
              + text(value)
              + (error > 0 ? " ± " + text(error) : "");
      canvas.rectangle(
          from + 1, Math.min(at, zero), width - 2, Math.abs(zero - at), paint(number), tooltip);
      label = Math.min(at, zero);
      if (error > 0) {
        Stroke thin = Stroke.of(Paint.INK, 1.2);
        double top = frame.y(value + error);
        double bottom = frame.y(value - error);
        double cap = Math.min(4, width / 4);
        canvas.line(middle, top, middle, bottom, thin, null);
        canvas.line(middle - cap, top, middle + cap, top, thin, null);
        canvas.line(middle - cap, bottom, middle + cap, bottom, thin, null);
        label = Math.min(label, top);
      }
    }
    if (Double.isFinite(reference)) {
      double at = frame.y(reference);
      canvas.line(
          from - 1,
          at,
          from + width + 1,
          at,
          Stroke.of(Paint.INK, 2.5),
          groups.get(group) + ", " + referenceName + ": " + text(reference));
      label = Math.min(label, at - 2);
    }
    if (Double.isFinite(value)) {
      double height = frame.bottom - frame.y(value);
      label(canvas, frame, text(value), new Place(middle, label, width, height), paint(number));
    }
  }

  /** The middle of a bar, what its label must stay above, and the bar's size. */
  private record Place(double middle, double above, double width, double height) {}

  /** Above the bar where there is room, else upright at its foot, else upright above it. */
  private static void label(Canvas canvas, Frame frame, String text, Place place, Paint bar) {
    double length = canvas.textWidth(text, Text.NORMAL);
    if (length <= place.width() - 2) {
      canvas.text(place.middle(), place.above() - 4, text, Anchor.MIDDLE, Text.NORMAL, Paint.INK);
    } else if (length + 10 <= place.height()) {
      canvas.textUpwards(place.middle() + 4, frame.bottom - 6, text, bar.contrast());
    } else {
      // Not beyond the top of the picture, where a fixed range leaves no room above.
      double from = Math.max(place.above() - 4, frame.top - 6 + length);
      canvas.textUpwards(place.middle() + 4, from, text, Paint.INK);
    }
  }

  private String text(double value) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
