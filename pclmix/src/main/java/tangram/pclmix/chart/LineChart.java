package tangram.pclmix.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import tangram.pclmix.chart.Canvas.Anchor;
import tangram.pclmix.chart.Canvas.Stroke;
import tangram.pclmix.chart.Canvas.Text;

/**
 * Curves over a common x axis:
 *
 * <pre>{@code
 * String svg =
 *     new LineChart("Dice")
 *         .xAxis("step")
 *         .yRange(0, 1)
 *         .add(Series.of("RV", steps, rv).markers())
 *         .add(Series.of("average", steps, average).errors(deviations).highlighted())
 *         .markX(400, "best")
 *         .svg();
 * }</pre>
 *
 * <p>Long series are thinned to an envelope of what a screen can show.
 */
public final class LineChart {
  /** Where series are smoothed: the mean over this fraction of the points to either side. */
  private static final int SMOOTHING = 60;

  private static final double FAINT = 0.3;

  private record Mark(double at, String label) {}

  private final String title;
  private final List<Series> series = new ArrayList<>();
  private final List<Mark> xMarks = new ArrayList<>();
  private final List<Mark> yMarks = new ArrayList<>();
  private String xAxis = "";
  private String yAxis = "";
  private int width = 480;
  private int height = 300;
  private boolean log;
  private double low = Double.NaN;
  private double high = Double.NaN;

  /** Starts an empty chart; an empty title is none. */
  public LineChart(String title) {
    this.title = title;
  }

  /** Sets the size in units of about a pixel; without, 480 x 300. */
  public LineChart size(int width, int height) {
    this.width = width;
    this.height = height;
    return this;
  }

  /** Names the x axis. */
  public LineChart xAxis(String name) {
    xAxis = name;
    return this;
  }

  /** Names the y axis. */
  public LineChart yAxis(String name) {
    yAxis = name;
    return this;
  }

  /** Fixes the range of y; what lies outside is drawn at its ends. */
  public LineChart yRange(double low, double high) {
    this.low = low;
    this.high = high;
    return this;
  }

  /** Makes the y axis logarithmic; there are gaps where values are not positive. */
  public LineChart logY() {
    log = true;
    return this;
  }

  /** Adds a curve. */
  public LineChart add(Series added) {
    series.add(added);
    return this;
  }

  /** Adds a plain curve, see {@link Series#of}. */
  public LineChart add(String name, double[] x, double[] y) {
    return add(Series.of(name, x, y));
  }

  /** Marks an x by a dashed line with a label. */
  public LineChart markX(double x, String label) {
    xMarks.add(new Mark(x, label));
    return this;
  }

  /** Marks a y by a dashed line with a label, such as a published figure. */
  public LineChart markY(double y, String label) {
    yMarks.add(new Mark(y, label));
    return this;
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
    Axis x = xRange();
    List<Frame.Entry> legend = new ArrayList<>();
    for (int i = 0; i < series.size(); i++) {
      Series s = series.get(i);
      legend.add(
          new Frame.Entry(
              s.name(), s.paint(i), s.isDashed() ? Frame.Shape.DASH : Frame.Shape.LINE));
    }
    Frame frame =
        new Frame(
            canvas,
            new Frame.Texts(title, xAxis, yAxis, width, height),
            yRange(),
            legend.size() == 1 && !title.isEmpty() ? List.of() : legend);
    frame.baseline();
    frame.xTicks(x);
    marks(canvas, frame, x);
    for (int i = 0; i < series.size(); i++) {
      draw(canvas, frame, x, series.get(i), i);
    }
  }

  private Axis xRange() {
    double from = Double.POSITIVE_INFINITY;
    double to = Double.NEGATIVE_INFINITY;
    boolean dots = false;
    for (Series s : series) {
      dots |= s.hasMarkers();
      for (double value : s.points().x()) {
        from = Math.min(from, value);
        to = Math.max(to, value);
      }
    }
    for (Mark mark : xMarks) {
      from = Math.min(from, mark.at());
      to = Math.max(to, mark.at());
    }
    if (dots && from < to) {
      // Room for the dots and error bars at the ends.
      double room = (to - from) * 0.03;
      from -= room;
      to += room;
    }
    return Axis.linear(from, to, Math.max(2, width / 80), false);
  }

  private Axis yRange() {
    double from = Double.POSITIVE_INFINITY;
    double to = Double.NEGATIVE_INFINITY;
    for (Series s : series) {
      double[] values = s.points().y();
      for (int i = 0; i < values.length; i++) {
        double error = Double.isNaN(s.error(i)) ? 0 : s.error(i);
        if (Double.isFinite(values[i]) && (!log || values[i] > 0)) {
          from = Math.min(from, log && values[i] <= error ? values[i] : values[i] - error);
          to = Math.max(to, values[i] + error);
        }
      }
    }
    for (Mark mark : yMarks) {
      from = Math.min(from, mark.at());
      to = Math.max(to, mark.at());
    }
    if (!Double.isNaN(low)) {
      from = low;
      to = high;
    }
    return log
        ? Axis.logarithmic(from, to)
        : Axis.linear(from, to, Math.max(2, height / 45), Double.isNaN(low));
  }

  private void marks(Canvas canvas, Frame frame, Axis x) {
    Stroke stroke = new Stroke(Paint.FAINT, 1, true);
    for (Mark mark : xMarks) {
      double at = frame.x(x, mark.at());
      canvas.line(at, frame.top, at, frame.bottom, stroke, mark.label());
      boolean leftSide = at > (frame.left + frame.right) / 2;
      canvas.text(
          leftSide ? at - 4 : at + 4,
          frame.top + 2,
          mark.label(),
          leftSide ? Anchor.END : Anchor.START,
          Text.NORMAL,
          Paint.FAINT);
    }
    for (Mark mark : yMarks) {
      double at = frame.y(mark.at());
      canvas.line(frame.left, at, frame.right, at, stroke, mark.label());
      canvas.text(frame.right, at - 4, mark.label(), Anchor.END, Text.NORMAL, Paint.FAINT);
    }
  }

  private void draw(Canvas canvas, Frame frame, Axis x, Series s, int number) {
    Paint paint = s.paint(number);
    // Error bars of several series at one x are side by side.
    double shift = s.hasErrors() ? (number - (series.size() - 1) / 2.0) * 3 : 0;
    DoubleUnaryOperator toX = value -> frame.x(x, value) + shift;
    int columns = (int) (frame.right - frame.left);
    if (s.isSmoothed()) {
      Stroke faint = Stroke.of(paint.faded(FAINT), 1);
      curve(canvas, frame, toX, s.points().thinned(columns), faint, null);
      int reach = Math.max(2, s.points().x().length / SMOOTHING);
      Points mean = s.points().smoothed(reach).thinned(columns / 2);
      curve(canvas, frame, toX, mean, stroke(s, paint), s.name());
    } else {
      curve(canvas, frame, toX, s.points().thinned(columns), stroke(s, paint), s.name());
    }
    for (int i = 0; i < s.points().x().length; i++) {
      double value = s.points().y()[i];
      if (Double.isFinite(value) && (!log || value > 0)) {
        point(canvas, frame, toX, s, i, paint);
      }
    }
  }

  private static Stroke stroke(Series s, Paint paint) {
    return new Stroke(paint, s.thickness(), s.isDashed());
  }

  private void curve(
      Canvas canvas,
      Frame frame,
      DoubleUnaryOperator toX,
      Points points,
      Stroke stroke,
      String tooltip) {
    double[] y = Arrays.stream(points.y()).map(v -> log && v <= 0 ? Double.NaN : v).toArray();
    for (double[][] stretch : new Points(points.x(), y).stretches()) {
      double[] atX = Arrays.stream(stretch[0]).map(toX).toArray();
      double[] atY = Arrays.stream(stretch[1]).map(frame::y).toArray();
      if (atX.length == 1) {
        // A line through one point would not be seen.
        canvas.circle(atX[0], atY[0], stroke.width(), stroke.paint(), tooltip);
      } else {
        canvas.polyline(atX, atY, stroke, tooltip);
      }
    }
  }

  private static void point(
      Canvas canvas, Frame frame, DoubleUnaryOperator toX, Series s, int i, Paint paint) {
    double value = s.points().y()[i];
    double at = toX.applyAsDouble(s.points().x()[i]);
    double error = s.error(i);
    if (error > 0) {
      Stroke thin = Stroke.of(paint, 1);
      double top = frame.y(value + error);
      double bottom = frame.y(value - error);
      canvas.line(at, top, at, bottom, thin, null);
      canvas.line(at - 3, top, at + 3, top, thin, null);
      canvas.line(at - 3, bottom, at + 3, bottom, thin, null);
    }
    if (s.hasMarkers()) {
      String tooltip =
          String.format(Locale.ROOT, "%s at %s: %.4g", s.name(), plain(s.points().x()[i]), value)
              + (error > 0 ? String.format(Locale.ROOT, " ± %.2g", error) : "");
      canvas.circle(at, frame.y(value), s.thickness() + 1.2, paint, tooltip);
    }
  }

  private static String plain(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : Double.toString(x);
  }
}
