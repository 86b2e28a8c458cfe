package tangram.pclmix.study;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import tangram.pclmix.metrics.Evaluation.Statistic;
import tangram.pclmix.study.RunScores.Scores;

/**
 * What the finished runs of one row come to, for every foreground class and their average.
 *
 * @param group the row
 * @param dice Dice, 0..1
 * @param hd95 HD95
 * @param count what mean and standard deviation are over: runs, or volumes
 * @param runs number of runs
 * @param millimetres whether HD95 is in millimetres; in voxels otherwise
 */
public record Summary(
    String group,
    List<Statistic> dice,
    List<Statistic> hd95,
    int count,
    int runs,
    boolean millimetres) {
  /** Of runs with several seeds: each counts by its means over volumes. */
  static Summary overRuns(String group, List<RunScores> runs) {
    return of(group, runs, runs.stream().map(RunScores::mean).toList());
  }

  /** Of folds: each volume counts by itself, as in the paper's Table 1. */
  static Summary overVolumes(String group, List<RunScores> runs) {
    return of(group, runs, runs.stream().flatMap(run -> run.volumes().stream()).toList());
  }

  private static Summary of(String group, List<RunScores> runs, List<Scores> scores) {
    List<Statistic> dice = new ArrayList<>();
    List<Statistic> hd95 = new ArrayList<>();
    for (int i = 0; i < scores.get(0).dice().length; i++) {
      int column = i;
      dice.add(statistic(scores.stream().mapToDouble(s -> s.dice()[column]).toArray()));
      hd95.add(statistic(scores.stream().mapToDouble(s -> s.hd95()[column]).toArray()));
    }
    return new Summary(
        group,
        dice,
        hd95,
        scores.size(),
        runs.size(),
        runs.stream().allMatch(RunScores::millimetres));
  }

  /** Mean and the population's standard deviation, as everywhere in reports of scores. */
  private static Statistic statistic(double[] values) {
    SummaryStatistics statistics = new SummaryStatistics();
    for (double value : values) {
      statistics.addValue(value);
    }
    return new Statistic(statistics.getMean(), Math.sqrt(statistics.getPopulationVariance()));
  }

  /** Mean Dice of the average over the classes, in percent. */
  double averageDicePercent() {
    return 100 * dice.get(dice.size() - 1).mean();
  }
}
