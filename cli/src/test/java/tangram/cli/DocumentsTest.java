package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import tangram.nn.Initializer;
import tangram.nn.Layers;
import tangram.nn.Loss;
import tangram.nn.Module;
import tangram.nn.console.Terminal;
import tangram.tensor.ActivationMethods;
import tangram.tensor.Device;
import tangram.tensor.ElementwiseMethods;
import tangram.tensor.IndexMethods;
import tangram.tensor.ProductMethods;
import tangram.tensor.ReductionMethods;
import tangram.tensor.ShapeMethods;
import tangram.tensor.SpatialMethods;
import tangram.tensor.Tensor;
import tangram.tensor.op.ConvNormOp;
import tangram.tensor.op.CrossEntropyOp;
import tangram.tensor.op.LinearOp;
import tangram.tensor.op.NormOp;
import tangram.tensor.op.NormalizeOp;
import tangram.tensor.op.RandomOp;
import tangram.tensor.op.RecurrentOp;
import tangram.tensor.op.ResizeOp;
import tangram.tensor.op.WindowAttentionOp;
import tangram.tensor.op.WindowPartitionOp;

/** The README and the documents: their links lead somewhere, their commands are understood. */
class DocumentsTest {
  /** A link with its target behind it, or a definition of one. */
  private static final Pattern LINK =
      Pattern.compile("(?:\\]\\(|(?m:^)\\[[^\\]]+\\]: )([^)\\s#]*)(?:#([^)\\s]*))?");

  /** A link whose target is defined elsewhere in the document. */
  private static final Pattern REFERENCE = Pattern.compile("\\]\\[([^\\]]+)\\]");

  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?m)(?:^ {4}|`)bin/(pclmix|pclmix-spark(?: --executors \\d+)?|tangram) ([^`\n]*)");
  private static final Pattern NOT_A_WORD = Pattern.compile("\\[[^\\]]*\\]|\\s[|>&].*");

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path document : Repository.documents()) {
      String text = Files.readString(document);
      Matcher link = LINK.matcher(text);
      while (link.find()) {
        String target = link.group(1);
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        links++;
        Path file = target.isEmpty() ? document : document.resolveSibling(target).normalize();
        if (!Files.exists(file)
            || (link.group(2) != null && !anchors(file).contains(link.group(2)))) {
          broken.add(document.getFileName() + ": " + link.group());
        }
      }
      Matcher reference = REFERENCE.matcher(text);
      while (reference.find()) {
        if (!text.contains("\n[" + reference.group(1) + "]: ")) {
          broken.add(document.getFileName() + ": " + reference.group());
        }
      }
    }
    assertTrue(links > 50, "found only " + links + " links");
    assertEquals(List.of(), broken, "links that lead nowhere");
  }

  /** What GitHub names the headings of a document. */
  private static Set<String> anchors(Path file) throws IOException {
    Set<String> anchors = new HashSet<>();
    Matcher heading = HEADING.matcher(Files.readString(file));
    while (heading.find()) {
      anchors.add(
          heading
              .group(1)
              .strip()
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-'));
    }
    return anchors;
  }

  @Test
  void everyCommandIsUnderstood() throws IOException {
    List<String> wrong = new ArrayList<>();
    int commands = 0;
    for (Path document : Repository.documents()) {
      // A backslash at a line's end continues on the next.
      String text = Files.readString(document).replaceAll("\\\\\n\\s*", "");
      Matcher command = COMMAND.matcher(text);
      while (command.find()) {
        String words = NOT_A_WORD.matcher(command.group(2)).replaceAll("").strip();
        String[] arguments = words.split("\\s+");
        commands++;
        if (arguments[0].endsWith(".java")) {
          if (!arguments[0].startsWith("FILE")
              && !Files.exists(Repository.root().resolve(arguments[0]))) {
            wrong.add(document.getFileName() + ": " + words + ": there is no such file");
          }
          continue;
        }
        try {
          commandLine(command.group(1)).parseArgs(arguments);
        } catch (ParameterException e) {
          wrong.add(document.getFileName() + ": " + words + ": " + e.getMessage());
        }
      }
    }
    assertTrue(commands > 50, "found only " + commands + " commands");
    assertEquals(List.of(), wrong, "commands that the program refuses");
  }

  private static CommandLine commandLine(String program) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    if (program.startsWith("pclmix-spark")) {
      return ClusterProgram.commandLine(
          "pclmix-spark", new Terminal(nowhere, nowhere, false, 80), null);
    }
    return program.equals("tangram")
        ? Tangram.commandLine(new Terminal(nowhere, nowhere, false, 80))
        : Reference.commandLine();
  }

  /** The tables of docs/arrays.md list every method that computes, and no other. */
  @Test
  void everyMethodOfArraysIsListed() throws IOException {
    Set<String> methods = new TreeSet<>();
    for (Class<?> c :
        List.of(
            ActivationMethods.class,
            ElementwiseMethods.class,
            ReductionMethods.class,
            IndexMethods.class,
            ProductMethods.class,
            ShapeMethods.class,
            SpatialMethods.class)) {
      for (Method method : c.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())) {
          methods.add(method.getName());
        }
      }
    }
    Set<String> listed = new TreeSet<>();
    Matcher row =
        Pattern.compile("(?m)^\\| `(\\w+)` \\|")
            .matcher(Files.readString(Repository.root().resolve("docs/arrays.md")));
    while (row.find()) {
      assertTrue(listed.add(row.group(1)), row.group(1) + " is listed twice");
    }
    assertEquals(methods, listed);
  }

  /** The tables of docs/networks.md list every module, loss and initialiser. */
  @Test
  void everyLayerIsListed() throws Exception {
    Set<String> expected = new TreeSet<>();
    Path classes =
        Path.of(Module.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    FileSystem jar = Files.isDirectory(classes) ? null : FileSystems.newFileSystem(classes);
    try (Stream<Path> files =
        Files.list((jar == null ? classes : jar.getPath("/")).resolve("tangram/nn"))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        if (file.toString().endsWith(".class") && !name.endsWith("-info")) {
          Class<?> c = Class.forName("tangram.nn." + name);
          if (Module.class.isAssignableFrom(c)
              && Modifier.isPublic(c.getModifiers())
              && c.getEnclosingClass() == null) {
            expected.add(name);
          }
        }
      }
    } finally {
      if (jar != null) {
        jar.close();
      }
    }
    assertTrue(expected.contains("Linear"), "found only " + expected);
    for (Class<?> c : List.of(Layers.class, Loss.class, Initializer.class)) {
      for (Method method : c.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers()) && Modifier.isStatic(method.getModifiers())) {
          expected.add(method.getName());
        }
      }
    }
    Set<String> listed = new TreeSet<>();
    Matcher row =
        Pattern.compile("(?m)^\\| ((?:`\\w+`(?:, )?)+) \\|")
            .matcher(Files.readString(Repository.root().resolve("docs/networks.md")));
    while (row.find()) {
      for (String name : row.group(1).split(", ")) {
        assertTrue(listed.add(name.replace("`", "")), name + " is listed twice");
      }
    }
    assertEquals(expected, listed);
  }

  /** The tables of docs/arrays.md list every way to make an array, and networks' operations. */
  @Test
  void everyFunctionOfArraysIsListed() throws IOException {
    Set<String> functions = new TreeSet<>();
    for (Method method : Device.class.getMethods()) {
      if (method.getReturnType() == Tensor.class) {
        functions.add("device." + method.getName());
      }
    }
    for (Class<?> c :
        List.of(
            LinearOp.class,
            ConvNormOp.class,
            NormOp.class,
            NormalizeOp.class,
            CrossEntropyOp.class,
            ResizeOp.class,
            RandomOp.class,
            RecurrentOp.class,
            WindowPartitionOp.class,
            WindowAttentionOp.class)) {
      for (Method method : c.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())) {
          functions.add(c.getSimpleName() + "." + method.getName());
        }
      }
    }
    Set<String> listed = new TreeSet<>();
    Matcher row =
        Pattern.compile("(?m)^\\| `(\\w+\\.\\w+)` \\|")
            .matcher(Files.readString(Repository.root().resolve("docs/arrays.md")));
    while (row.find()) {
      assertTrue(listed.add(row.group(1)), row.group(1) + " is listed twice");
    }
    assertEquals(functions, listed);
  }
}
