package tangram.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import tangram.nn.data.DataException;
import tangram.pclmix.data.Notices;
import tangram.pclmix.prediction.Prediction;
import tangram.pclmix.prediction.PredictionFiles;
import tangram.pclmix.prediction.Scan;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainedModel;
import tangram.tensor.Devices;
import tangram.tensor.vector.VectorDevice;

/**
 * Segments some scans in an executor: each is copied here, segmented and its results copied to
 * where they belong. A scan at fault is an outcome, and the others are segmented all the same.
 */
final class SegmentTask implements FlatMapFunction<Iterator<String>, SegmentTask.Outcome> {
  private static final long serialVersionUID = 1L;

  /** The models of this process by their broadcast: loaded once for all tasks. */
  private static final Map<Long, TrainedModel> MODELS = new HashMap<>();

  private final String group;
  private final String out;
  private final boolean probabilities;
  private final boolean overlay;
  private final String device;
  private final HashMap<Setting, String> replaced;
  private final Broadcast<byte[]> model;
  private final Broadcast<SerializableConfiguration> settings;

  /**
   * What came of a scan.
   *
   * @param scan its address
   * @param failure a sentence; null if it is segmented
   * @param executor that did it
   * @param models how many were loaded there so far
   * @param notices what is doubtful about it
   */
  record Outcome(
      String scan, String failure, String executor, int models, ArrayList<String> notices)
      implements Serializable {}

  /**
   * A task.
   *
   * @param group by which it is stopped
   */
  SegmentTask(
      String group,
      tangram.cli.Cluster.Segmentation wanted,
      Broadcast<byte[]> model,
      Broadcast<SerializableConfiguration> settings) {
    this.group = group;
    this.out = wanted.out();
    this.probabilities = wanted.probabilities();
    this.overlay = wanted.overlay();
    this.device = wanted.device();
    this.replaced = new HashMap<>(wanted.replaced());
    this.model = model;
    this.settings = settings;
  }

  @Override
  public Iterator<Outcome> call(Iterator<String> scans) throws IOException {
    TaskContext task = TaskContext.get();
    VectorDevice.setThreads(task.cpus());
    HadoopFiles files = new HadoopFiles(settings.value().value());
    List<Outcome> outcomes = new ArrayList<>();
    boolean stop = RunPlugin.tell(group, task.partitionId(), 0);
    while (scans.hasNext() && !stop && !task.isInterrupted()) {
      outcomes.add(segment(scans.next(), files));
      stop = RunPlugin.tell(group, task.partitionId(), outcomes.size());
    }
    return outcomes.iterator();
  }

  private Outcome segment(String address, HadoopFiles files) throws IOException {
    Path work = Files.createTempDirectory("pclmix-scan");
    Notices notices = new Notices();
    String failure = null;
    try {
      Path scan = work.resolve(HadoopFiles.name(address));
      try {
        files.fetch(address, scan);
        write(scan, work.resolve("out"), files, notices);
      } catch (DataException e) {
        failure = named(e.getMessage(), scan, address);
      } catch (OutOfMemoryError e) {
        failure = address + ": is too large for an executor's memory; give it more.";
      }
      ArrayList<String> doubts = new ArrayList<>();
      notices.warnings().forEach(doubt -> doubts.add(named(doubt, scan, address)));
      return new Outcome(address, failure, SparkEnv.get().executorId(), MODELS.size(), doubts);
    } finally {
      HadoopFiles.removeLocal(work);
    }
  }

  /** A sentence about the copy, which is about the original. */
  private static String named(String sentence, Path copy, String address) {
    return sentence.replace(copy.toString(), address);
  }

  private void write(Path scan, Path results, HadoopFiles files, Notices notices)
      throws IOException {
    TrainedModel trained = model();
    Optional<Prediction> prediction =
        Prediction.of(
            Scan.read(
                scan,
                trained.config().spacings(replaced.containsKey(Setting.SPACING_FILE)),
                notices),
            trained.segmenter(),
            probabilities,
            (frame, frames) -> true);
    PredictionFiles written = new PredictionFiles(results, probabilities, overlay);
    written.write(prediction.orElseThrow());
    String name = prediction.get().scan().name();
    if (probabilities) {
      put(files, written.probabilities(name));
    }
    if (overlay) {
      put(files, written.overlay(name));
    }
    // Last: with it the scan is done.
    put(files, written.classes(name));
  }

  private void put(HadoopFiles files, Path file) {
    files.put(file, HadoopFiles.address(out) + "/" + file.getFileName());
  }

  private TrainedModel model() throws IOException {
    synchronized (MODELS) {
      TrainedModel loaded = MODELS.get(model.id());
      if (loaded == null) {
        loaded = load(model.value(), device, replaced);
        MODELS.put(model.id(), loaded);
      }
      return loaded;
    }
  }

  /** A model of the bytes of its file. */
  static TrainedModel load(byte[] bytes, String device, Map<Setting, String> replaced)
      throws IOException {
    Path file = Files.createTempFile("pclmix-model", ".safetensors");
    try {
      Files.write(file, bytes);
      return TrainedModel.load(file, Devices.get(device), replaced);
    } finally {
      Files.delete(file);
    }
  }
}
