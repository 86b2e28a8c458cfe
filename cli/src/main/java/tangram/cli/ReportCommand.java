package tangram.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tangram.nn.console.Terminal;
import tangram.pclmix.report.Report;

/** Writes the page of a run. */
@Command(
    name = "report",
    description = {
      "Writes a page about a training run, from the files in its folder: scores, curves, pictures,"
          + " speed and settings, in one HTML file that needs nothing else.",
      "'train' writes it at its end; this writes it again, also during a run."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class,
    sortOptions = false)
final class ReportCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "RUN", description = "Folder of the run.")
  private Path run;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write (default: " + Report.FILE + " in the folder of the run).")
  private Path out;

  ReportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Report report = new Report(run);
    Path file = out == null ? run.resolve(Report.FILE) : out;
    if (out == null) {
      report.write(file, report.seemsRunning());
    } else {
      OutputFile.write(out, report.page(report.seemsRunning()).getBytes(StandardCharsets.UTF_8));
    }
    terminal.out().println(file);
    return 0;
  }
}
