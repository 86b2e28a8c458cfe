package tangram.tensor.vector.conv;

import java.util.Arrays;
import tangram.tensor.kernel.Window;

/**
 * The inputs {@code phase, phase + stride, ...} along a dimension: all of them meet the same taps.
 * Input {@code phase + stride * t} meets tap {@code taps[i]} for output {@code outputs[i] + t}.
 *
 * @param phase the first input
 * @param count number of inputs
 * @param taps the taps, in order
 * @param outputs the output of each tap for the first input, falling
 */
record ConvPhase(int phase, int count, int[] taps, int[] outputs) {
  /** All phases of a dimension. */
  static ConvPhase[] of(Window window) {
    int stride = window.stride();
    ConvPhase[] phases = new ConvPhase[Math.min(stride, window.size())];
    for (int phase = 0; phase < phases.length; phase++) {
      int[] taps = new int[window.kernel()];
      int[] outputs = new int[taps.length];
      int n = 0;
      for (int t = 0; t < window.kernel(); t++) {
        int at = phase + window.begin() - t * window.dilation();
        if (at % stride == 0) {
          taps[n] = t;
          outputs[n++] = at / stride;
        }
      }
      phases[phase] =
          new ConvPhase(
              phase,
              (window.size() - phase + stride - 1) / stride,
              Arrays.copyOf(taps, n),
              Arrays.copyOf(outputs, n));
    }
    return phases;
  }

  /** The smallest output. */
  int first() {
    return outputs[outputs.length - 1];
  }

  /** Whether some inputs meet no tap. */
  static boolean anyEmpty(ConvPhase[] phases) {
    return Arrays.stream(phases).anyMatch(p -> p.taps.length == 0);
  }
}
