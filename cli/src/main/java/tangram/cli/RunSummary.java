package tangram.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tangram.pclmix.metrics.ScoreFile;
import tangram.pclmix.report.Report;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.TrainingConfig;
import tangram.pclmix.training.Validation;

/** What a finished training tells: scores, files, and what to do with them. */
public final class RunSummary {
  private static final String[][] FILES = {
    {Report.FILE, "all of this on one page"},
    {"best.safetensors", "the weights"},
    {"scores.csv", "their scores, case by case"},
    {"slices.png", "their worst, median and best slices"},
    {"metrics.csv", "losses of every step"},
    {"validation.csv", "scores of every validation"},
    {"snapshots", "what the network made of three slices at every validation"},
    {"tensorboard", "the curves, for TensorBoard"}
  };

  private RunSummary() {}

  /**
   * Prints it, with the scores that the run left in its folder.
   *
   * @throws tangram.nn.data.FileFormatException if they are damaged
   */
  public static void print(PrintWriter out, RunFolder run) {
    print(
        out,
        run,
        scores(run, run.testScores(), run.unfilteredTestScores()),
        scores(run, run.scores(), run.unfilteredScores()));
  }

  private static Optional<String> scores(RunFolder run, Path file, Path unfiltered) {
    TrainingConfig config = run.config();
    return ScoreFile.read(file, config.labels())
        .map(
            kept ->
                new Validation(
                        config.segmentation(), kept, ScoreFile.read(unfiltered, config.labels()))
                    .text());
  }

  /**
   * Prints it.
   *
   * @param test scores on the test volumes, of a run that has some
   * @param validation scores on the validation volumes, of a run that has some
   */
  static void print(
      PrintWriter out, RunFolder run, Optional<String> test, Optional<String> validation) {
    test.ifPresent(text -> out.printf("%nBest weights on the test volumes:%n%n%s", text));
    validation.ifPresentOrElse(
        text -> out.printf("%nBest weights on the validation volumes:%n%n%s%n", text),
        () -> out.printf("%nNo volumes to validate on: these are the last weights.%n%n"));
    out.println(run.path());
    for (String[] file : FILES) {
      if (Files.exists(run.path().resolve(file[0]))) {
        out.printf("  %-18s%s%n", file[0], file[1]);
      }
    }
    out.printf(
        "%nScore the weights again, or on other data, with%n  bin/pclmix evaluate --model %s%n",
        TrainingRun.quoted(run.best()));
  }
}
