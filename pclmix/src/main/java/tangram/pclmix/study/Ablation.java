package tangram.pclmix.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.SettingException;

/** The versions of the paper's Table 2. */
public final class Ablation {
  private Ablation() {}

  /**
   * A row of the table.
   *
   * @param number 1 to 7
   * @param losses the losses in use
   * @param transformerSupervision whether the Swin decoder takes part in the supervised loss
   * @param paper what the paper reports
   */
  public record Version(
      int number, String losses, boolean transformerSupervision, PaperScores paper) {
    /** The name of the row. */
    public String title() {
      return "#" + number + (transformerSupervision ? "" : " (w/o tf)");
    }

    /** Whether a loss, such as {@code ctr}, is in use. */
    public boolean uses(String loss) {
      return List.of(losses.split(",")).contains(loss);
    }
  }

  /** The versions as the paper numbers them, with its Dice in percent and HD95. */
  public static final List<Version> VERSIONS =
      List.of(
          version(1, "sup", 52.2, 189.3, 52.8, 181.9, 57.3, 168.2, 54.1, 179.8),
          version(2, "sup,ctr", 58.8, 147.0, 54.7, 144.2, 61.4, 136.9, 58.3, 142.7),
          version(3, "sup,het", 87.3, 6.7, 85.6, 9.1, 89.3, 5.8, 87.4, 7.2),
          version(4, "sup,het,mix", 87.8, 4.2, 86.0, 6.5, 91.7, 3.1, 88.5, 4.6),
          version(5, "sup,ctr,het", 86.6, 6.4, 85.5, 7.2, 89.6, 5.3, 87.9, 6.3),
          version(6, "sup,ctr,het,mix", 88.0, 6.3, 84.8, 4.0, 91.5, 4.4, 88.1, 4.9),
          version(7, "sup,ctr,het,mix", 88.2, 5.3, 85.6, 3.3, 92.2, 3.7, 88.7, 4.1));

  private static Version version(int number, String losses, double... scores) {
    return new Version(number, losses, number != 6, PaperScores.of(scores));
  }

  /**
   * Variants to train.
   *
   * @param numbers of the versions, such as 1, 3, 7
   * @throws SettingException if there is no such version
   */
  public static List<Variant> variants(List<Integer> numbers) {
    List<Variant> variants = new ArrayList<>();
    for (int number : numbers) {
      if (number < 1 || number > VERSIONS.size()) {
        throw new SettingException(
            "There is no version " + number + "; --versions are from 1 to 7, as in Table 2.");
      }
      Version version = VERSIONS.get(number - 1);
      variants.add(
          new Variant(
              "version-" + number,
              version.title(),
              Map.of(
                  Setting.LOSSES,
                  version.losses(),
                  Setting.TRANSFORMER_SUPERVISION,
                  Boolean.toString(version.transformerSupervision()))));
    }
    return variants;
  }
}
