package tangram.pclmix.study;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import tangram.pclmix.component.ComponentFilter;
import tangram.pclmix.method.Method;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/**
 * What a study trains: every variant with every seed.
 *
 * @param kind which study
 * @param preset the preset all runs start from
 * @param common settings of all runs; the seed among them is the first
 * @param variants what differs
 * @param seeds number of seeds
 */
public record StudyPlan(
    StudyKind kind, Preset preset, Map<Setting, String> common, List<Variant> variants, int seeds) {
  /** Copies and checks. */
  public StudyPlan {
    common = Map.copyOf(common);
    variants = List.copyOf(variants);
    if (variants.isEmpty() || seeds < 1) {
      throw new IllegalArgumentException(variants.size() + " variants, " + seeds + " seeds");
    }
  }

  /** The settings that all runs share, with the first seed. */
  public TrainingConfig base() {
    return TrainingConfig.of(preset, common);
  }

  /** The training steps of all runs together. */
  public long steps() {
    return runs().stream().mapToLong(run -> run.config().iterations()).sum();
  }

  /** The training steps of a run, such as "4000", or "4000 to 12000" where they differ. */
  public String stepsOfARun() {
    IntSummaryStatistics steps =
        runs().stream().mapToInt(run -> run.config().iterations()).summaryStatistics();
    return steps.getMin() == steps.getMax()
        ? Integer.toString(steps.getMin())
        : steps.getMin() + " to " + steps.getMax();
  }

  /** Whether islands are removed, so that every run has scores with and without them. */
  public boolean isFiltered() {
    return base().segmentation().components() != ComponentFilter.NONE;
  }

  /**
   * All runs, seed by seed, so that a study that is stopped early has compared something.
   *
   * @throws tangram.pclmix.training.SettingException if a value is impossible
   */
  public List<StudyRun> runs() {
    long first = base().seed();
    List<StudyRun> runs = new ArrayList<>();
    for (int i = 0; i < seeds; i++) {
      for (Variant variant : variants) {
        runs.add(run(variant, first + i));
      }
    }
    return runs;
  }

  /** The first run. */
  public StudyRun first() {
    return run(variants.get(0), base().seed());
  }

  private StudyRun run(Variant variant, long seed) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.putAll(common);
    settings.putAll(variant.settings());
    settings.put(Setting.SEED, Long.toString(seed));
    Method method = TrainingConfig.of(preset, settings).method();
    // What is common to all methods of a study may be without effect on one of them.
    settings
        .keySet()
        .removeIf(s -> !s.hasEffect(method.key()) && !variant.settings().containsKey(s));
    StudyRun run = new StudyRun(variant.key() + "-seed-" + seed, variant, preset, settings);
    run.config();
    return run;
  }
}
