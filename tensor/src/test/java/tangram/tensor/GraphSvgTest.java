package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import tangram.tensor.reference.ReferenceDevice;

class GraphSvgTest {
  private final Device device = new ReferenceDevice();
  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void aGraphIsInTheOrderOfItsOperations() {
    Tensor x = device.ones(2, 3);
    Tensor w = device.ones(3).requireGrad();
    Tensor y = x.mul(w).then(Tensor::tanh).add(w).sum();
    List<Graph.Vertex> vertices = Graph.of(y).vertices();
    assertEquals(
        List.of("", "", "mul", "tanh", "add", "sum"),
        vertices.stream().map(Graph.Vertex::operation).toList());
    assertEquals(List.of(3, 1), vertices.get(4).inputs());
    assertEquals(Shape.of(2, 3), vertices.get(2).tensor().shape());
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Graph.of(x));
    assertTrue(e.getMessage().contains("noGrad()"), e.getMessage());
  }

  /** The picture is well-formed whatever names hold, and nothing lies outside or on another. */
  @Test
  void aPictureStandsAlone() throws Exception {
    Tensor x = device.ones(2, 3);
    Tensor w = device.ones(3).requireGrad();
    Tensor v = device.ones(2, 3).requireGrad();
    Tensor h = x.mul(w);
    Tensor y = h.exp().add(h.sin()).add(h.mul(v)).sum();
    String svg = GraphSvg.of(y, Map.of("<script>&\"w\"", w));
    assertFalse(svg.contains("<script>"));
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    var boxes = document.getElementsByTagName("rect");
    assertEquals(Graph.of(y).vertices().size(), boxes.getLength());
    double width = number(document.getDocumentElement(), "width");
    for (int i = 0; i < boxes.getLength(); i++) {
      var a = (Element) boxes.item(i);
      assertTrue(number(a, "x") >= 0 && number(a, "x") + number(a, "width") <= width);
      for (int j = 0; j < i; j++) {
        var b = (Element) boxes.item(j);
        boolean apart =
            number(a, "y") != number(b, "y")
                || number(a, "x") >= number(b, "x") + number(b, "width")
                || number(b, "x") >= number(a, "x") + number(a, "width");
        assertTrue(apart, "boxes " + i + " and " + j);
      }
    }
    assertTrue(document.getDocumentElement().getTextContent().contains("<script>&\"w\""));
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
