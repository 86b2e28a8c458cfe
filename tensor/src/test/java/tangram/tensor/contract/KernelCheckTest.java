package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import tangram.tensor.Buffer;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.View;
import tangram.tensor.expr.Formula;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.reference.ReferenceDevice;

/** The suite notices the faults that it is there to notice. */
class KernelCheckTest {
  private static final double[] NONE = {};
  private static final Formula TWICE = Formula.of(x -> x.mul(2));
  private static final Device DEVICE = new ReferenceDevice();

  /** y = 2 x for three numbers, done rightly by the reference and as told by the other device. */
  private static void twice(Consumer<KernelCheck.Buffers> tested) {
    new KernelCheck(DEVICE, "twice")
        .input("x", new double[] {1, 2, 4})
        .output("y", 3)
        .run(
            (kernels, b) -> {
              if (isTested(kernels)) {
                tested.accept(b);
              } else {
                twice(kernels, b);
              }
            });
  }

  private static void twice(Kernels kernels, KernelCheck.Buffers b) {
    View[] x = {View.dense(DType.F32, b.get("x"), 3)};
    kernels.maps().map(TWICE, NONE, x, View.dense(DType.F32, b.get("y"), 3));
  }

  private static void fill(Kernels kernels, KernelCheck.Buffers b, double value) {
    View y = View.dense(DType.F32, b.get("y"), 1);
    kernels.maps().map(Formula.CONSTANT, new double[] {value}, new View[0], y);
  }

  private static boolean isTested(Kernels kernels) {
    return kernels == DEVICE.kernels();
  }

  private static void right(KernelCheck.Buffers b) {
    twice(DEVICE.kernels(), b);
  }

  private static void set(Buffer buffer, int element, double value) {
    buffer.doubles()[buffer.offset() + element] = value;
  }

  private static void assertNoticed(String words, Consumer<KernelCheck.Buffers> tested) {
    AssertionError e = assertThrows(AssertionFailedError.class, () -> twice(tested));
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void acceptsWhatIsRight() {
    twice(KernelCheckTest::right);
    twice(
        b -> {
          right(b);
          set(b.get("y"), 1, 4 * (1 + 5e-6));
        });
  }

  @Test
  void noticesAWrongNumber() {
    assertNoticed(
        "y[1]",
        b -> {
          right(b);
          set(b.get("y"), 1, 4 * (1 + 5e-5));
        });
    assertNoticed(
        "y[2]",
        b -> {
          right(b);
          set(b.get("y"), 2, Double.POSITIVE_INFINITY);
        });
  }

  @Test
  void noticesAnElementThatIsNotWritten() {
    assertNoticed(
        "y[2] of 3 is NaN",
        b -> {
          set(b.get("y"), 0, 2);
          set(b.get("y"), 1, 4);
        });
  }

  @Test
  void noticesWritesBeyondTheEnds() {
    for (int element : new int[] {-1, 3, 10}) {
      assertNoticed(
          "y was written beyond its ends",
          b -> {
            right(b);
            set(b.get("y"), element, 0);
          });
    }
  }

  @Test
  void noticesAChangedInput() {
    assertNoticed(
        "x is an input and was changed",
        b -> {
          right(b);
          set(b.get("x"), 0, 1.5);
        });
  }

  @Test
  void noticesWrongIntegers() {
    assertThrows(
        AssertionFailedError.class,
        () ->
            new KernelCheck(DEVICE, "copy")
                .input("x", new int[] {1, 2})
                .outputInts("y", 2)
                .run(
                    (kernels, b) -> {
                      View[] x = {View.dense(DType.I32, b.get("x"), 2)};
                      kernels
                          .maps()
                          .map(Formula.IDENTITY, NONE, x, View.dense(DType.I32, b.get("y"), 2));
                      if (isTested(kernels)) {
                        b.get("y").ints()[b.get("y").offset() + 1] = 3;
                      }
                    }));
  }

  @Test
  void noticesOtherBits() {
    KernelCheck check = new KernelCheck(DEVICE, "fill").output("y", 1);
    KernelCheck.Results one = check.runOnDevice((kernels, b) -> fill(kernels, b, 1));
    KernelCheck.Results next =
        check.runOnDevice((kernels, b) -> fill(kernels, b, Math.nextUp(1.0)));
    assertThrows(AssertionFailedError.class, () -> one.assertSameBits(next, "fill"));
  }
}
