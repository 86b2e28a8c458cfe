package tangram.pclmix.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.FileFormatException;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Patients;
import tangram.pclmix.method.Method;
import tangram.pclmix.method.Methods;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.RunFolder;
import tangram.pclmix.training.Setting;

class StudyReportTest {
  private static final String HEADER = "case,class,dice,hd95_mm,hd95_voxels\n";

  @TempDir private Path folder;

  private static StudyPlan plan(int seeds, Integer... versions) {
    return new StudyPlan(
        StudyKind.ABLATE, Preset.TINY, Map.of(), Ablation.variants(List.of(versions)), seeds);
  }

  private static String scores(double... dice) {
    StringBuilder text = new StringBuilder(HEADER);
    for (int i = 0; i < dice.length; i++) {
      for (int label = 1; label <= 3; label++) {
        text.append("case" + i + "," + label + "," + dice[i] + "," + 10 * label + "," + label)
            .append('\n');
      }
    }
    return text.toString();
  }

  private static void complete(StudyFolder study, StudyRun run, String scores) throws IOException {
    RunFolder made = RunFolder.create(study.run(run), run.config());
    Files.writeString(made.scores(), scores);
  }

  @Test
  void theTableHoldsMeansAndThePapersNumbers() throws IOException {
    StudyPlan plan = plan(1, 3, 1);
    StudyFolder study = StudyFolder.open(folder.resolve("study"), plan);
    complete(study, plan.runs().get(0), scores(0.5, 0.7));
    String partly = StudyReport.write(plan, study);
    assertTrue(partly.contains("1 of 2 runs are complete"), partly);
    assertTrue(partly.contains("| –"), partly);
    complete(study, plan.runs().get(1), scores(0.8));
    String text = StudyReport.write(plan, study);
    assertTrue(
        text.contains("measured: #1 (80.0) > #3 (60.0); in the paper: #3 (87.4) > #1 (54.1)."),
        text);
    List<String> lines = text.lines().toList();
    assertEquals(
        "| #3      | ✓   |     | ✓   |     | 60.0    | 10.0  | 60.0     | 20.0  | 60.0    | 30.0  |"
            + " 60.0     | 20.0  |",
        lines.get(2));
    assertTrue(lines.get(3).startsWith("| paper   |"), lines.get(3));
    assertTrue(lines.get(3).contains("| 87.3    | 6.7   |"), lines.get(3));
    String csv = Files.readString(study.path().resolve("results.csv"));
    assertTrue(csv.contains("\"#3\",measured,Avg,0.60000,0.00000,20.000,0.000,mm,1,1\n"), csv);
    assertTrue(csv.contains("\"#1\",paper,Avg,0.541,,179.8,,,,\n"), csv);
    assertTrue(Files.size(study.path().resolve("plot.png")) > 1000);
    String html = Files.readString(study.path().resolve("study.html"));
    assertTrue(html.contains("<th scope=\"row\">#3</th><td>✓</td>"), html);
    assertTrue(html.contains("<tr class=\"reference\"><th scope=\"row\">paper</th>"), html);
    assertTrue(html.contains("<svg"), html);
  }

  @Test
  void aFilteredStudyHasEveryRowRawAndFilteredBesideThePublished() throws IOException {
    List<Method> methods =
        List.of(Methods.of("pce").orElseThrow(), Methods.of("scribblevs").orElseThrow());
    StudyPlan plan =
        new StudyPlan(
            StudyKind.CROSSVAL,
            Preset.TINY,
            Map.of(Setting.COMPONENTS, "anchored", Setting.DATA, "hearts"),
            CrossValidation.variants(methods, Patients.range(1, 10), List.of(1), 1, Map.of()),
            1);
    StudyFolder study = StudyFolder.open(folder.resolve("study"), plan);
    for (StudyRun run : plan.runs()) {
      RunFolder made = RunFolder.create(study.run(run), run.config());
      Files.writeString(made.scores(), scores(0.9));
      Files.writeString(made.testScores(), scores(0.8, 0.6));
      Files.writeString(made.unfilteredTestScores(), scores(0.5, 0.5));
    }
    List<String> lines = StudyReport.write(plan, study).lines().toList();
    assertTrue(lines.get(2).startsWith("| baseline, raw        | 50.0 (0.0)"), lines.get(2));
    assertTrue(lines.get(3).startsWith("| baseline, filtered   | 70.0 (10.0)"), lines.get(3));
    assertTrue(lines.get(4).matches("\\| paper .*\\| 68\\.6 +\\| 173\\.3 +\\|"), lines.get(4));
    assertTrue(
        lines.get(5).matches("\\| published, raw .*\\| 61\\.9 +\\| 181\\.7 +\\|"), lines.get(5));
    assertTrue(
        lines.get(6).matches("\\| published, filtered .*\\| 88\\.6 +\\| 4\\.2 +\\|"), lines.get(6));
    assertTrue(lines.get(7).startsWith("| ScribbleVS, raw"), lines.get(7));
    assertTrue(lines.get(8).startsWith("| ScribbleVS, filtered"), lines.get(8));
    String text = String.join("\n", lines);
    assertTrue(text.contains("in the paper: pce (68.6)."), text);
    String csv = Files.readString(study.path().resolve("results.csv"));
    for (String row :
        List.of(
            "pce,measured,Avg,0.70000,0.10000,",
            "pce,measured_unfiltered,Avg,0.50000,0.00000,",
            "pce,paper,LV,0.766,,167.7,",
            "pce,published,Avg,0.619,,181.7,",
            "pce,published_filtered,Avg,0.886,,4.2,")) {
      assertTrue(csv.contains(row), csv);
    }
    assertTrue(Files.readString(study.path().resolve("study.html")).contains("published, raw"));
  }

  /** The average is that of the three classes, to the decimals printed. */
  @Test
  void thePapersNumbersAgreeWithEachOther() {
    int rows = 0;
    for (String method :
        "full pce rw ustm s2l mloss em rloss dmpls scnet trimix pclmix".split(" ")) {
      PaperScores paper = Table1.of(method, Table1.Source.PAPER).orElseThrow();
      double mean = (paper.dice().get(0) + paper.dice().get(1) + paper.dice().get(2)) / 3;
      assertEquals(mean, paper.dice().get(3), 0.1001, method);
      assertTrue(paper.hd95().get(3) > 4, method);
      if (Table1.of(method, Table1.Source.PUBLISHED).isPresent()) {
        double filtered =
            Table1.of(method, Table1.Source.PUBLISHED_FILTERED).orElseThrow().dice().get(3);
        assertTrue(
            filtered >= Table1.of(method, Table1.Source.PUBLISHED).get().dice().get(3), method);
        rows++;
      }
    }
    assertEquals(10, rows);
    assertTrue(Table1.of("scribblevs", Table1.Source.PAPER).isEmpty());
  }

  @Test
  void severalSeedsGiveADeviationOverRuns() throws IOException {
    StudyPlan plan = plan(2, 7);
    StudyFolder study = StudyFolder.open(folder.resolve("study"), plan);
    complete(study, plan.runs().get(0), scores(0.4, 0.6));
    complete(study, plan.runs().get(1), scores(0.6, 0.8));
    String text = StudyReport.write(plan, study);
    assertTrue(text.contains("| 60.0 (10.0) | 10.0 (0.0) |"), text);
  }

  @Test
  void foldsAreSummedUpOverVolumes() {
    RunScores a = new RunScores(List.of(volume(0.2)), true);
    RunScores b = new RunScores(List.of(volume(0.5), volume(0.8)), false);
    Summary summary = Summary.overVolumes("pclmix", List.of(a, b));
    assertEquals(3, summary.count());
    assertEquals(0.5, summary.dice().get(3).mean(), 1e-12);
    assertEquals(Math.sqrt(0.06), summary.dice().get(0).standardDeviation(), 1e-12);
    assertFalse(summary.millimetres());
    assertEquals(0.425, Summary.overRuns("x", List.of(a, b)).dice().get(0).mean(), 1e-12);
  }

  private static RunScores.Scores volume(double dice) {
    return new RunScores.Scores(new double[] {dice, dice, dice, dice}, new double[] {1, 2, 3, 2});
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        HEADER,
        HEADER + "a,1,0.5,1,1\na,2,0.5,1,1\n",
        HEADER + "a,1,0.5,1,1\na,2,0.5,1,1\na,4,0.5,1,1\n",
        HEADER + "a,1,x,1,1\na,2,0.5,1,1\na,3,0.5,1,1\n",
        HEADER + "a,1,NaN,1,1\na,2,0.5,1,1\na,3,0.5,1,1\n",
        "step,dice\n1,2\n"
      })
  void damagedScoresAreRefused(String text) throws IOException {
    Path file = folder.resolve("scores.csv");
    Files.writeString(file, text);
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> RunScores.read(file, Labels.HEART));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void aRunOfOtherSettingsIsNotTaken() throws IOException {
    StudyPlan plan = plan(1, 1);
    StudyFolder study = StudyFolder.open(folder.resolve("study"), plan);
    StudyRun run = plan.runs().get(0);
    RunFolder.create(study.run(run), plan(1, 7).runs().get(0).config());
    assertThrows(FileFormatException.class, () -> study.begun(run));
    assertFalse(study.isComplete(run), "another study's scores were taken");
  }
}
