package tangram.tensor.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import tangram.tensor.Buffer;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.reference.ReferenceDevice;

/**
 * One call of a kernel, made on the device under test and on the reference with the same inputs.
 *
 * <p>Every buffer lies inside a larger one, between guard elements: at an offset of its own that is
 * no multiple of anything, and once more without a leading guard, as the arena aligns it. Checked
 * are the outputs against the reference, relative to the largest expected magnitude of each output;
 * that outputs, which start as NaN, are written completely; that inputs and guards are not written.
 */
final class KernelCheck {
  /** Relative to the scale of an output; single precision has a rounding error of 6e-8. */
  static final double TOLERANCE = 1e-5;

  private static final double REAL_GUARD = -12345.0;
  private static final int INT_GUARD = -987654321;
  private static final int INT_UNWRITTEN = Integer.MIN_VALUE + 77;
  private static final Device REFERENCE = new ReferenceDevice();

  private enum Role {
    INPUT,
    OUTPUT,
    UPDATED,
    SCRATCH
  }

  /** A parameter of the kernel. */
  private static final class Argument {
    final Role role;
    final DType type;
    final double[] reals;
    final int[] ints;
    double floor;

    Argument(Role role, double[] reals) {
      this.role = role;
      this.type = DType.F32;
      this.reals = reals;
      this.ints = null;
    }

    Argument(Role role, int[] ints) {
      this.role = role;
      this.type = DType.I32;
      this.reals = null;
      this.ints = ints;
    }

    int length() {
      return type == DType.F32 ? reals.length : ints.length;
    }
  }

  /** The kernel call itself. */
  @FunctionalInterface
  interface Call {
    void on(Kernels kernels, Buffers buffers);
  }

  /** The buffers of a call by name. */
  @FunctionalInterface
  interface Buffers {
    Buffer get(String name);
  }

  /** What a call left in the arguments that it writes. */
  static final class Results {
    private final Map<String, double[]> reals = new LinkedHashMap<>();
    private final Map<String, int[]> ints = new LinkedHashMap<>();

    /** A real result. */
    double[] reals(String name) {
      return reals.get(name).clone();
    }

    /** A real result rounded to single precision, to be the input of another kernel. */
    double[] rounded(String name) {
      double[] values = reals(name);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) values[i];
      }
      return values;
    }

    /** An integer result. */
    int[] ints(String name) {
      return ints.get(name).clone();
    }

    /** Fails unless both hold the same bits. */
    void assertSameBits(Results other, String message) {
      for (Map.Entry<String, double[]> e : reals.entrySet()) {
        double[] those = other.reals.get(e.getKey());
        for (int i = 0; i < those.length; i++) {
          assertEquals(
              Double.doubleToRawLongBits(e.getValue()[i]),
              Double.doubleToRawLongBits(those[i]),
              message + ": " + e.getKey() + "[" + i + "]");
        }
      }
      for (Map.Entry<String, int[]> e : ints.entrySet()) {
        assertArrayEquals(e.getValue(), other.ints.get(e.getKey()), message + ": " + e.getKey());
      }
    }
  }

  private final Device device;
  private final String what;
  private final Map<String, Argument> arguments = new LinkedHashMap<>();
  private double tolerance = TOLERANCE;

  KernelCheck(Device device, String what) {
    this.device = device;
    this.what = what;
  }

  /** A buffer that is read. */
  KernelCheck input(String name, double[] values) {
    for (double v : values) {
      assertEquals((float) v, v, "inputs must be exact in single precision");
    }
    arguments.put(name, new Argument(Role.INPUT, values.clone()));
    return this;
  }

  /** A buffer of integers that is read. */
  KernelCheck input(String name, int[] values) {
    arguments.put(name, new Argument(Role.INPUT, values.clone()));
    return this;
  }

  /** A buffer that is overwritten. */
  KernelCheck output(String name, int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    arguments.put(name, new Argument(Role.OUTPUT, values));
    return this;
  }

  /** A buffer of integers that is overwritten. */
  KernelCheck outputInts(String name, int length) {
    int[] values = new int[length];
    Arrays.fill(values, INT_UNWRITTEN);
    arguments.put(name, new Argument(Role.OUTPUT, values));
    return this;
  }

  /** A buffer that is read and written. */
  KernelCheck updated(String name, double[] values) {
    arguments.put(name, new Argument(Role.UPDATED, values.clone()));
    return this;
  }

  /** A buffer that is read and whose contents afterwards do not matter. */
  KernelCheck scratch(String name, double[] values) {
    arguments.put(name, new Argument(Role.SCRATCH, values.clone()));
    return this;
  }

  /** Sets the tolerance relative to each output's scale. */
  KernelCheck tolerance(double relative) {
    tolerance = relative;
    return this;
  }

  /**
   * States the magnitude of the terms from which an output is computed, for outputs that may cancel
   * to something much smaller.
   */
  KernelCheck scale(String name, double magnitude) {
    arguments.get(name).floor = magnitude;
    return this;
  }

  /** Makes the call on both devices and compares; returns the results of the reference. */
  Results run(Call call) {
    Results expected = execute(REFERENCE, call, true);
    compare(expected, execute(device, call, true), "");
    compare(expected, execute(device, call, false), " (aligned)");
    return expected;
  }

  /** Makes the call on the device under test alone. */
  Results runOnDevice(Call call) {
    return execute(device, call, false);
  }

  private Results execute(Device on, Call call, boolean leadingGuards) {
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> whole = new LinkedHashMap<>();
      Map<String, Tensor> parts = new LinkedHashMap<>();
      Map<String, Integer> leads = new LinkedHashMap<>();
      int position = 0;
      for (Map.Entry<String, Argument> e : arguments.entrySet()) {
        Argument argument = e.getValue();
        position++;
        int lead = leadingGuards ? 1 + position * 5 % 17 : 0;
        int total = lead + argument.length() + 19;
        Tensor tensor;
        if (argument.type == DType.F32) {
          tensor = on.tensor(guarded(argument.reals, lead, total), total);
        } else {
          tensor = on.tensor(guarded(argument.ints, lead, total), total);
        }
        whole.put(e.getKey(), tensor);
        leads.put(e.getKey(), lead);
        parts.put(e.getKey(), tensor.slice(lead, Shape.of(argument.length())));
      }
      call.on(
          on.kernels(),
          name -> {
            assertTrue(parts.containsKey(name), "the test names no argument " + name);
            return parts.get(name).buffer();
          });
      Results results = new Results();
      for (Map.Entry<String, Argument> e : arguments.entrySet()) {
        String name = e.getKey();
        collect(on, name, e.getValue(), whole.get(name), leads.get(name), results);
      }
      return results;
    }
  }

  private void collect(
      Device on, String name, Argument argument, Tensor whole, int lead, Results results) {
    String where = what + " on " + on + ": " + name;
    int length = argument.length();
    if (argument.type == DType.F32) {
      double[] after = whole.toDoubles();
      double[] part = Arrays.copyOfRange(after, lead, lead + length);
      assertArrayEquals(
          guarded(part, lead, after.length), after, where + " was written beyond its ends");
      if (argument.role == Role.INPUT) {
        assertArrayEquals(argument.reals, part, where + " is an input and was changed");
      } else if (argument.role != Role.SCRATCH) {
        results.reals.put(name, part);
      }
    } else {
      int[] after = whole.toInts();
      int[] part = Arrays.copyOfRange(after, lead, lead + length);
      assertArrayEquals(
          guarded(part, lead, after.length), after, where + " was written beyond its ends");
      if (argument.role == Role.INPUT) {
        assertArrayEquals(argument.ints, part, where + " is an input and was changed");
      } else {
        results.ints.put(name, part);
      }
    }
  }

  private void compare(Results expected, Results actual, String layout) {
    for (Map.Entry<String, double[]> e : expected.reals.entrySet()) {
      String where = what + " on " + device + layout + ": " + e.getKey();
      double floor = arguments.get(e.getKey()).floor;
      Closeness.assertClose(where, e.getValue(), actual.reals.get(e.getKey()), tolerance, floor);
    }
    for (Map.Entry<String, int[]> e : expected.ints.entrySet()) {
      String where = what + " on " + device + layout + ": " + e.getKey();
      for (int v : e.getValue()) {
        if (v == INT_UNWRITTEN) {
          fail(where + " is not written by the reference");
        }
      }
      assertArrayEquals(e.getValue(), actual.ints.get(e.getKey()), where);
    }
  }

  private static double[] guarded(double[] values, int lead, int total) {
    double[] all = new double[total];
    Arrays.fill(all, REAL_GUARD);
    System.arraycopy(values, 0, all, lead, values.length);
    return all;
  }

  private static int[] guarded(int[] values, int lead, int total) {
    int[] all = new int[total];
    Arrays.fill(all, INT_GUARD);
    System.arraycopy(values, 0, all, lead, values.length);
    return all;
  }
}
