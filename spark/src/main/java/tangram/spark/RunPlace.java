package tangram.spark;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import tangram.pclmix.training.Setting;

/**
 * Where an executor has a run's folder: a folder that all machines see, or a copy of its own.
 *
 * @param folder of the run
 * @param messages file to which they are added; null for Spark's own log of the executor
 * @param copy null where machines share folders
 */
record RunPlace(Path folder, Path messages, RunStore.Copy copy) implements AutoCloseable {
  /**
   * The place for a task.
   *
   * @param writes whether the task has the folder, not another worker
   */
  static RunPlace of(TrainTask.Request request, boolean writes) throws IOException {
    if (request.store() == null) {
      return new RunPlace(Path.of(request.folder()), Path.of(request.log()), null);
    }
    RunStore.Copy copy = request.store().new Copy(writes);
    return new RunPlace(copy.run(), writes ? copy.log() : null, copy);
  }

  /** A log to which a line is added at once. */
  PrintWriter log() throws IOException {
    if (messages == null) {
      return new PrintWriter(System.err, true);
    }
    Files.createDirectories(messages.getParent());
    return new PrintWriter(
        Files.newBufferedWriter(messages, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
        true);
  }

  /** Where files that the settings name are, if not where they say. */
  Map<Setting, String> inputs() {
    return copy == null ? Map.of() : copy.inputs();
  }

  /** A sentence about copies, which is about the originals. */
  String named(String sentence) {
    return copy == null ? sentence : copy.named(sentence);
  }

  /** Takes what the first worker has, as another. */
  void fetch() {
    if (copy != null) {
      copy.fetch();
    }
  }

  /** Lets all machines have what was written. */
  void save() {
    if (copy != null && messages != null) {
      copy.save();
    }
  }

  /** Saves, and removes a copy. */
  @Override
  public void close() {
    try {
      save();
    } finally {
      if (copy != null) {
        copy.close();
      }
    }
  }
}
