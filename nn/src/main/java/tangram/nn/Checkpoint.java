package tangram.nn;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.tensor.Tensor;

/**
 * Everything that training needs to continue as if it had never stopped, in one safetensors file:
 *
 * <ul>
 *   <li>{@code model.*}: parameters and buffers of the model;
 *   <li>{@code optimizer.*}: the optimiser's state, by parameter;
 *   <li>{@code extra.*}: whatever else, such as a memory queue;
 *   <li>strings: the step, seed, configuration, best score and so on. Random numbers are a function
 *       of seed and step, so these are the random state too.
 * </ul>
 *
 * Real numbers are stored as F32: exactly, on devices of single precision. A checksum tells damaged
 * files. {@link CheckpointWriter} writes checkpoints, {@link #latest} finds them.
 */
public final class Checkpoint implements AutoCloseable {
  /** How the names of the model's tensors begin in the file, for {@link Weights#load}. */
  public static final String MODEL = "model.";

  static final String OPTIMIZER = "optimizer.";
  static final String EXTRA = "extra.";
  static final String FORMAT_KEY = "format";
  static final String FORMAT = "tangram checkpoint 1";
  static final String STEP_KEY = "step";

  private final SafeTensors tensors;
  private final long step;
  private final Map<String, String> metadata;

  private Checkpoint(SafeTensors tensors, long step, Map<String, String> metadata) {
    this.tensors = tensors;
    this.step = step;
    this.metadata = metadata;
  }

  /**
   * The newest checkpoint of a folder that can be read.
   *
   * @param warnings one sentence for every newer one that was passed over because it is damaged
   */
  public record Latest(Checkpoint checkpoint, List<String> warnings) {}

  /**
   * Finds the checkpoint with the largest step that can be read.
   *
   * @throws FileFormatException if there is none
   */
  public static Latest latest(Path folder) {
    return CheckpointFolder.latest(folder);
  }

  /**
   * Whether a folder has any checkpoint, damaged or not, from which a run could be continued.
   *
   * @throws FileFormatException if the folder exists but cannot be read
   */
  public static boolean exists(Path folder) {
    return !CheckpointFolder.list(folder).isEmpty();
  }

  /**
   * Opens a checkpoint and compares its whole content with its checksum.
   *
   * @throws FileFormatException if it cannot be read, is damaged, or is no checkpoint
   */
  public static Checkpoint read(Path file) {
    SafeTensors tensors = SafeTensors.read(file);
    try {
      return read(file, tensors);
    } catch (RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  private static Checkpoint read(Path file, SafeTensors tensors) {
    if (!tensors.isChecked()) {
      throw new FileFormatException(
          file + ": has no checksum, so it is not a checkpoint; choose another file.");
    }
    Map<String, String> metadata = new LinkedHashMap<>(tensors.metadata());
    String format = metadata.remove(FORMAT_KEY);
    String step = metadata.remove(STEP_KEY);
    if (!FORMAT.equals(format) || step == null || !step.matches("\\d{1,18}")) {
      throw new FileFormatException(
          file
              + ": is not a checkpoint of this version; choose a file that training wrote, called "
              + CheckpointFolder.NAME
              + ".");
    }
    return new Checkpoint(tensors, Long.parseLong(step), metadata);
  }

  /** Closes the file; what was read stays. */
  @Override
  public void close() {
    tensors.close();
  }

  /** Where this was read from. */
  public Path file() {
    return tensors.file();
  }

  /** How many steps had been done. */
  public long step() {
    return step;
  }

  /** What to throw where its numbers tell of a state that no training is in. */
  public FileFormatException impossible() {
    return new FileFormatException(
        file()
            + ": tells of a state that no run is in; restore it from a copy or start a new run.");
  }

  /** The strings that were saved with it. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /** The file behind it, for {@link Weights#load} with the prefix {@link #MODEL}. */
  public SafeTensors tensors() {
    return tensors;
  }

  /**
   * Puts model, optimiser and extra tensors into the saved state.
   *
   * @param optimizer the optimiser's {@linkplain Sgd#state() state}
   * @param extra tensors by the names under which they were saved; others of the file are left to
   *     {@link #extraFloats} and {@link #extraInts}
   * @throws FileFormatException if names, shapes or types differ, a number is not finite or the
   *     file cannot be read; nothing is changed then
   */
  public void restore(Module model, Map<String, Tensor> optimizer, Map<String, Tensor> extra) {
    WeightsPlan plan = new WeightsPlan(tensors);
    plan.expect(MODEL, model.state(), name -> false);
    plan.expect(OPTIMIZER, optimizer, name -> false);
    plan.expect(EXTRA, extra, name -> true);
    plan.apply();
  }

  /**
   * Extra real numbers, by the name under which they were saved.
   *
   * @throws FileFormatException if there are none of that name
   */
  public float[] extraFloats(String name) {
    return tensors.floats(EXTRA + name);
  }

  /**
   * Extra integers, by the name under which they were saved.
   *
   * @throws FileFormatException if there are none of that name
   */
  public int[] extraInts(String name) {
    return tensors.ints(EXTRA + name);
  }
}
