package tangram.pclmix.parity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tangram.tensor.Tensor;

/**
 * Collects what was compared in a case: the largest error of each part, and what is out of bounds.
 */
final class Comparison {
  private final String title;
  private final Map<String, Worst> worst = new LinkedHashMap<>();
  private final List<String> failures = new ArrayList<>();

  private record Worst(double error, String name) {}

  Comparison(String title) {
    this.title = title;
  }

  /** Compares two numbers relative to the larger of the expected one and 1. */
  void number(String part, String name, double expected, double actual, double tolerance) {
    double error = Math.abs(expected - actual) / Math.max(1, Math.abs(expected));
    note(part, name, error, tolerance, "expected " + expected + ", was " + actual);
  }

  void same(String name, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      failures.add(name + ": expected " + expected + ", was " + actual);
    }
  }

  void tensor(String part, String name, JsonNode expected, Tensor actual, double tolerance) {
    tensor(part, name, Sketch.of(expected), actual, tolerance, 0);
  }

  private void tensor(
      String part, String name, Sketch expected, Tensor actual, double tolerance, double floor) {
    double scale = Math.max(expected.norm(), floor);
    double distance = expected.distance(Sketch.of(actual));
    note(
        part,
        name,
        distance == 0 ? 0 : distance / scale,
        tolerance,
        "norm " + expected.norm() + ", smallest scale " + floor);
  }

  /**
   * Compares tensors by name; the first word of a name is its part. The error of one is relative to
   * its norm, or to {@code floor} times the norm of all together where that is larger: what should
   * be zero has no relative error.
   */
  void tensors(
      String what, JsonNode expected, Map<String, Tensor> actual, double tolerance, double floor) {
    Map<String, Sketch> sketches = new LinkedHashMap<>();
    double square = 0;
    for (var entry : expected.properties()) {
      // Null: PyTorch gave none.
      Sketch sketch = entry.getValue().isNull() ? null : Sketch.of(entry.getValue());
      sketches.put(entry.getKey(), sketch);
      square += sketch == null ? 0 : sketch.norm() * sketch.norm();
    }
    same(what + " names", new TreeSet<>(sketches.keySet()), new TreeSet<>(actual.keySet()));
    double smallest = floor * Math.sqrt(square);
    sketches.forEach(
        (name, sketch) -> {
          Tensor tensor = actual.get(name);
          if (sketch == null || tensor == null) {
            same(what + " " + name + " is absent", sketch == null, tensor == null);
          } else {
            String part = what + " " + name.split("\\.")[0];
            tensor(part, name, sketch, tensor, tolerance, smallest);
          }
        });
  }

  private void note(String part, String name, double error, double tolerance, String detail) {
    Worst before = worst.get(part);
    // Written so that NaN counts as worst and wrong.
    if (before == null || !(error <= before.error)) {
      worst.put(part, new Worst(error, name));
    }
    if (!(error <= tolerance)) {
      failures.add(
          String.format("%s %s: error %.2e above %.0e (%s)", part, name, error, tolerance, detail));
    }
  }

  /** Prints the largest errors; fails if one was too large. */
  void finish() {
    StringBuilder text = new StringBuilder(title);
    worst.forEach(
        (part, w) -> text.append(String.format("%n  %-28s %.1e  %s", part, w.error, w.name)));
    System.out.println(text);
    if (!failures.isEmpty()) {
      throw new AssertionError(
          title + ": " + failures.size() + " differ\n" + String.join("\n", failures));
    }
  }
}
