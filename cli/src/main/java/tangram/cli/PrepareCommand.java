package tangram.cli;

import static java.util.stream.Collectors.toSet;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.nn.console.Progress;
import tangram.nn.console.StopSignals;
import tangram.nn.console.Terminal;
import tangram.nn.console.Visible;
import tangram.nn.data.DataException;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.DataFolder;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Patients;
import tangram.pclmix.data.Volumes;
import tangram.pclmix.preparation.ManifestCheck;
import tangram.pclmix.preparation.Preparation;
import tangram.pclmix.preparation.SourceCase;
import tangram.pclmix.preparation.SourceFiles;
import tangram.pclmix.training.RunFolder;

/** Prepares data that was downloaded. */
@Command(
    name = "prepare",
    description = {
      "Turns the ACDC download and its scribbles (NIfTI) into the HDF5 files that 'train --data'"
          + " reads, with a manifest of checksums and the five folds.",
      "Cases with a truth become volumes to validate on, cases with a scribble slices to train on."
          + " Stopped and started again, it continues where it was."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class PrepareCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Option(
      names = "--acdc",
      paramLabel = "FOLDER",
      description =
          "Holds patientNNN_frameFF.nii.gz and the truths, ..._gt.nii.gz, at any depth; files over"
              + " time (_4d) are left alone.")
  private Path acdc;

  @Option(
      names = "--scribbles",
      paramLabel = "FOLDER",
      description =
          "Holds patientNNN_frameFF_scribble.nii.gz, at any depth: 0..3 where scribbled, 4"
              + " elsewhere (default: those in the folder of --acdc).")
  private Path scribbles;

  @Option(names = "--out", paramLabel = "FOLDER", description = "Where to write.")
  private Path out;

  @Option(
      names = "--replace",
      description = "Replace files that are there with other contents, instead of refusing.")
  private boolean replace;

  @Option(
      names = "--ignore-geometry",
      description =
          "Take truths and scribbles voxel by voxel even if their headers place them elsewhere than"
              + " their scan.")
  private boolean ignoreGeometry;

  @Option(
      names = "--verify",
      paramLabel = "FOLDER",
      description =
          "Prepare nothing; compare a prepared folder with the checksums in its manifest.")
  private Path verify;

  PrepareCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    boolean preparing =
        acdc != null || scribbles != null || out != null || replace || ignoreGeometry;
    if (verify != null && preparing) {
      throw new ParameterException(
          spec.commandLine(), "--verify takes no other option; leave the others out.");
    }
    if (verify == null && (acdc == null || out == null)) {
      throw new ParameterException(
          spec.commandLine(), "name --acdc and --out, or a prepared folder with --verify.");
    }
    return verify != null ? verify() : prepare();
  }

  private int prepare() {
    RunFolder.requireWritable(out);
    Progress progress = new Progress(terminal);
    progress.doing("Searching " + acdc + " ...");
    Notices notices = new Notices();
    SourceFiles files;
    try {
      files = SourceFiles.find(acdc, scribbles, notices);
    } finally {
      progress.clear();
    }
    Preparation preparation = new Preparation(acdc, scribbles, out, replace, ignoreGeometry);
    List<SourceCase> cases = files.cases().stream().filter(c -> !c.useless()).toList();
    Tally tally = new Tally();
    try (StopSignals signals =
        new StopSignals(
            () ->
                progress.println(
                    "Stopping after this case (press Ctrl-C again to stop at once)."))) {
      for (int i = 0; i < cases.size() && !signals.requested(); i++) {
        SourceCase source = cases.get(i);
        progress.update(i, cases.size(), source.name().text());
        try {
          Preparation.Outcome outcome = preparation.prepare(source);
          tally.add(outcome);
          if (!outcome.warnings().isEmpty()) {
            progress.clear();
            outcome.warnings().forEach(terminal::warn);
          }
        } catch (DataException e) {
          // The others may be sound, and whoever corrects the folder wants to know of all.
          progress.clear();
          Program.tell(spec.commandLine(), e);
          tally.failed++;
        } catch (OutOfMemoryError e) {
          progress.clear();
          Program.tell(spec.commandLine(), Volumes.tooLarge(source.image(), e));
          tally.failed++;
        }
      }
      tally.stopped = signals.requested() && tally.done + tally.failed < cases.size();
    } finally {
      progress.clear();
    }
    if (tally.done > 0) {
      preparation.finish();
      report(files, preparation, tally);
    }
    Program.tell(terminal, notices);
    notices.failures().forEach(failure -> Program.tell(spec.commandLine(), failure));
    if (tally.stopped || tally.failed > 0) {
      terminal
          .out()
          .printf(
              Locale.ROOT,
              "%s: %d of %d cases are prepared%s%n",
              tally.stopped ? "Stopped" : "Incomplete",
              tally.done,
              cases.size(),
              tally.stopped ? "; the same command continues." : ".");
    }
    terminal.out().flush();
    return tally.stopped
        ? StopSignals.INTERRUPTED
        : tally.failed + notices.failures().size() > 0 ? Program.FAILED : 0;
  }

  /** What was done. */
  private static final class Tally {
    int done;
    int before;
    int volumes;
    int slices;
    int failed;
    boolean stopped;

    void add(Preparation.Outcome outcome) {
      done++;
      before += outcome.before() ? 1 : 0;
      volumes += outcome.volumes();
      slices += outcome.slices();
    }
  }

  private void report(SourceFiles files, Preparation preparation, Tally tally) {
    Patients patients =
        Patients.of(preparation.cases().stream().mapToInt(CaseName::patient).distinct().toArray());
    say(
        "%s: %d volumes and %d slices of %d cases%s",
        out,
        tally.volumes,
        tally.slices,
        tally.done,
        tally.before == 0 ? "" : ", " + tally.before + " of which were there already");
    say("  %-22s to validate on", DataFolder.VOLUMES);
    if (tally.slices > 0) {
      say("  %-22s to train on", DataFolder.SLICES);
    }
    say("  %-22s sources and checksums of every file", "manifest.csv");
    say("  %-22s which fold tests which patient", Preparation.SPLITS);
    Set<CaseName> named = files.cases().stream().map(SourceCase::name).collect(toSet());
    long others = preparation.cases().stream().filter(name -> !named.contains(name)).count();
    say("Patients %s are in the folder.", patients);
    tell(others, "were prepared earlier, from elsewhere");
    tell(
        files.cases().stream().filter(c -> c.scribble() == null && c.truth() != null).count(),
        "have no scribble, so that no slices to train on are written"
            + (scribbles == null ? " (name their folder with --scribbles)" : ""));
    tell(
        files.cases().stream().filter(c -> c.truth() == null && c.scribble() != null).count(),
        "have no truth, so that no volumes to validate on are written");
    tell(
        files.cases().stream().filter(SourceCase::useless).count(),
        "have neither truth nor scribble and are left out");
    if (files.series() + files.results() > 0) {
      say("Files left alone: %d over time (_4d), %d predictions", files.series(), files.results());
    }
    if (!files.strays().isEmpty()) {
      say(
          "Truths and scribbles without a scan, left out: %d, the first is %s",
          files.strays().size(), files.strays().get(0));
    }
  }

  private void tell(long cases, String what) {
    if (cases > 0) {
      say("Cases that %s: %d", what, cases);
    }
  }

  private void say(String format, Object... arguments) {
    terminal.out().println(Visible.of(String.format(Locale.ROOT, format, arguments)));
  }

  private int verify() {
    Progress progress = new Progress(terminal);
    ManifestCheck check;
    try (StopSignals signals = new StopSignals(() -> progress.println("Stopping."))) {
      check =
          ManifestCheck.of(
              verify,
              (done, all) -> {
                progress.update(done, all, "files");
                return !signals.requested();
              });
    } finally {
      progress.clear();
    }
    check.faults().forEach(fault -> terminal.err().println("pclmix prepare: " + Visible.of(fault)));
    check.unknown().forEach(file -> say("%s: is not in the manifest.", file));
    if (check.checked() < check.files()) {
      say("Stopped: %d of %d files were looked at.", check.checked(), check.files());
      return StopSignals.INTERRUPTED;
    }
    say(
        "%s: %d of %d files are as they were written.",
        verify, check.files() - check.faults().size(), check.files());
    return check.faults().isEmpty() ? 0 : Program.FAILED;
  }
}
