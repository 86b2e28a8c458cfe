package tangram.pclmix.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/**
 * The paper's Figure 3: one weight varies while everything else stays. The paper prints the curves
 * without numbers; it tells that lambda_t 0.4 and a contrast weight of 0.15 are best (4.4).
 */
public final class Sensitivity {
  /** The paper's values of lambda_t. */
  public static final List<Double> LAMBDA_T = List.of(0.1, 0.2, 0.3, 0.4, 0.5);

  /** The paper's weights of the contrast. */
  public static final List<Double> CONTRAST_WEIGHT = List.of(0.05, 0.1, 0.15, 0.2, 0.3);

  /** The settings that vary. */
  public static final List<Setting> VARIED = List.of(Setting.LAMBDA_T, Setting.CONTRAST_WEIGHT);

  private Sensitivity() {}

  /**
   * Variants to train. Where the two curves meet, at the settings' own values, there is one for
   * both.
   *
   * @param base the settings of everything else
   * @param lambdas values of lambda_t
   * @param weights weights of the contrast
   */
  public static List<Variant> variants(
      TrainingConfig base, List<Double> lambdas, List<Double> weights) {
    Map<String, Variant> variants = new LinkedHashMap<>();
    for (double lambda : lambdas) {
      add(variants, base, Setting.LAMBDA_T, lambda);
    }
    for (double weight : weights) {
      add(variants, base, Setting.CONTRAST_WEIGHT, weight);
    }
    return new ArrayList<>(variants.values());
  }

  private static void add(
      Map<String, Variant> variants, TrainingConfig base, Setting setting, double value) {
    double lambda = setting == Setting.LAMBDA_T ? value : base.real(Setting.LAMBDA_T);
    double weight = setting == Setting.CONTRAST_WEIGHT ? value : base.real(Setting.CONTRAST_WEIGHT);
    String key = "lambda-t-" + lambda + "-contrast-weight-" + weight;
    variants.put(
        key,
        new Variant(
            key,
            key,
            Map.of(
                Setting.LAMBDA_T,
                Double.toString(lambda),
                Setting.CONTRAST_WEIGHT,
                Double.toString(weight))));
  }
}
