package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;

/** Random programs of arrays: results and gradients are PyTorch's. */
abstract class ProgramsContract {
  private static final int SHOWN = 12;

  /** The device under test. */
  protected abstract Device device();

  @Test
  void singlePrecision() {
    check(DType.F32, device().realBytes() == Double.BYTES ? 1e-12 : 1e-5);
  }

  @Test
  void doublePrecision() {
    try {
      device().tensor(new long[] {1}, 1);
    } catch (DeviceException e) {
      assumeTrue(false, e.getMessage());
    }
    check(DType.F64, 1e-12);
  }

  private void check(DType type, double tolerance) {
    List<String> wrong = new ArrayList<>();
    List<RandomProgram> programs = RandomProgram.all();
    assertEquals(2000, programs.size());
    for (RandomProgram program : programs) {
      String fault;
      try {
        fault = program.run(device(), type, tolerance);
      } catch (RuntimeException e) {
        throw new AssertionError(program.toString(), e);
      }
      if (fault != null) {
        wrong.add(fault);
      }
    }
    assertEquals(
        "",
        String.join("\n", wrong.subList(0, Math.min(SHOWN, wrong.size()))),
        wrong.size() + " of " + programs.size() + " programs");
  }
}
