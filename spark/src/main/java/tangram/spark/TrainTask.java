package tangram.spark;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import tangram.cli.ClusterProgram;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.console.Visible;
import tangram.nn.data.DataException;
import tangram.nn.training.DivergenceException;
import tangram.pclmix.data.Notices;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.session.TrainingSession;
import tangram.pclmix.training.FolderLock;
import tangram.pclmix.training.MemoryEstimate;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;
import tangram.pclmix.training.TrainingListener;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.Devices;
import tangram.tensor.vector.VectorDevice;

/**
 * Trains a run in an executor, or continues it from its last checkpoint. What would fail again is
 * an outcome; what another attempt may not meet, such as a full disk, is thrown, so that Spark
 * tries again.
 */
final class TrainTask implements Function<TrainTask.Request, TrainTask.Outcome> {
  private static final long serialVersionUID = 1L;

  /** Every step would be many messages for small networks. */
  private static final long TELL_NANOS = 500_000_000L;

  private static final int POLL_MILLIS = 500;

  /** For how many of Spark's timeouts a process that was given up may keep the folder. */
  private static final int TIMEOUTS = 3;

  /**
   * What to train.
   *
   * @param folder of the run
   * @param log takes what is to be said
   * @param settings of the run
   * @param device that computes
   */
  record Request(String folder, String log, String settings, String device)
      implements Serializable {}

  /**
   * What came of it.
   *
   * @param failure a sentence; null if it is done, or was told to stop
   */
  record Outcome(String failure) implements Serializable {}

  @Override
  public Outcome call(Request request) throws IOException, InterruptedException {
    TaskContext task = TaskContext.get();
    VectorDevice.setThreads(task.cpus());
    Path log = Path.of(request.log());
    Files.createDirectories(log.getParent());
    try (PrintWriter out =
        new PrintWriter(
            Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            true)) {
      out.printf(
          "Attempt %d on %s, executor %s%n",
          task.attemptNumber() + 1,
          SparkEnv.get().blockManager().blockManagerId().host(),
          SparkEnv.get().executorId());
      try {
        train(request, task, out);
        return new Outcome(null);
      } catch (DataException | DeviceException | DivergenceException | FileFormatException e) {
        String sentence = Visible.of(e.getMessage());
        out.println(sentence);
        return new Outcome(sentence);
      }
    }
  }

  private static void train(Request request, TaskContext task, PrintWriter out)
      throws InterruptedException {
    Path folder = Path.of(request.folder());
    TrainingConfig config = TrainingConfig.parse(request.settings(), request.folder());
    MemoryEstimate.requireRoom(config, Runtime.getRuntime().maxMemory());
    RunPlugin.tell(request.folder(), 0);
    Device device = Devices.get(request.device());
    TrainingSession session =
        new TrainingSession(
            device, config, ClusterProgram.version(), text -> out.println("warning: " + text));
    Notices notices = new Notices();
    TrainingData data = session.load(notices);
    notices.remarks().forEach(out::println);
    notices.warnings().forEach(text -> out.println("warning: " + text));
    session.build();
    awaitFree(folder);
    boolean resumed = RunFolder.exists(folder);
    if (!resumed || !RunFolder.open(folder).hasCheckpoint()) {
      session.importEncoder();
    }
    try (RunFolder run =
        resumed ? RunFolder.resume(folder) : RunFolder.create(folder, config, data)) {
      session.begin(run, resumed, new Listener(request.folder(), session, task));
      out.printf(resumed ? "Continues after step %d%n" : "Begins%n", session.step());
      if (session.train()) {
        session.conclude();
        out.println("Done");
      } else {
        out.printf("Stopped after step %d, all saved%n", session.step());
      }
    }
  }

  /**
   * An executor that Spark has given up may still be there and write; it ends by itself.
   *
   * @throws FileWriteException if it does not in time
   */
  private static void awaitFree(Path folder) throws InterruptedException {
    long seconds =
        TIMEOUTS * SparkEnv.get().conf().getTimeAsSeconds("spark.network.timeout", "120s");
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    while (FolderLock.isLocked(folder)) {
      if (System.nanoTime() - end > 0) {
        throw new FileWriteException(
            folder + ": another process is still writing there after " + seconds + " s; stop it.");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** Tells the driver of steps and hears from it whether to stop. */
  private static final class Listener implements TrainingListener {
    private final String run;
    private final TrainingSession session;
    private final TaskContext task;
    private long told;

    Listener(String run, TrainingSession session, TaskContext task) {
      this.run = run;
      this.session = session;
      this.task = task;
      this.told = System.nanoTime();
    }

    @Override
    public void step(int step, StepLosses losses, double learningRate, double seconds) {
      long now = System.nanoTime();
      boolean stop = task.isInterrupted();
      if (now - told > TELL_NANOS) {
        told = now;
        stop |= RunPlugin.tell(run, step);
      }
      if (stop) {
        session.requestStop();
      }
    }
  }
}
