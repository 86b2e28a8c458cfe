package tangram.nn;

import java.nio.file.Path;
import java.util.Map;
import tangram.tensor.Tensor;

/**
 * Collects what a {@link Checkpoint} holds and saves it, once.
 *
 * <pre>{@code
 * new CheckpointWriter(model, sgd.state())
 *     .extra("queue", queue)
 *     .metadata("configuration", text)
 *     .save(folder, step);
 * }</pre>
 */
public final class CheckpointWriter {
  private final SafeTensorsWriter writer = SafeTensors.writer();

  /**
   * Starts with the model's parameters and buffers and the optimiser's state. They are read when
   * the checkpoint is saved.
   *
   * @param optimizer the optimiser's {@linkplain Sgd#state() state}
   */
  public CheckpointWriter(Module model, Map<String, Tensor> optimizer) {
    writer.metadata(Checkpoint.FORMAT_KEY, Checkpoint.FORMAT);
    model.state().forEach((name, tensor) -> writer.put(Checkpoint.MODEL + name, tensor));
    optimizer.forEach((name, tensor) -> writer.put(Checkpoint.OPTIMIZER + name, tensor));
  }

  /** Adds a tensor, read when the checkpoint is saved. */
  public CheckpointWriter extra(String name, Tensor tensor) {
    writer.put(Checkpoint.EXTRA + name, tensor);
    return this;
  }

  /** Adds real numbers of the given shape; the array must not change before they are saved. */
  public CheckpointWriter extra(String name, float[] values, int... dims) {
    writer.put(Checkpoint.EXTRA + name, values, dims);
    return this;
  }

  /** Adds integers of the given shape; the array must not change before they are saved. */
  public CheckpointWriter extra(String name, int[] values, int... dims) {
    writer.put(Checkpoint.EXTRA + name, values, dims);
    return this;
  }

  /**
   * Adds a string.
   *
   * @param key any but {@code step}, {@code format}, {@code crc32c} and {@code checksum}, which the
   *     checkpoint uses
   */
  public CheckpointWriter metadata(String key, String value) {
    if (key.equals(Checkpoint.STEP_KEY)) {
      throw new IllegalArgumentException("the metadata '" + key + "' is set by the checkpoint");
    }
    writer.metadata(key, value);
    return this;
  }

  /**
   * Writes {@code checkpoint-<step>.safetensors}, whole or not at all, and then removes older ones
   * but the last. Those of larger steps are never touched: a run that starts again from an earlier
   * step wants a folder of its own.
   *
   * @param step how many steps have been done
   * @return the file
   * @throws FileWriteException if it cannot be written or an older one cannot be removed
   */
  public Path save(Path folder, long step) {
    if (step < 0) {
      throw new IllegalArgumentException("step " + step + " is negative");
    }
    writer.metadata(Checkpoint.STEP_KEY, Long.toString(step));
    Path file = CheckpointFolder.file(folder, step);
    // What killed processes left behind goes first: the disk may need the space.
    CheckpointFolder.removeTemporaries(folder);
    writer.write(file);
    CheckpointFolder.removeOlder(folder, step);
    return file;
  }
}
