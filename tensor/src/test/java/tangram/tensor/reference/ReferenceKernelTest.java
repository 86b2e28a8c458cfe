package tangram.tensor.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Kernels;

/** Short names for the hand-worked examples of the specification. */
abstract class ReferenceKernelTest {
  private static final ReferenceDevice DEVICE = new ReferenceDevice();

  final Kernels kernels = DEVICE.kernels();
  private Scope scope;

  @BeforeEach
  void openScope() {
    scope = Scope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  static Tensor reals(double... values) {
    return DEVICE.tensor(values, values.length);
  }

  static Tensor ints(int... values) {
    return DEVICE.tensor(values, values.length);
  }

  /** Memory to be written. */
  static Tensor out(int size) {
    return DEVICE.full(Double.NaN, size);
  }

  static Tensor outInts(int size) {
    return DEVICE.emptyInts(size);
  }

  static void assertReals(Tensor actual, double... expected) {
    assertArrayEquals(expected, actual.toDoubles(), 1e-13);
  }

  static void assertInts(Tensor actual, int... expected) {
    assertArrayEquals(expected, actual.toInts());
  }
}
