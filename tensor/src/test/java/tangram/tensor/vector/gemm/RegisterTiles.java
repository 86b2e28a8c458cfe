package tangram.tensor.vector.gemm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes the register tiles of matrix products: {@code PackedTiles} and {@code DirectTiles}.
 * Vectors must stay in local variables, so every accumulator of a tile is a variable of its own and
 * every size of tile a method. All methods have one form and differ in rows, vectors, and where A
 * lies.
 *
 * <p>To write them anew: run {@link #main} in the folder of the module {@code tensor}.
 */
final class RegisterTiles {
  /** Where the files lie, from the module's folder. */
  static final Path FOLDER = Path.of("src/main/java/tangram/tensor/vector/gemm");

  private RegisterTiles() {}

  /**
   * How a tile reads A and steps through it.
   *
   * @param parameters what its methods need beside the offset of A
   * @param ofB the parameter for the distance between rows of B, if it is not always NR
   * @param loop what the loop begins with
   * @param places declares places before the loop, or nothing
   * @param element place of an element of row i in A
   */
  private record Form(
      List<String> parameters, List<String> ofB, String loop, PerRow places, PerRow element) {}

  private interface PerRow {
    String of(int row);
  }

  private static Form packed(int rows) {
    return new Form(
        List.of(),
        List.of("int ldb"),
        "for (int end = ao + kc * %d; ao < end; ao += %d, bo += ldb) {".formatted(rows, rows),
        i -> "",
        i -> "ao" + plus(i));
  }

  private static final Form APART =
      new Form(
          List.of("int rowStep"),
          List.of(),
          "for (int t = 0; t < kc; t++, bo += NR) {",
          i -> i == 0 ? "" : "    int a%d = ao%s;\n".formatted(i, times(i, "rowStep")),
          i -> i == 0 ? "ao + t" : "a" + i + " + t");

  /** The files, by name. */
  static Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put(
        "PackedTiles.java",
        type(
            "PackedTiles",
            "The tiles of {@link GemmKernel}: A comes as a panel.",
            "",
            method("A tile of 8 rows.", "tile8", 8, 2, packed(8)),
            method("A tile of 5 rows.", "tile5", 5, 2, packed(5)),
            method("A tile of 4 rows.", "tile4", 4, 2, packed(4)),
            method("8 rows of a single vector.", "narrow8", 8, 1, packed(8)),
            method("5 rows of a single vector.", "narrow5", 5, 1, packed(5)),
            method("4 rows of a single vector.", "narrow4", 4, 1, packed(4))));
    files.put(
        "DirectTiles.java",
        type(
            "DirectTiles",
            "The tiles of {@link DirectKernel}: the rows of A lie apart.",
            "  private static final int NR = GemmKernel.NR;\n",
            method("A tile of 8 rows.", "tile8", 8, 2, APART),
            method("A tile of 5 rows.", "tile5", 5, 2, APART),
            method("A tile of 4 rows.", "tile4", 4, 2, APART),
            method("A single row.", "tile1", 1, 2, APART),
            method("8 rows of a single vector.", "narrow8", 8, 1, APART),
            method("5 rows of a single vector.", "narrow5", 5, 1, APART),
            method("4 rows of a single vector.", "narrow4", 4, 1, APART),
            method("A single row of a single vector.", "narrow1", 1, 1, APART)));
    return files;
  }

  private static String type(String name, String about, String constants, String... methods) {
    return """
        package tangram.tensor.vector.gemm;

        import jdk.incubator.vector.FloatVector;
        import jdk.incubator.vector.VectorSpecies;

        // Written by RegisterTiles, a program among the tests: change that one, then run it.

        /** %s */
        final class %s {
          private static final VectorSpecies<Float> SPECIES = GemmKernel.SPECIES;
          private static final int VL = GemmKernel.VL;
        %s
          private %s() {}

        %s}
        """
        .formatted(about, name, constants, name, String.join("\n", methods));
  }

  private static String method(String about, String name, int rows, int vectors, Form form) {
    StringBuilder text = new StringBuilder();
    text.append("  /** %s */\n  static void %s(\n".formatted(about, name));
    List<String> parameters =
        List.of(
                List.of("int kc", "float[] a", "int ao"),
                form.parameters(),
                List.of("float[] b", "int bo"),
                form.ofB(),
                List.of("float[] c", "int co", "int ldc", "float[] s", "int so", "int lds"))
            .stream()
            .flatMap(List::stream)
            .toList();
    text.append(
        parameters.stream().map(p -> "      " + p).collect(Collectors.joining(",\n", "", ") {\n")));
    forAll(
        rows,
        vectors,
        (i, v) ->
            text.append(
                "    FloatVector c%d%d = FloatVector.fromArray(SPECIES, s, so%s%s);\n"
                    .formatted(i, v, times(i, "lds"), times(v, "VL"))));
    IntStream.range(0, rows).forEach(i -> text.append(form.places().of(i)));
    text.append("    ").append(form.loop()).append('\n');
    for (int v = 0; v < vectors; v++) {
      text.append(
          "      FloatVector b%d = FloatVector.fromArray(SPECIES, b, bo%s);\n"
              .formatted(v, times(v, "VL")));
    }
    for (int i = 0; i < rows; i++) {
      text.append(
          "      FloatVector x%d = FloatVector.broadcast(SPECIES, a[%s]);\n"
              .formatted(i, form.element().of(i)));
      for (int v = 0; v < vectors; v++) {
        text.append("      c%d%d = x%d.fma(b%d, c%d%d);\n".formatted(i, v, i, v, i, v));
      }
    }
    text.append("    }\n");
    forAll(
        rows,
        vectors,
        (i, v) ->
            text.append(
                "    c%d%d.intoArray(c, co%s%s);\n"
                    .formatted(i, v, times(i, "ldc"), times(v, "VL"))));
    return text.append("  }\n").toString();
  }

  private interface PerAccumulator {
    void accept(int row, int vector);
  }

  private static void forAll(int rows, int vectors, PerAccumulator body) {
    for (int i = 0; i < rows; i++) {
      for (int v = 0; v < vectors; v++) {
        body.accept(i, v);
      }
    }
  }

  private static String plus(int i) {
    return i == 0 ? "" : " + " + i;
  }

  private static String times(int i, String of) {
    return i == 0 ? "" : i == 1 ? " + " + of : " + " + i + " * " + of;
  }

  /** Writes the files. */
  public static void main(String[] arguments) throws IOException {
    for (Map.Entry<String, String> file : files().entrySet()) {
      Files.writeString(FOLDER.resolve(file.getKey()), file.getValue());
    }
  }
}
