package tangram.onnx.op;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;

/**
 * An operator as ONNX defines it: a line of {@code operators.txt}.
 *
 * @param versions opsets that defined it anew, ascending
 * @param ended whether the last of them removed it
 * @param inputs names, with {@code ?} of those that may be left out and {@code *} of any number;
 *     behind a colon letters, the same of inputs whose elements are of one type; behind a slash the
 *     kinds of elements that it takes
 * @param attributes of all versions
 */
record Signature(
    String name,
    int[] versions,
    boolean ended,
    List<String> inputs,
    List<String> outputs,
    Set<String> attributes) {

  /** All operators by name. */
  static final Map<String, Signature> ALL = read();

  private static Map<String, Signature> read() {
    Map<String, Signature> all = new LinkedHashMap<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Signature.class.getResourceAsStream("operators.txt"), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.startsWith("#")) {
          Signature signature = parse(line);
          all.put(signature.name, signature);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private static Signature parse(String line) {
    String[] fields = line.split(" \\| ?", -1);
    String[] ends = (" " + fields[2] + " ").split("->", -1);
    return new Signature(
        fields[0],
        Arrays.stream(fields[1].replace("!", "").split(" ")).mapToInt(Integer::parseInt).toArray(),
        fields[1].endsWith("!"),
        words(ends[0]),
        words(ends[1]),
        Set.copyOf(words(fields[3])));
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split(" +"));
  }

  /** The latest version of a domain; 0 where it is not known. */
  static int latest(String domain) {
    return ALL.values().stream()
        .filter(s -> s.domain().equals(domain))
        .mapToInt(s -> s.versions[s.versions.length - 1])
        .max()
        .orElse(0);
  }

  /** The domain; empty of ONNX's own. */
  String domain() {
    return domain(name);
  }

  static String domain(String operator) {
    int dot = operator.lastIndexOf('.');
    return dot < 0 ? "" : operator.substring(0, dot);
  }

  /** The version that an opset means; 0 where it had none yet. */
  int version(int opset) {
    int version = 0;
    for (int v : versions) {
      version = v <= opset ? v : version;
    }
    return version;
  }

  /** The fewest inputs that a call may have. */
  int fewest() {
    int fewest = 0;
    for (int i = 0; i < inputs.size(); i++) {
      fewest = inputs.get(i).endsWith("?") || inputs.get(i).endsWith("*") ? fewest : i + 1;
    }
    return fewest;
  }

  /** The most inputs that a call may have. */
  int most() {
    boolean any = !inputs.isEmpty() && inputs.get(inputs.size() - 1).endsWith("*");
    return any ? Integer.MAX_VALUE : inputs.size();
  }

  /** The most outputs that a call may have. */
  int mostOutputs() {
    boolean any = !outputs.isEmpty() && outputs.get(outputs.size() - 1).endsWith("*");
    return any ? Integer.MAX_VALUE : outputs.size();
  }

  /** The name of an input, for messages. */
  String input(int i) {
    String name = inputs.isEmpty() ? "?" : inputs.get(Math.min(i, inputs.size() - 1));
    return name.replaceAll("[:/?*].*", "");
  }

  /** What stands behind a colon or a slash in an input's description; empty where nothing does. */
  private String part(int i, char mark) {
    String text = inputs.get(Math.min(i, inputs.size() - 1));
    int from = text.indexOf(mark) + 1;
    int to = from;
    while (to < text.length() && Character.isLetterOrDigit(text.charAt(to))) {
      to++;
    }
    return from == 0 ? "" : text.substring(from, to);
  }

  /** The kind of an element, as {@code operators.txt} has it. */
  private static String kind(ElementType type) {
    if (type.isReal()) {
      return "f";
    }
    if (type.isInteger()) {
      return type.bits() < 8 ? "4" : type.isUnsigned() ? "u" : "i";
    }
    return type == ElementType.BOOL ? "b" : type == ElementType.STRING ? "s" : "8";
  }

  /**
   * Checks that inputs are of kinds that the operator takes, and those that have to be of one type
   * are.
   *
   * @throws IllegalArgumentException if not
   */
  void checkTypes(OnnxData[] given) {
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < given.length; i++) {
      if (!(given[i] instanceof OnnxTensor)) {
        continue;
      }
      ElementType type = ((OnnxTensor) given[i]).type();
      if (!part(i, '/').isEmpty() && !part(i, '/').contains(kind(type))) {
        throw new IllegalArgumentException(
            "input %s is of type %s, which the operator does not take".formatted(input(i), type));
      }
      Integer of = part(i, ':').isEmpty() ? null : first.putIfAbsent(part(i, ':'), i);
      if (of != null && ((OnnxTensor) given[of]).type() != type) {
        throw new IllegalArgumentException(
            "inputs %s and %s are of types %s and %s, where one is needed"
                .formatted(input(of), input(i), ((OnnxTensor) given[of]).type(), type));
      }
    }
  }
}
