package tangram.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.nn.console.Visible;
import tangram.pclmix.active.ActiveOptions;
import tangram.pclmix.data.Labels;
import tangram.pclmix.training.Preset;
import tangram.web.annotate.AnnotateServer;
import tangram.web.annotate.Models;
import tangram.web.http.PortException;

/** Draws scribbles on a page, from which a network learns meanwhile. */
@Command(
    name = "annotate",
    description = {
      "Serves a page on which scribbles are drawn on the scans of a folder while a network learns"
          + " from them and shows what it makes of every slice, for browsers on this machine only.",
      "Scans are the NIfTI files of the folder; of each X the scribble becomes X_scribble.nii.gz"
          + " beside it. Models, runs and what else belongs to the session are in FOLDER/annotate."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class AnnotateCommand implements Callable<Integer> {
  /** The same at every start, so that pages that are open find the program again. */
  private static final int PORT = 8737;

  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FOLDER", description = "Folder of the scans.")
  private Path folder;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description =
          "Weights that a new session starts from, such as a run's best.safetensors (default: those"
              + " of generated hearts that come with the program).")
  private Path model;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "Start from random weights of a preset's network instead, which need minutes for a first"
              + " answer.")
  private String preset;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description =
          "Table of the classes of a new session, CSV with the columns id, name, colour (default:"
              + " those of the heart).")
  private String classes;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of the page (default: 8737, or any that is free).")
  private Integer port;

  @Option(names = "--no-open", description = "Do not open the page in a browser.")
  private boolean noOpen;

  @Mixin private DeviceOptions device;

  AnnotateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (port != null && (port < 1 || port > 65535)) {
      throw usage("--port must be from 1 to 65535, not '" + port + "'.");
    }
    if (model != null && preset != null) {
      throw usage("--preset starts from random weights; leave it or --model out.");
    }
    Labels labels = classes == null ? null : SettingOptions.labels(classes, this::usage);
    CountDownLatch end = new CountDownLatch(1);
    Progress progress = new Progress(terminal);
    Path opened = null;
    try (StopSignals signals = new StopSignals(end::countDown);
        AnnotateServer server = open(labels, progress)) {
      terminal.out().println("Annotate  " + server.url());
      terminal.out().println("          (Ctrl-C saves all and ends.)");
      terminal.out().flush();
      if (server.readOnly() != null) {
        terminal.warn(server.readOnly());
      }
      if (!noOpen) {
        opened = Browser.open(server.url(), System.getenv());
      }
      end.await();
      terminal.out().println("Saving ...");
      terminal.out().flush();
    } finally {
      if (opened != null) {
        opened.toFile().delete();
      }
    }
    terminal.out().println(Visible.of("All is saved in " + folder + "."));
    return 0;
  }

  private AnnotateServer open(Labels labels, Progress progress) {
    ActiveOptions options =
        preset != null
            ? ActiveOptions.ofRandom(Preset.of(preset))
            : model != null ? ActiveOptions.of(model) : ActiveOptions.ofPhantoms();
    Models models = Models.of(device.openSharing(), options);
    progress.doing("Reading " + Visible.of(folder) + " ...");
    try {
      return port != null ? serve(labels, port, models) : serveAnywhere(labels, models);
    } finally {
      progress.clear();
    }
  }

  private AnnotateServer serveAnywhere(Labels labels, Models models) {
    try {
      return serve(labels, PORT, models);
    } catch (PortException e) {
      // Another session may be open.
      return serve(labels, 0, models);
    }
  }

  private AnnotateServer serve(Labels labels, int number, Models models) {
    SessionRun full = new SessionRun(device.arguments(1), Preset.SMALL.key());
    return new AnnotateServer(
        folder, labels, number, models, full, e -> e.printStackTrace(terminal.err()));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
