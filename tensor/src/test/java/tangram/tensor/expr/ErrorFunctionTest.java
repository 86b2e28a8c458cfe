package tangram.tensor.expr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ErrorFunctionTest {
  /** Values of Abramowitz and Stegun, table 7.1, and beyond. */
  @Test
  void knownValues() {
    assertEquals(0.5204998778130465, ErrorFunction.erf(0.5), 1e-15);
    assertEquals(-0.8427007929497149, ErrorFunction.erf(-1), 1e-15);
    assertEquals(0.9953222650189527, ErrorFunction.erf(2), 1e-15);
    assertEquals(0.004677734981047266, ErrorFunction.erfc(2), 1e-17);
    assertEquals(1.5374597944280349e-12, ErrorFunction.erfc(5), 1e-26);
    assertEquals(2.0884875837625446e-45, ErrorFunction.erfc(10), 1e-58);
    assertEquals(0.3989422804014327, ErrorFunction.density(0), 1e-16);
    assertEquals(0.975, ErrorFunction.normal(1.959963984540054), 1e-15);
  }
}
