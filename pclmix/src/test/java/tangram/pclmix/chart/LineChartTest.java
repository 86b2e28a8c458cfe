package tangram.pclmix.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import tangram.tensor.Xml;

/** Line charts, read back from their SVG. */
class LineChartTest {
  private static final double[] X = {0, 1, 2, 3, 4};
  private static final String RED = "#ff0000";
  private static final String BLUE = "#0000ff";

  private static Series red(double... y) {
    return Series.of("red", X, y).colour(0xFF0000);
  }

  @Test
  void pointsLieWhereTheAxesSay() {
    Svg svg = Svg.parse(new LineChart("").yRange(0, 10).add(red(0, 5, 10, 5, 99)).svg());
    List<double[]> points =
        svg.all("polyline", "stroke", RED).stream().map(Svg::points).toList().get(1);
    double bottom = points.get(0)[1];
    double top = points.get(2)[1];
    assertEquals((bottom + top) / 2, points.get(1)[1], 0.02);
    assertTrue(bottom > top + 150, "the chart is flat");
    assertEquals(top, points.get(4)[1], "what lies outside is drawn at the end");
    assertEquals(points.get(2)[0] - points.get(1)[0], points.get(1)[0] - points.get(0)[0], 0.02);
    double[] zero = labelled(svg, "0");
    assertEquals(bottom + 4, zero[1], 0.02, "the label 0 is beside the value 0");
  }

  /** The position of the first text of these letters. */
  private static double[] labelled(Svg svg, String text) {
    Element element =
        svg.all("text").stream().filter(e -> e.getTextContent().equals(text)).findFirst().get();
    return new double[] {Svg.number(element, "x"), Svg.number(element, "y")};
  }

  @Test
  void gapsSeparateLinesAndALonePointIsADot() {
    Svg svg = Svg.parse(new LineChart("").add(red(1, 2, Double.NaN, 3, Double.NaN)).svg());
    // One is the legend's.
    assertEquals(2, svg.all("polyline", "stroke", RED).size());
    assertEquals(1, svg.all("circle", "fill", RED).size());
  }

  @Test
  void logarithmsLeaveOutWhatHasNone() {
    Svg svg = Svg.parse(new LineChart("").logY().add(red(0.01, 0.1, 1, 0, -1)).svg());
    List<double[]> points = Svg.points(svg.all("polyline", "stroke", RED).get(1));
    assertEquals(3, points.size());
    assertEquals(points.get(1)[1] - points.get(0)[1], points.get(2)[1] - points.get(1)[1], 0.03);
    assertTrue(svg.texts().containsAll(List.of("0.01", "0.1", "1")), svg.texts().toString());
  }

  @Test
  void manyPointsStaySmall() {
    int n = 60_000;
    Random random = new Random(1);
    double[] x = IntStream.range(0, n).asDoubleStream().toArray();
    double[] y = random.doubles(n).toArray();
    String svg = new LineChart("loss").add(Series.of("loss", x, y).smoothed()).svg();
    assertTrue(svg.length() < 40_000, svg.length() + " characters");
    List<Element> curves =
        Svg.parse(svg).all("polyline").stream().filter(e -> Svg.points(e).size() > 100).toList();
    assertEquals(2, curves.size(), "the curve and its mean");
    double[] spread = curves.stream().mapToDouble(LineChartTest::height).toArray();
    assertTrue(spread[1] < 0.2 * spread[0], "the mean is not smooth");
  }

  private static double height(Element curve) {
    double low = Svg.points(curve).stream().mapToDouble(p -> p[1]).min().getAsDouble();
    double high = Svg.points(curve).stream().mapToDouble(p -> p[1]).max().getAsDouble();
    return high - low;
  }

  @Test
  void errorBarsMarkersAndAHighlightedSeries() {
    double[] errors = {0.1, 0.1, Double.NaN, 0, 0.2};
    Svg svg =
        Svg.parse(
            new LineChart("sensitivity")
                .add(red(0.5, 0.6, 0.7, 0.8, 0.9).errors(errors).markers())
                .add(
                    Series.of("average", X, new double[] {0.4, 0.5, 0.6, 0.7, 0.8})
                        .colour(0x0000FF)
                        .highlighted())
                .markX(2, "paper's")
                .markY(0.887, "published")
                .svg());
    // Legend, curve, and three lines for each of the three bars.
    assertEquals(2 + 3 * 3, svg.all("polyline", "stroke", RED).size());
    assertEquals(5, svg.all("circle", "fill", RED).size());
    assertEquals("3", svg.all("polyline", "stroke", BLUE).get(1).getAttribute("stroke-width"));
    assertTrue(svg.texts().containsAll(List.of("red", "average", "paper's", "published")));
    assertEquals(
        "red at 4: 0.9000 ± 0.20",
        svg.all("circle", "fill", RED)
            .get(4)
            .getElementsByTagName("title")
            .item(0)
            .getTextContent());
  }

  @Test
  void everythingLiesWithinThePicture() {
    Svg svg =
        Svg.parse(
            new LineChart("title")
                .xAxis("step")
                .yAxis("loss")
                .size(400, 250)
                .add(Series.of("a", new double[] {0, 60_000}, new double[] {1e-3, 123_456}))
                .add(Series.of("a name of some length", X, X))
                .add(Series.of("another name of some length", X, X))
                .add(Series.of("and one more of some length", X, X))
                .svg());
    SvgCanvas ruler = new SvgCanvas(1, 1, "");
    for (Element text : svg.all("text")) {
      double width = ruler.textWidth(text.getTextContent(), Canvas.Text.NORMAL);
      double x = Svg.number(text, "x");
      String anchor = text.getAttribute("text-anchor");
      double left = anchor.equals("end") ? x - width : anchor.equals("middle") ? x - width / 2 : x;
      String what = text.getTextContent() + " from " + left + " to " + (left + width);
      assertTrue(left >= 0 && left + width <= 400, what);
      assertTrue(Svg.number(text, "y") > 8 && Svg.number(text, "y") < 250, what);
    }
  }

  @Test
  void textIsEscaped() {
    String evil = "<script>alert('1')</script> & \"x\" \u0000\uD800";
    String text = new LineChart(evil).xAxis(evil).yAxis(evil).add(evil, X, X).add(evil, X, X).svg();
    assertFalse(text.contains("<script"), text);
    Svg svg = Svg.parse(text);
    assertTrue(svg.texts().get(0).startsWith("<script>alert('1')</script> & \"x\" \\u0000\uFFFD"));
  }

  @Test
  void whatCannotBeSeenIsSpelled() {
    assertEquals(
        "a\\u000ab\\u001b[31m\\u202ec\\u0085\\u2028",
        Xml.escape("a\nb\u001b[31m\u202ec\u0085\u2028"));
    assertEquals("\u00e9\ud83d\ude00&amp;", Xml.escape("\u00e9\ud83d\ude00&"));
  }

  @Test
  void anEmptyChartIsAChart() {
    Svg.parse(new LineChart("nothing yet").add("none", new double[0], new double[0]).svg());
    Svg.parse(new LineChart("nothing yet").logY().svg());
  }

  @Test
  void seriesMustAscendAndMatch() {
    double[] two = {1, 2};
    assertThrows(IllegalArgumentException.class, () -> Series.of("a", X, two));
    assertThrows(IllegalArgumentException.class, () -> Series.of("a", new double[] {2, 1}, two));
    assertThrows(IllegalArgumentException.class, () -> Series.of("a", two, two).errors(X));
  }

  @Test
  void picturesShowTheSame() throws IOException {
    LineChart chart = new LineChart("Dice").size(300, 200).yRange(0, 10).add(red(0, 0, 10, 10, 10));
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(chart.png()));
    assertEquals(600, picture.getWidth());
    assertEquals(400, picture.getHeight());
    List<double[]> points =
        Svg.points(Svg.parse(chart.svg()).all("polyline", "stroke", RED).get(0));
    // Between the last two points, in the middle of the line; the labels are as wide in both.
    double y = points.get(4)[1];
    int seen = 0;
    for (int x = 400; x < 560; x++) {
      seen += (picture.getRGB(x, (int) Math.round(2 * y)) & 0xFFFFFF) == 0xFF0000 ? 1 : 0;
    }
    assertTrue(seen > 100, "the line is not where it belongs: " + seen);
  }
}
