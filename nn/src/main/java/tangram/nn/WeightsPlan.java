package tangram.nn;

import static tangram.nn.FileFormatException.quote;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/**
 * Copies tensors of a file into tensors of a device, all or none: first everything is compared,
 * then everything is read, and only then is anything overwritten.
 */
final class WeightsPlan {
  /** How many names of a kind a message shows. */
  private static final int SHOWN = 4;

  private final TensorSource file;
  private final Map<String, Tensor> targets = new LinkedHashMap<>();
  private final List<String> missing = new ArrayList<>();
  private final List<String> unexpected = new ArrayList<>();
  private final List<String> different = new ArrayList<>();

  WeightsPlan(TensorSource file) {
    this.file = file;
  }

  /**
   * Plans to fill tensors from those of the file whose names are a prefix and the tensor's name.
   *
   * @param ignored which names of the file, without the prefix, need not be among the tensors
   */
  void expect(String prefix, Map<String, Tensor> tensors, Predicate<String> ignored) {
    tensors.forEach((name, tensor) -> expect(prefix + name, tensor));
    for (String name : file.names()) {
      if (name.startsWith(prefix)) {
        String inner = name.substring(prefix.length());
        if (!tensors.containsKey(inner) && !ignored.test(inner)) {
          unexpected.add(quote(name));
        }
      }
    }
  }

  private void expect(String name, Tensor tensor) {
    targets.put(name, tensor);
    boolean real = tensor.type() == DType.F32;
    if (!file.contains(name)) {
      missing.add(quote(name));
    } else if (!file.shape(name).equals(tensor.shape()) || file.isReal(name) != real) {
      different.add(
          quote(name)
              + " is "
              + file.dtype(name)
              + file.shape(name)
              + " instead of "
              + (real ? "F32" : "I32")
              + tensor.shape());
    }
  }

  /**
   * Copies.
   *
   * @throws FileFormatException if the file does not hold exactly what is expected, holds numbers
   *     that are not finite, or cannot be read; nothing was overwritten then
   */
  void apply() {
    List<String> problems = new ArrayList<>();
    describe("missing", missing, problems);
    describe("unexpected", unexpected, problems);
    describe("of another shape or type", different, problems);
    if (!problems.isEmpty()) {
      throw new FileFormatException(
          file.file()
              + ": does not fit this network, "
              + String.join("; ", problems)
              + "; choose the file that was saved with the same network settings.");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    targets.forEach(
        (name, tensor) ->
            values.put(
                name, tensor.type() == DType.F32 ? file.finiteFloats(name) : file.ints(name)));
    targets.forEach(
        (name, tensor) -> {
          if (tensor.type() == DType.F32) {
            tensor.copyFrom((float[]) values.get(name), 0);
          } else {
            tensor.copyFrom((int[]) values.get(name), 0);
          }
        });
  }

  private static void describe(String what, List<String> names, List<String> problems) {
    if (!names.isEmpty()) {
      int count = names.size();
      problems.add(
          count
              + (count == 1 ? " tensor is " : " tensors are ")
              + what
              + ": "
              + String.join(", ", names.subList(0, Math.min(SHOWN, count)))
              + (count > SHOWN ? " and " + (count - SHOWN) + " more" : ""));
    }
  }
}
