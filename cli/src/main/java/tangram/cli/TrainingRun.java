package tangram.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.nn.console.Visible;
import tangram.pclmix.data.Notices;
import tangram.pclmix.method.Learner;
import tangram.pclmix.session.TrainingSession;
import tangram.pclmix.training.MemoryEstimate;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.TrainingData;
import tangram.pclmix.training.Validation;
import tangram.tensor.Device;
import tangram.tensor.ProfiledDevice;
import tangram.web.live.LiveServer;

/** A training run as the user sees it, from the summary of the data to the table of scores. */
final class TrainingRun {
  private final Terminal terminal;
  private final PrintWriter out;
  private final TrainingConfig config;
  private final Progress progress;
  private final boolean profiled;
  private final Long partOf;
  private final LiveServer live;
  private Device device;
  private TrainingSession session;
  private TrainingData data;

  /**
   * Prepares a run.
   *
   * @param profiled whether to tell at the end where the time went
   * @param partOf the process of the study that this run is part of, or null
   * @param live shows the run while it trains, or null
   */
  TrainingRun(
      Terminal terminal, TrainingConfig config, boolean profiled, Long partOf, LiveServer live) {
    this.profiled = profiled;
    this.partOf = partOf;
    this.live = live;
    this.terminal = terminal;
    this.out = terminal.out();
    this.config = config;
    this.progress = new Progress(terminal);
  }

  /** Starts a run in a folder without one; returns the exit code. */
  int start(DeviceOptions options, Path folder) {
    RunFolder.requireNew(folder);
    return start(options, () -> folder);
  }

  /** Starts a run in a folder of its own, of this name or one like it; returns the exit code. */
  int startInNew(DeviceOptions options, Path folder) {
    RunFolder.requireWritable(folder);
    return start(options, () -> RunFolder.makeNew(folder));
  }

  private int start(DeviceOptions options, Supplier<Path> folder) {
    prepare(options);
    importEncoder();
    // Only now, so that bad data leave no folder behind.
    try (RunFolder run = RunFolder.create(folder.get(), config, data)) {
      return run(run, false);
    }
  }

  /** Continues a run, which nobody else writes to; returns the exit code. */
  int resume(DeviceOptions options, RunFolder run) {
    prepare(options);
    if (!run.hasCheckpoint()) {
      importEncoder();
    }
    return run(run, true);
  }

  private void prepare(DeviceOptions options) {
    device = open(options);
    session = new TrainingSession(device, config, "pclmix " + Build.version(), terminal::warn);
    data = load();
    Learner learner = session.build();
    out.printf("Device    %s: %s%n", device.name(), device.description());
    out.println(parameters(learner));
  }

  private Device open(DeviceOptions options) {
    Device device = options.open();
    if (!device.name().startsWith("tornado")) {
      // Only there do tensors lie elsewhere than on Java's heap.
      MemoryEstimate.requireRoom(config, Runtime.getRuntime().maxMemory());
    }
    return profiled && !device.measuresItself() ? new ProfiledDevice(device) : device;
  }

  private void importEncoder() {
    session
        .importEncoder()
        .ifPresent(
            match -> {
              out.printf("Encoder   starts from %s%n", config.encoderWeights().orElseThrow());
              out.print(ImportEncoderCommand.describe(match).indent(10));
            });
  }

  private TrainingData load() {
    long start = System.nanoTime();
    progress.doing(
        config.usesPhantoms()
            ? "Generating heart phantoms ..."
            : "Reading " + config.get(Setting.DATA) + " ...");
    Notices notices = new Notices();
    TrainingData data;
    try {
      data = session.load(notices);
    } finally {
      progress.clear();
    }
    Program.tell(terminal, notices);
    long slicePatients = data.training().slices().stream().map(s -> s.patient()).distinct().count();
    long volumePatients = data.validation().stream().map(v -> v.patient()).distinct().count();
    out.printf(
        Locale.ROOT,
        "Data      %s in %s%n",
        config.usesPhantoms()
            ? "heart phantoms, generated"
            : Visible.of(config.get(Setting.DATA)) + ", read",
        Progress.duration((System.nanoTime() - start) * 1e-9));
    out.printf(
        Locale.ROOT,
        "          training: %d slices of %d patients, %dx%d%s%n",
        data.training().size(),
        slicePatients,
        config.imageSize(),
        config.imageSize(),
        config.method().isDense() ? ", with dense truth" : "");
    out.printf(
        Locale.ROOT,
        "          validation: %s%n",
        data.validation().isEmpty()
            ? "none, so the last weights are kept and no score is known"
            : String.format(
                Locale.ROOT,
                "%d volumes of %d patients%s",
                data.validation().size(),
                volumePatients,
                data.validation().stream().allMatch(v -> v.spacing() != null)
                    ? ""
                    : "; voxel spacing unknown, distances in voxels"));
    if (!data.test().isEmpty()) {
      out.printf(
          Locale.ROOT,
          "          test: %d volumes of %d patients%n",
          data.test().size(),
          data.test().stream().map(v -> v.patient()).distinct().count());
    }
    return data;
  }

  private int run(RunFolder run, boolean resumed) {
    TrainingProfile profile =
        device instanceof ProfiledDevice ? new TrainingProfile((ProfiledDevice) device) : null;
    Device measured = profiled && profile == null ? device : null;
    TrainingProgress report =
        new TrainingProgress(
            progress,
            config.iterations(),
            config.integer(Setting.VALIDATE_EVERY),
            profile,
            measured);
    device.onCompile(report::compiling);
    out.printf("Run       %s%n", run.path());
    session.begin(run, resumed, report);
    if (resumed) {
      out.printf(Locale.ROOT, "          continues after step %d%n", session.step());
    }
    out.println();
    if (live != null) {
      live.show(run.path());
    }
    report.startAt(session.step());
    Runnable stop =
        () -> {
          session.requestStop();
          report.stopping();
        };
    boolean done;
    try (StopSignals signals =
        partOf == null ? new StopSignals(stop) : StopSignals.ofPart(stop, partOf)) {
      done = session.train();
      progress.clear();
    }
    if (profile != null) {
      out.printf("%n%s%n", profile.table());
    }
    if (!report.deviceProfile().isEmpty()) {
      out.printf("%n%s%n", report.deviceProfile());
    }
    if (!done) {
      out.printf(
          Locale.ROOT,
          "Stopped after step %d of %d, all saved. Continue with%n  bin/pclmix train --resume %s%n",
          session.step(),
          config.iterations(),
          quoted(run.path()));
      return StopSignals.INTERRUPTED;
    }
    TrainingSession.Scores scores = session.conclude();
    progress.clear();
    RunSummary.print(
        out, run, scores.test().map(Validation::text), scores.validation().map(Validation::text));
    return 0;
  }

  /** The number of trained numbers, of all and of each part. */
  private static String parameters(Learner learner) {
    Map<String, Long> counts = new LinkedHashMap<>();
    learner
        .parameters()
        .forEach(
            (name, p) -> counts.merge(name.replaceFirst("\\..*", ""), (long) p.size(), Long::sum));
    StringBuilder parts = new StringBuilder();
    counts.forEach(
        (part, count) ->
            parts.append(String.format(Locale.ROOT, "%n          %-15s%,12d", part, count)));
    long sum = counts.values().stream().mapToLong(count -> count).sum();
    return String.format(Locale.ROOT, "Network   %,d parameters", sum) + parts;
  }

  /** A path as a shell takes it. */
  static String quoted(Path path) {
    String text = path.toString();
    if (!Visible.of(text).equals(text)) {
      return "$'" + Visible.of(text.replace("\\", "\\\\").replace("'", "\\'")) + "'";
    }
    return text.matches("[\\w./+:@%,=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
