package tangram.onnx;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tangram.nn.FileFormatException;
import tangram.onnx.graph.DataFiles;
import tangram.onnx.graph.TensorData;
import tangram.onnx.graph.ValueType;
import tangram.onnx.op.Session;
import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;

/**
 * Runs ONNX's conformance tests: folders with {@code model.onnx} and folders {@code
 * test_data_set_0}, ... with {@code input_0.pb}, ... and {@code output_0.pb}, .... Numbers may
 * differ by 1e-3 of the expected ones and 1e-7, those of type bfloat16 by 2 units in the last
 * place, as in ONNX's own runner. Of operators that draw random numbers only types and shapes are
 * compared.
 */
public final class Conformance {
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-7;
  private static final double BFLOAT16 = 0x1p-6;

  /** What became of a test. */
  public enum Outcome {
    /** All outputs agree. */
    PASSED,
    /** It has something that is not supported; nothing was computed. */
    REFUSED,
    /** Outputs differ, or it failed. */
    WRONG
  }

  /**
   * One test.
   *
   * @param group the name of the folder around it
   * @param operator the operator of a model that has one, else empty
   * @param message why it did not pass; empty where it did
   */
  public record Test(String name, String group, String operator, Outcome outcome, String message) {}

  private final Device device;
  private final Session session;
  private final List<Test> tests = new ArrayList<>();

  private Conformance(Device device) {
    this.device = device;
    this.session = new Session(device);
  }

  /**
   * Runs all tests below a folder.
   *
   * @throws FileFormatException if there are none
   */
  public static Conformance run(Path folder, Device device) {
    List<Path> models;
    try (Stream<Path> paths = Files.walk(folder)) {
      models = paths.filter(p -> p.endsWith("model.onnx")).sorted().toList();
    } catch (IOException e) {
      throw new FileFormatException(
          folder + ": cannot be read; give a folder with ONNX's tests.", e);
    }
    if (models.isEmpty()) {
      throw new FileFormatException(
          folder + ": no file model.onnx below it; give a folder with ONNX's tests.");
    }
    Conformance conformance = new Conformance(device);
    for (Path model : models) {
      conformance.tests.add(conformance.test(model));
    }
    return conformance;
  }

  /** All tests, by name. */
  public List<Test> tests() {
    return List.copyOf(tests);
  }

  /** How many tests had an outcome. */
  public int count(Outcome outcome) {
    return (int) tests.stream().filter(t -> t.outcome == outcome).count();
  }

  private Test test(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    String name = folder.getFileName().toString();
    String group = folder.getParent().getFileName().toString();
    String operator = "";
    try (Autograd.Guard inference = Autograd.noGrad();
        Scope scope = Scope.open()) {
      OnnxModel model = OnnxModel.read(file);
      operator = model.graph().nodes().size() == 1 ? model.graph().nodes().get(0).operator() : "";
      OnnxModule module = new OnnxModule(model, device);
      String difference = difference(module, folder);
      Outcome outcome = difference.isEmpty() ? Outcome.PASSED : Outcome.WRONG;
      return new Test(name, group, operator, outcome, difference);
    } catch (OnnxException.Unsupported e) {
      return new Test(name, group, operator, Outcome.REFUSED, e.getMessage());
    } catch (RuntimeException | IOException e) {
      return new Test(name, group, operator, Outcome.WRONG, e.toString());
    }
  }

  private String difference(OnnxModule module, Path folder) throws IOException {
    List<Path> sets;
    try (Stream<Path> paths = Files.list(folder)) {
      sets =
          paths
              .filter(p -> p.getFileName().toString().startsWith("test_data_set_"))
              .sorted()
              .toList();
    }
    if (sets.isEmpty()) {
      return "there is no folder test_data_set_0";
    }
    for (Path set : sets) {
      Map<String, OnnxData> given = new LinkedHashMap<>();
      List<ValueType> inputs = module.declared().inputs();
      for (int i = 0; Files.exists(set.resolve("input_" + i + ".pb")); i++) {
        given.put(inputs.get(i).name(), read(set, "input_" + i, inputs.get(i)));
      }
      Map<String, OnnxData> results = module.run(given);
      int i = 0;
      for (ValueType output : module.declared().outputs()) {
        Path expected = set.resolve("output_" + i + ".pb");
        if (!Files.exists(expected)) {
          return set.getFileName() + " has no " + expected.getFileName();
        }
        String difference =
            difference(
                read(set, "output_" + i, output), results.get(output.name()), module.isRandom());
        if (!difference.isEmpty()) {
          return set.getFileName() + ", output " + output.name() + ": " + difference;
        }
        i++;
      }
    }
    return "";
  }

  private OnnxData read(Path set, String name, ValueType type) {
    OnnxData value = DataFiles.read(set.resolve(name + ".pb"), type.kind(), session.host());
    boolean bits =
        type.element() == ElementType.BFLOAT16
            && value instanceof OnnxTensor
            && ((OnnxTensor) value).type() == ElementType.UINT16;
    if (!bits) {
      return value;
    }
    // Until ONNX 1.12 tests wrote bfloat16 as uint16, which has the same bits.
    OnnxTensor held = (OnnxTensor) value;
    return OnnxTensor.of(
        session.host(),
        ElementType.BFLOAT16,
        TensorData.ofBits(ElementType.BFLOAT16, held.longs()),
        held.dims());
  }

  private static String difference(OnnxData expected, OnnxData actual, boolean random) {
    if (expected instanceof OnnxTensor && actual instanceof OnnxTensor) {
      return difference((OnnxTensor) expected, (OnnxTensor) actual, random);
    }
    if (expected instanceof OnnxSequence && actual instanceof OnnxSequence) {
      List<OnnxData> wanted = ((OnnxSequence) expected).items();
      List<OnnxData> got = ((OnnxSequence) actual).items();
      if (wanted.size() != got.size()) {
        return "a sequence of %s instead of %s".formatted(got.size(), wanted.size());
      }
      for (int i = 0; i < wanted.size(); i++) {
        String difference = difference(wanted.get(i), got.get(i), random);
        if (!difference.isEmpty()) {
          return "item " + i + ": " + difference;
        }
      }
      return "";
    }
    return expected.getClass() == actual.getClass()
        ? ""
        : actual.getClass().getSimpleName() + " instead of " + expected.getClass().getSimpleName();
  }

  private static String difference(OnnxTensor expected, OnnxTensor actual, boolean random) {
    if (expected.type() != actual.type()
        || !expected.tensor().shape().equals(actual.tensor().shape())) {
      return "%s%s instead of %s%s"
          .formatted(
              actual.type(), actual.tensor().shape(), expected.type(), expected.tensor().shape());
    }
    if (random) {
      return "";
    }
    if (expected.texts() != null) {
      return Arrays.equals(expected.strings(), actual.strings())
          ? ""
          : Arrays.toString(actual.strings())
              + " instead of "
              + Arrays.toString(expected.strings());
    }
    double relative =
        expected.type() == ElementType.BFLOAT16 ? Math.max(RELATIVE, BFLOAT16) : RELATIVE;
    double[] wanted = expected.doubles();
    double[] got = actual.doubles();
    for (int i = 0; i < wanted.length; i++) {
      boolean same =
          wanted[i] == got[i]
              || (Double.isNaN(wanted[i]) && Double.isNaN(got[i]))
              || (Double.isFinite(wanted[i])
                  && Math.abs(got[i] - wanted[i]) <= ABSOLUTE + relative * Math.abs(wanted[i]));
      if (!same) {
        return "element %s of shape %s is %s instead of %s"
            .formatted(i, expected.tensor().shape(), got[i], wanted[i]);
      }
    }
    return "";
  }

  /** Prints counts by operator and by group, what was refused and what is wrong. */
  public void print(PrintStream out) {
    out.println("device " + session);
    print(out, "operators", counts(true));
    print(out, "groups", counts(false));
    out.println("refused " + count(Outcome.REFUSED));
    Map<String, Integer> reasons = new TreeMap<>();
    for (Test test : tests) {
      if (test.outcome == Outcome.REFUSED) {
        reasons.merge(test.message.replaceAll(", in node '[^']*'", ""), 1, Integer::sum);
      }
    }
    reasons.forEach((reason, count) -> out.println("  " + count + " " + reason));
    out.println("wrong " + count(Outcome.WRONG));
    for (Test test : tests) {
      if (test.outcome == Outcome.WRONG) {
        out.println("  " + test.group + "/" + test.name + ": " + test.message);
      }
    }
    out.println("ONNX conformance: " + count(Outcome.PASSED) + " of " + tests.size());
  }

  private static void print(PrintStream out, String what, Map<String, int[]> counts) {
    out.println(what + " (passed of all)");
    counts.forEach((name, n) -> out.println("  " + name + " " + n[0] + " of " + n[1]));
  }

  private Map<String, int[]> counts(boolean byOperator) {
    Map<String, int[]> counts = new TreeMap<>();
    for (Test test : tests) {
      String key =
          byOperator ? (test.operator.isEmpty() ? "(several)" : test.operator) : test.group;
      int[] count = counts.computeIfAbsent(key, k -> new int[2]);
      count[0] += test.outcome == Outcome.PASSED ? 1 : 0;
      count[1]++;
    }
    return counts;
  }
}
