package tangram.pclmix.training;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.tensorboard.EventFile;

/**
 * A run's curves and pictures for TensorBoard, in the folder {@code tensorboard} of the run. Every
 * start of the program begins a file with the first thing it writes, so that what is done again
 * after an interruption replaces what was.
 */
final class RunEvents implements AutoCloseable {
  /** Where a PNG file keeps its size: after the signature, the length and the chunk's name. */
  private static final int PNG_SIZE = 16;

  /** Watched curves should not lag, and handing records on costs less than a millisecond. */
  private static final long FLUSH_NANOS = 10_000_000_000L;

  private final Path folder;
  private EventFile file;
  private long flushed;
  private boolean disabled;

  RunEvents(Path run) {
    this.folder = run.resolve("tensorboard");
  }

  /** Where the files are. */
  Path folder() {
    return folder;
  }

  /** Writes nothing from now on. */
  void disable() {
    disabled = true;
  }

  /** The losses of a step. */
  void step(int step, double learningRate, StepLosses losses, double seconds) {
    if (disabled) {
      return;
    }
    EventFile to = file(step);
    to.scalar("loss/total", step, losses.total());
    losses.values().forEach((name, value) -> to.scalar("loss/" + name, step, value));
    to.scalar("learning_rate", step, learningRate);
    to.scalar("speed/seconds_per_step", step, seconds);
    if (System.nanoTime() - flushed > FLUSH_NANOS) {
      flush();
    }
  }

  /** The scores of a validation; distances in millimetres only where the spacing is known. */
  void validation(int step, Evaluation evaluation) {
    if (disabled) {
      return;
    }
    EventFile to = file(step);
    for (int c = 0; c < evaluation.labels().count(); c++) {
      Evaluation.Column column = c == 0 ? evaluation.average() : evaluation.column(c);
      String name = c == 0 ? "average" : evaluation.labels().key(c);
      to.scalar("dice/" + name, step, column.dice().mean());
      to.scalar("hd95_mm/" + name, step, column.hd95Mm().mean());
      to.scalar("hd95_voxels/" + name, step, column.hd95Voxels().mean());
    }
    flush();
  }

  /** A picture of a validation, a PNG file. */
  void snapshot(int step, byte[] png) {
    if (disabled) {
      return;
    }
    // Its header begins with width and height.
    ByteBuffer header = ByteBuffer.wrap(png);
    file(step)
        .image(
            "snapshots/training", step, png, header.getInt(PNG_SIZE), header.getInt(PNG_SIZE + 4));
    flush();
  }

  /** Makes what was written visible to others. */
  void flush() {
    if (file != null) {
      file.flush();
      flushed = System.nanoTime();
    }
  }

  private EventFile file(int step) {
    if (file == null) {
      file = EventFile.create(folder, step);
      flushed = System.nanoTime();
    }
    return file;
  }

  /** Ends the file; whatever is written later begins another. */
  @Override
  public void close() {
    if (file != null) {
      EventFile ended = file;
      file = null;
      ended.close();
    }
  }
}
