package tangram.nn;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code tools/parity/optimizers.py} wrote. */
final class TorchNumbers {
  private static final Map<String, double[]> ALL = read();

  private TorchNumbers() {}

  static double[] of(String name) {
    double[] numbers = ALL.get(name);
    if (numbers == null) {
      throw new IllegalArgumentException("no line '" + name + "'");
    }
    return numbers;
  }

  private static Map<String, double[]> read() {
    try (InputStream in = TorchNumbers.class.getResourceAsStream("optimizers.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(": "))
          .collect(Collectors.toMap(parts -> parts[0], parts -> numbers(parts[1])));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" "))
        .mapToDouble(t -> t.equals("nan") ? Double.NaN : Double.parseDouble(t))
        .toArray();
  }
}
