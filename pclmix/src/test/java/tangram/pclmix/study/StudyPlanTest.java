package tangram.pclmix.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tangram.pclmix.data.Patients;
import tangram.pclmix.method.Methods;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.SettingException;
import tangram.pclmix.training.TrainingConfig;

class StudyPlanTest {
  /** docs/method.md, Data: fold k tests patients 20(k-1)+1 to 20k. */
  @Test
  void theFoldsOfAcdcAreTheMethods() {
    Patients all = Patients.range(1, 100);
    int[] heldOut = new int[101];
    for (int k = 1; k <= 5; k++) {
      CrossValidation.Fold fold = CrossValidation.fold(all, k, 20);
      assertEquals(Patients.range(20 * (k - 1) + 1, 20 * k), fold.test());
      assertEquals(60, fold.train().size());
      assertFalse(fold.train().intersects(fold.test()));
      assertFalse(fold.train().intersects(fold.validation()));
      assertFalse(fold.validation().intersects(fold.test()));
      for (int patient : fold.validation().numbers()) {
        heldOut[patient]++;
      }
    }
    for (int patient = 1; patient <= 100; patient++) {
      assertEquals(1, heldOut[patient], "patient " + patient);
    }
  }

  @Test
  void foldsOfOddNumbersCoverEverybodyOnce() {
    Patients all = Patients.parse("3,5,8-16,40");
    int tested = 0;
    for (int k = 1; k <= 5; k++) {
      CrossValidation.Fold fold = CrossValidation.fold(all, k, 2);
      tested += fold.test().size();
      assertEquals(all.size(), fold.train().size() + fold.validation().size() + fold.test().size());
    }
    assertEquals(all.size(), tested);
    assertThrows(SettingException.class, () -> CrossValidation.fold(Patients.range(1, 4), 1, 1));
    assertThrows(SettingException.class, () -> CrossValidation.fold(all, 1, 10));
  }

  @Test
  void theVersionsAreThoseOfTable2() {
    List<Variant> variants = Ablation.variants(List.of(1, 2, 3, 4, 5, 6, 7));
    String[] losses = {
      "sup",
      "sup,ctr",
      "sup,het",
      "sup,het,mix",
      "sup,ctr,het",
      "sup,ctr,het,mix",
      "sup,ctr,het,mix"
    };
    for (int i = 0; i < 7; i++) {
      assertEquals(losses[i], variants.get(i).settings().get(Setting.LOSSES));
      assertEquals(
          Boolean.toString(i != 5),
          variants.get(i).settings().get(Setting.TRANSFORMER_SUPERVISION));
      // The average of the paper's rows is that of their classes, but for rounding. Only the Dice
      // of #5 is not, in print: 87.9 instead of 87.2.
      PaperScores paper = Ablation.VERSIONS.get(i).paper();
      for (List<Double> scores : List.of(paper.dice(), paper.hd95())) {
        double mean = (scores.get(0) + scores.get(1) + scores.get(2)) / 3;
        boolean misprint = i == 4 && scores == paper.dice();
        assertEquals(mean, scores.get(3), misprint ? 0.7 : 0.11, "version " + (i + 1));
      }
    }
  }

  @Test
  void theCurvesOfASensitivityStudyShareTheirCommonPoint() {
    TrainingConfig base = TrainingConfig.of(Preset.TINY, Map.of());
    List<Variant> variants =
        Sensitivity.variants(base, Sensitivity.LAMBDA_T, Sensitivity.CONTRAST_WEIGHT);
    assertEquals(9, variants.size());
    assertEquals(
        9,
        variants.stream()
            .filter(
                v ->
                    v.settings().get(Setting.LAMBDA_T).equals("0.4")
                        || v.settings().get(Setting.CONTRAST_WEIGHT).equals("0.15"))
            .count());
  }

  @Test
  void runsHaveASeedEachAndNoSettingsOfOtherMethods() {
    List<Variant> variants =
        CrossValidation.variants(
            List.of(Methods.of("pclmix").orElseThrow(), Methods.of("pce").orElseThrow()),
            Patients.range(1, 10),
            List.of(2),
            1,
            Map.of("pce", "900"));
    StudyPlan plan =
        new StudyPlan(
            StudyKind.CROSSVAL,
            Preset.TINY,
            Map.of(Setting.SEED, "7", Setting.LAMBDA_T, "0.3", Setting.DATA, "somewhere"),
            variants,
            2);
    List<StudyRun> runs = plan.runs();
    assertEquals(
        List.of(
            "pclmix-fold-2-seed-7",
            "pce-fold-2-seed-7",
            "pclmix-fold-2-seed-8",
            "pce-fold-2-seed-8"),
        runs.stream().map(StudyRun::name).toList());
    assertEquals("0.3", runs.get(0).overrides().get(Setting.LAMBDA_T));
    assertFalse(runs.get(1).overrides().containsKey(Setting.LAMBDA_T));
    assertEquals(700, runs.get(0).config().iterations());
    assertEquals(900, runs.get(1).config().iterations());
    assertEquals("700 to 900", plan.stepsOfARun());
    assertEquals(2 * (700 + 900), plan.steps());
    assertTrue(runs.stream().allMatch(run -> run.config().testPatients().isPresent()));
  }
}
