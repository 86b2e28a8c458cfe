package tangram.pclmix.data;

import tangram.nn.data.DataException;

/** Five folds of the 100 patients by number (paper 4.1): fold k tests 20(k-1)+1 .. 20k. */
public final class Folds {
  /** Number of folds. */
  public static final int COUNT = 5;

  private static final int PATIENTS = 100;
  private static final int PER_FOLD = PATIENTS / COUNT;

  private Folds() {}

  /**
   * The 20 patients that a fold tests.
   *
   * @param fold 1..5
   * @throws DataException if there is no such fold
   */
  public static Patients test(int fold) {
    if (fold < 1 || fold > COUNT) {
      throw new DataException("There is no fold " + fold + "; choose one of 1 to " + COUNT + ".");
    }
    return Patients.range(PER_FOLD * (fold - 1) + 1, PER_FOLD * fold);
  }

  /**
   * The 80 patients that a fold trains on.
   *
   * @param fold 1..5
   * @throws DataException if there is no such fold
   */
  public static Patients train(int fold) {
    return Patients.range(1, PATIENTS).minus(test(fold));
  }
}
