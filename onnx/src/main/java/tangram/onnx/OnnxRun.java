package tangram.onnx;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.data.Npy;
import tangram.onnx.graph.DataFiles;
import tangram.onnx.graph.ValueType;
import tangram.onnx.op.Session;
import tangram.tensor.Autograd;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/** Runs a model once on values of files, for a look at what it gives. */
public final class OnnxRun {
  private OnnxRun() {}

  /**
   * Computes a model and prints what it takes and gives, and how long it took.
   *
   * @param files inputs by name, each an array in a file {@code .npy} of NumPy or {@code .pb} as
   *     those of ONNX's tests; others are uniform random numbers in [0, 1), or zeros where they are
   *     whole, of the declared shape with 1 for unknown sizes
   * @param folder where the outputs are written as {@code .npy}; null for nowhere
   * @throws OnnxException if the model has no such input, or fails
   */
  public static void run(OnnxModule module, Map<String, Path> files, Path folder, PrintStream out) {
    Session session = module.session();
    try (Scope scope = Scope.open();
        Autograd.Guard inference = Autograd.noGrad()) {
      Map<String, OnnxData> given = new LinkedHashMap<>();
      files.forEach((name, file) -> given.put(name, read(file, module.declared(name), session)));
      for (String name : module.inputs()) {
        String source = given.containsKey(name) ? files.get(name).toString() : "made up";
        if (!given.containsKey(name)) {
          given.put(name, example(module.declared(name), session));
        }
        out.println("input " + name + " (" + source + "): " + given.get(name));
      }
      long start = System.nanoTime();
      Map<String, OnnxData> results = module.run(given);
      double millis = (System.nanoTime() - start) / 1e6;
      results.forEach((name, value) -> out.println("output " + name + ": " + value));
      if (folder != null) {
        results.forEach((name, value) -> write(name, value, folder, out));
      }
      out.printf("%.1f ms on %s%n", millis, session.device());
    }
  }

  private static OnnxData read(Path file, ValueType input, Session session) {
    if (!file.toString().endsWith(".npy")) {
      return DataFiles.read(file, input.kind(), session.host());
    }
    Tensor array = Npy.read(file, session.host());
    ElementType type = input.element();
    return type == null
        ? OnnxTensor.of(array)
        : OnnxTensor.of(file + ": input '" + input.name() + "'", type, array);
  }

  private static void write(String name, OnnxData value, Path folder, PrintStream out) {
    if (!(value instanceof OnnxTensor) || ((OnnxTensor) value).type() == ElementType.STRING) {
      throw new OnnxException(
          "output '" + name + "' is no array of numbers, which .npy could hold");
    }
    // A name may hold what a file's name may not.
    Path file = folder.resolve(name.replaceAll("[^A-Za-z0-9._-]", "_") + ".npy");
    Npy.write(((OnnxTensor) value).tensor(), file);
    out.println("written to " + file);
  }

  private static OnnxData example(ValueType input, Session session) {
    ElementType type = input.element();
    List<String> dims = input.dims();
    if (!input.kind().equals("tensor") || type == null || dims == null || type.storage() == null) {
      throw new OnnxException(
          "Input '%s' is declared as %s, for which no example can be made up; give a file."
              .formatted(input.name(), input));
    }
    int[] sizes =
        dims.stream().mapToInt(d -> d.matches("\\d+") ? Integer.parseInt(d) : 1).toArray();
    if (type == ElementType.STRING) {
      String[] texts = new String[Shape.of(sizes).size()];
      Arrays.fill(texts, "");
      return OnnxTensor.of(session.host(), texts, sizes);
    }
    Tensor x =
        type.isReal()
            ? session.host().rand(new Generator(0), sizes).to(type.storage())
            : session.host().zeros(type.storage(), Shape.of(sizes));
    return new OnnxTensor(type, x);
  }
}
