package tangram.spark;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import tangram.cli.ClusterProgram;
import tangram.nn.FileFormatException;
import tangram.nn.FileWriteException;
import tangram.nn.console.Visible;
import tangram.nn.data.DataException;
import tangram.nn.training.DivergenceException;
import tangram.nn.training.GradientExchange;
import tangram.pclmix.data.Notices;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.session.TrainingSession;
import tangram.pclmix.training.FolderLock;
import tangram.pclmix.training.MemoryEstimate;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;
import tangram.pclmix.training.TrainingListener;
import tangram.tensor.DeviceException;
import tangram.tensor.Devices;
import tangram.tensor.vector.VectorDevice;

/** A run in an executor: what all tasks that train do. */
final class ExecutorRun {
  /** Every step would be many messages for small networks. */
  private static final long TELL_NANOS = 500_000_000L;

  private static final int POLL_MILLIS = 500;

  /** For how many of Spark's timeouts a process that was given up may keep the folder. */
  private static final int TIMEOUTS = 3;

  private final String name;
  private final RunPlace place;
  private final Path folder;
  private final TaskContext task;
  private final PrintWriter out;
  private final TrainingSession session;
  private final TrainingConfig config;
  private TrainingData data;
  private boolean begun;

  /**
   * Prepares.
   *
   * @throws DeviceException if the executor has too little memory, or not the device
   */
  ExecutorRun(TrainTask.Request request, RunPlace place, TaskContext task, PrintWriter out) {
    this.name = request.folder();
    this.place = place;
    this.folder = place.folder();
    this.task = task;
    this.out = out;
    this.config = TrainingConfig.parse(request.settings(), request.folder());
    MemoryEstimate.requireRoom(config, Runtime.getRuntime().maxMemory());
    VectorDevice.setThreads(task.cpus());
    this.session =
        new TrainingSession(
            Devices.get(request.device()), config, ClusterProgram.version(), this::warn);
    out.printf(
        "Attempt %d on %s, executor %s%n",
        // A task that is tried again, or a whole stage of workers.
        task.attemptNumber() + task.stageAttemptNumber() + 1,
        SparkEnv.get().blockManager().blockManagerId().host(),
        SparkEnv.get().executorId());
  }

  /**
   * Does something. What would fail again is an outcome; what another attempt may not meet, such as
   * a full disk, is thrown, so that Spark tries again.
   *
   * @param work a failure, or null
   */
  static TrainTask.Outcome outcome(PrintWriter out, Callable<String> work) {
    try {
      return new TrainTask.Outcome(work.call());
    } catch (DataException | DeviceException | DivergenceException | FileFormatException e) {
      String sentence = Visible.of(e.getMessage());
      out.println(sentence);
      return new TrainTask.Outcome(sentence);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void warn(String sentence) {
    out.println("warning: " + sentence);
  }

  /** Reads the data and makes the networks. */
  void prepare() {
    RunPlugin.tell(name, 0, 0);
    Notices notices = new Notices();
    try {
      data = session.load(notices, place.inputs());
    } catch (DataException e) {
      throw new DataException(place.named(e.getMessage()), e);
    }
    notices.remarks().forEach(remark -> out.println(place.named(remark)));
    notices.warnings().forEach(warning -> warn(place.named(warning)));
    session.build();
  }

  /** Makes the networks start as the settings say, unless a checkpoint replaces them. */
  private void importEncoder() {
    if (!RunFolder.exists(folder) || !RunFolder.open(folder).hasCheckpoint()) {
      session.importEncoder();
    }
  }

  /** Opens the run's folder, or makes it, as the only one to write there. */
  RunFolder open() throws InterruptedException {
    awaitFree();
    importEncoder();
    begun = RunFolder.exists(folder);
    RunFolder run = begun ? RunFolder.resume(folder) : RunFolder.create(folder, config, data);
    // Other workers look there.
    place.save();
    return run;
  }

  /** Trains and concludes. */
  void train(RunFolder run) {
    session.begin(run, begun, new Listener());
    out.printf(begun ? "Continues after step %d%n" : "Begins%n", session.step());
    if (session.train()) {
      session.conclude();
      out.println("Done");
    } else {
      out.printf("Stopped after step %d, all saved%n", session.step());
    }
  }

  /** Lets other workers share the steps. */
  void share(GradientExchange exchange) {
    session.share(exchange);
  }

  /** Shares the steps of the worker that has the folder open. */
  void follow() {
    place.fetch();
    importEncoder();
    session.follow(folder);
  }

  /**
   * An executor that Spark has given up may still be there and write; it ends by itself.
   *
   * @throws FileWriteException if it does not in time
   */
  private void awaitFree() throws InterruptedException {
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
  private final class Listener implements TrainingListener {
    private long told = System.nanoTime();

    @Override
    public void step(int step, StepLosses losses, double learningRate, double seconds) {
      long now = System.nanoTime();
      boolean stop = task.isInterrupted();
      if (now - told > TELL_NANOS) {
        told = now;
        stop |= RunPlugin.tell(name, 0, step);
      }
      if (stop) {
        session.requestStop();
      }
    }

    @Override
    public void saved(Path checkpoint) {
      place.save();
    }
  }
}
