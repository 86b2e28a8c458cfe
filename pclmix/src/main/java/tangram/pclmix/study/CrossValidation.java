package tangram.pclmix.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tangram.pclmix.data.Patients;
import tangram.pclmix.method.Method;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.SettingException;

/**
 * Cross-validation by patients (paper 4.1; docs/method.md, Data): fold k tests the k-th fifth of
 * the patients in the order of their numbers, for ACDC's hundred 20(k-1)+1 to 20k. The best weights
 * are chosen on patients that are held out of the others, so that a fold's test patients choose
 * nothing.
 */
public final class CrossValidation {
  /** Number of folds. */
  public static final int FOLDS = 5;

  private CrossValidation() {}

  /**
   * The patients of a fold.
   *
   * @param train to train on
   * @param validation to choose the best weights on
   * @param test to score them on
   */
  public record Fold(Patients train, Patients validation, Patients test) {}

  /** What the paper reports of a method; null where it prints no number. */
  public static PaperScores paper(Method method) {
    return Table1.of(method.key(), Table1.Source.PAPER).orElse(null);
  }

  /**
   * The patients of a fold. Those held out follow the test patients, around the end: every patient
   * is held out about equally often.
   *
   * @param all the patients there are
   * @param number 1 to 5
   * @param heldOut number of patients to choose the best weights on
   * @throws SettingException if the patients are too few
   */
  public static Fold fold(Patients all, int number, int heldOut) {
    int[] numbers = all.numbers();
    int n = numbers.length;
    int from = (number - 1) * n / FOLDS;
    int to = number * n / FOLDS;
    if (from == to || heldOut < 1 || heldOut >= n - (to - from)) {
      throw new SettingException(
          String.format(
              "%d patients are too few for %d folds with %d of the training patients held out;"
                  + " name a folder with more, or lower --held-out.",
              n, FOLDS, heldOut));
    }
    Patients test = Patients.of(Arrays.copyOfRange(numbers, from, to));
    int[] validation = new int[heldOut];
    for (int i = 0; i < heldOut; i++) {
      validation[i] = numbers[(to + i) % n];
    }
    Patients held = Patients.of(validation);
    return new Fold(all.minus(test).minus(held), held, test);
  }

  /**
   * Variants to train: every fold with every method.
   *
   * @param all the patients there are
   * @param folds numbers of the folds
   * @param heldOut number of patients of each fold to choose the best weights on
   * @param iterations training steps of the methods, by key, that do not have those of the study
   * @throws SettingException if there is no such fold, or the patients are too few
   */
  public static List<Variant> variants(
      List<Method> methods,
      Patients all,
      List<Integer> folds,
      int heldOut,
      Map<String, String> iterations) {
    List<Variant> variants = new ArrayList<>();
    for (Method method : methods) {
      for (int number : folds) {
        if (number < 1 || number > FOLDS) {
          throw new SettingException(
              "There is no fold " + number + "; --folds are from 1 to " + FOLDS + ".");
        }
        Fold fold = fold(all, number, heldOut);
        Map<Setting, String> settings = settings(method, iterations);
        settings.put(Setting.TRAIN_PATIENTS, fold.train().toString());
        settings.put(Setting.VAL_PATIENTS, fold.validation().toString());
        settings.put(Setting.TEST_PATIENTS, fold.test().toString());
        variants.add(new Variant(method.key() + "-fold-" + number, method.key(), settings));
      }
    }
    return variants;
  }

  /**
   * Variants to train without folds: every method on the patients that the study's settings name.
   *
   * @param iterations as in {@link #variants}
   */
  public static List<Variant> split(List<Method> methods, Map<String, String> iterations) {
    return methods.stream()
        .map(method -> new Variant(method.key(), method.key(), settings(method, iterations)))
        .toList();
  }

  private static Map<Setting, String> settings(Method method, Map<String, String> iterations) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(Setting.METHOD, method.key());
    if (iterations.containsKey(method.key())) {
      settings.put(Setting.ITERATIONS, iterations.get(method.key()));
    }
    return settings;
  }
}
