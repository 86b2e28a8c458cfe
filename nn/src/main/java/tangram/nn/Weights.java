package tangram.nn;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Saves and loads the parameters and buffers of a module as safetensors. */
public final class Weights {
  private Weights() {}

  /**
   * Writes a module's {@linkplain Module#state() parameters and buffers} under their own names.
   *
   * @param metadata strings to keep with them
   * @throws FileWriteException if the file cannot be written; a previous one is untouched then
   */
  public static void save(Module module, Path file, Map<String, String> metadata) {
    SafeTensorsWriter writer = SafeTensors.writer();
    metadata.forEach(writer::metadata);
    module.state().forEach(writer::put);
    writer.write(file);
  }

  /**
   * Fills a module from a file that holds its parameters and buffers, and else only what the module
   * {@linkplain Module#unusedNames has no use for}.
   *
   * @throws FileFormatException if names, shapes or types differ, a number is not finite or the
   *     file cannot be read; the module is unchanged then
   */
  public static void load(Module module, TensorSource file) {
    load(module, file, "");
  }

  /**
   * Fills a module from a part of a file: the tensors whose names begin with the prefix, such as
   * {@code model.encoder.}, and continue as in the module. What does not begin with it is ignored.
   *
   * @throws FileFormatException if names, shapes or types differ, a number is not finite or the
   *     file cannot be read; the module is unchanged then
   */
  public static void load(Module module, TensorSource file, String prefix) {
    load(module, file, prefix, name -> false);
  }

  /**
   * Fills a module from a part of a file of another program that has tensors of no use here.
   *
   * @param prefix how the names of the part begin; empty for the whole file
   * @param ignored which names, without the prefix, the file may have and the module has not,
   *     besides those that it {@linkplain Module#unusedNames has no use for}
   * @throws FileFormatException if the other names, or shapes or types differ, a number is not
   *     finite or the file cannot be read; the module is unchanged then
   */
  public static void load(
      Module module, TensorSource file, String prefix, Predicate<String> ignored) {
    WeightsPlan plan = new WeightsPlan(file);
    Set<String> unused = module.unusedNames();
    plan.expect(prefix, module.state(), name -> unused.contains(name) || ignored.test(name));
    plan.apply();
  }
}
