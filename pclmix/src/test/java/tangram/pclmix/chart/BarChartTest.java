package tangram.pclmix.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** Bar charts, read back from their SVG. */
class BarChartTest {
  private static final String RED = "#ff0000";

  private static BarChart chart() {
    return new BarChart("Dice", "RV", "Myo", "LV")
        .yRange(0, 1)
        .references("paper")
        .bars(
            "ours",
            new double[] {0.5, 1, Double.NaN},
            new double[] {0.1, Double.NaN, 0.1},
            new double[] {0.75, Double.NaN, 0.9},
            0xFF0000)
        .bars("theirs", new double[] {0.25, 0.5, 0.75}, null, null, 0x0000FF);
  }

  @Test
  void barsAreAsHighAsTheirValues() {
    Svg svg = Svg.parse(chart().svg());
    List<Element> ours = svg.all("rect", "fill", RED);
    List<Element> theirs = svg.all("rect", "fill", "#0000ff");
    // The first is the legend's; a value that is missing has no bar.
    assertEquals(1 + 2, ours.size());
    assertEquals(1 + 3, theirs.size());
    double full = Svg.number(ours.get(2), "height");
    assertTrue(full > 150);
    assertEquals(full / 2, Svg.number(ours.get(1), "height"), 0.02);
    assertEquals(full * 0.75, Svg.number(theirs.get(3), "height"), 0.02);
    // Side by side within a group.
    double end = Svg.number(ours.get(1), "x") + Svg.number(ours.get(1), "width");
    assertEquals(end + 2, Svg.number(theirs.get(1), "x"), 0.02);
  }

  @Test
  void valuesAndReferencesAreTold() {
    Svg svg = Svg.parse(chart().svg());
    assertTrue(
        svg.texts()
            .containsAll(
                List.of("Dice", "RV", "Myo", "LV", "ours", "theirs", "paper", "0.500", "0.250")),
        svg.texts().toString());
    List<String> tooltips = svg.all("title").stream().map(Element::getTextContent).toList();
    assertTrue(tooltips.contains("RV, ours: 0.500 ± 0.100"), tooltips.toString());
    assertTrue(tooltips.contains("RV, paper: 0.750"), tooltips.toString());
    assertTrue(tooltips.contains("LV, paper: 0.900"), tooltips.toString());
    Element mark =
        svg.all("polyline").stream()
            .filter(e -> e.getTextContent().equals("RV, paper: 0.750"))
            .findFirst()
            .get();
    Element bar = svg.all("rect", "fill", RED).get(1);
    double bottom = Svg.number(bar, "y") + Svg.number(bar, "height");
    double height = bottom - Svg.points(mark).get(0)[1];
    assertEquals(1.5, height / Svg.number(bar, "height"), 0.001);
  }

  @Test
  void narrowBarsHaveUprightLabelsWithinThePicture() {
    double[] values = {0.999, 0.999};
    BarChart chart = new BarChart("", "a", "b").yRange(0, 1).size(320, 200);
    for (int i = 0; i < 8; i++) {
      chart.bars("series " + i, values, values, null);
    }
    Svg svg = Svg.parse(chart.svg());
    List<Element> upright =
        svg.all("text").stream().filter(e -> e.hasAttribute("transform")).toList();
    assertEquals(16, upright.size());
    for (Element label : upright) {
      String place = label.getAttribute("transform").replaceAll("translate\\(|\\).*", "");
      double y = Double.parseDouble(place.split(" ")[1]);
      assertTrue(y - 34 > 0, "the label leaves the picture: " + place);
    }
    assertTrue(chart.png().length > 1000);
  }

  @Test
  void withoutARangeBarsBeginAtZero() {
    Svg svg =
        Svg.parse(
            new BarChart("HD95", "a")
                .bars("mm", new double[] {80}, null, new double[] {173})
                .svg());
    assertTrue(svg.texts().containsAll(List.of("0", "100", "200")), svg.texts().toString());
  }

  @Test
  void numbersMustMatchTheGroups() {
    BarChart chart = new BarChart("", "a", "b");
    double[] one = {1};
    double[] two = {1, 2};
    assertThrows(IllegalArgumentException.class, () -> chart.bars("x", one, null, null));
    assertThrows(IllegalArgumentException.class, () -> chart.bars("x", two, one, null));
    assertThrows(IllegalArgumentException.class, () -> chart.bars("x", two, null, one));
    assertThrows(IllegalArgumentException.class, () -> new BarChart(""));
  }

  @Test
  void picturesShowTheBars() throws IOException {
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(chart().png()));
    int seen = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        seen += (picture.getRGB(x, y) & 0xFFFFFF) == 0xFF0000 ? 1 : 0;
      }
    }
    // Two bars of half a third of the width, one of half the height and one of all of it.
    assertTrue(seen > 20_000, "only " + seen + " red pixels");
  }
}
