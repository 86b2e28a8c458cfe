package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The pixel contrast with full, partly filled and empty queues. Slots that are not in use hold
 * large numbers, which must not show.
 */
public abstract class InfoNceContract extends KernelContract {
  private static final double TEMPERATURE = 0.07;

  @ParameterizedTest(name = "{0} anchors of {1}, {2} classes of {3} slots")
  @CsvSource({
    "1, 1, 2, 1",
    "7, 8, 3, 5",
    "33, 17, 3, 31",
    "100, 256, 3, 50",
    "5, 128, 3, 500",
    "13, 9, 4, 7"
  })
  void full(int anchors, int dim, int classes, int slots) {
    int[] filled = new int[classes];
    for (int c = 0; c < classes; c++) {
      filled[c] = slots;
    }
    compare("full", anchors, dim, slots, integers(1, anchors, 0, classes), filled);
    for (int c = 0; c < classes; c++) {
      filled[c] = (c + 1) * slots / (classes + 1);
    }
    compare("partly filled", anchors, dim, slots, integers(2, anchors, -1, classes + 1), filled);
  }

  /** Anchors of an empty class have no positive; those of the only class have no negative. */
  @Test
  void missingClasses() {
    int[] anchorClass = {1, 2, 0, 1, 2, 0, 1};
    compare("class 2 empty", 7, 8, 5, anchorClass, new int[] {3, 5, 0});
    assertNothing(compare("one class only", 7, 8, 5, anchorClass, new int[] {4, 0, 0}));
    assertNothing(compare("empty", 7, 8, 5, anchorClass, new int[] {0, 0, 0}));
    int[] outside = {-1, 3, -1, 17, -1, 3, 3};
    assertNothing(compare("no anchor of a class", 7, 8, 5, outside, new int[] {5, 5, 5}));
    compare("one anchor", 7, 8, 5, new int[] {-1, -1, -1, 2, -1, -1, -1}, new int[] {5, 1, 1});
  }

  private static void assertNothing(double[] gv) {
    assertArrayEquals(new double[gv.length], gv);
  }

  private double[] compare(
      String what, int anchors, int dim, int slots, int[] anchorClass, int[] filled) {
    int classes = filled.length;
    double[] queue = unitRows(3, classes * slots, dim);
    for (int c = 0; c < classes; c++) {
      for (int i = filled[c] * dim; i < slots * dim; i++) {
        queue[c * slots * dim + i] = 3;
      }
    }
    // The backward kernel reads what its own forward kernel left in the logits, so both run.
    return check("infoNce " + what)
        .input("v", unitRows(4, anchors, dim))
        .input("anchorClass", anchorClass)
        .input("queue", queue)
        .input("filled", filled)
        .scratch("logits", nans(anchors * classes * slots))
        .output("loss", 2)
        .scale("loss", 1)
        .input("gLoss", new double[] {0.75})
        .output("gv", anchors * dim)
        .scale("gv", 1 / TEMPERATURE / anchors)
        .run(
            (k, b) -> {
              k.loss()
                  .infoNce(
                      anchors,
                      dim,
                      classes,
                      slots,
                      b.get("v"),
                      b.get("anchorClass"),
                      b.get("queue"),
                      b.get("filled"),
                      TEMPERATURE,
                      b.get("logits"),
                      b.get("loss"));
              k.loss()
                  .infoNceBackward(
                      anchors,
                      dim,
                      classes,
                      slots,
                      b.get("anchorClass"),
                      b.get("queue"),
                      b.get("filled"),
                      TEMPERATURE,
                      b.get("logits"),
                      b.get("loss"),
                      b.get("gLoss"),
                      b.get("gv"));
            })
        .reals("gv");
  }

  private static double[] nans(int count) {
    double[] values = new double[count];
    Arrays.fill(values, Double.NaN);
    return values;
  }
}
