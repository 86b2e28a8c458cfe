package tangram.web.annotate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.data.Labels;

/** Tables of classes that come from outside, one name and one colour at a time. */
final class ClassTable {
  private static final int LARGEST_BYTE = 255;

  private ClassTable() {}

  /**
   * The table of some classes.
   *
   * @throws IllegalArgumentException if they are none; the message says why, as a part of a
   *     sentence
   */
  static Labels of(List<String> names, List<String> colours, int unlabelled) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (name.matches("(?s).*[=,].*") || name.equalsIgnoreCase("unlabelled")) {
        throw new IllegalArgumentException(
            "no class can have the name " + tangram.nn.FileFormatException.quote(name));
      }
      text.append(name).append('=').append(colours.get(i)).append(',');
    }
    return Labels.parse(text + "unlabelled=" + unlabelled);
  }

  /** What stands for unlabelled in files once there are so many classes instead of those. */
  static int unlabelled(Labels before, int count) {
    boolean next = before.unlabelledInFiles() == before.count();
    return next || before.unlabelledInFiles() < count ? count : before.unlabelledInFiles();
  }

  static List<String> names(Labels labels) {
    List<String> names = new ArrayList<>();
    for (int c = 0; c < labels.count(); c++) {
      names.add(labels.name(c));
    }
    return names;
  }

  static String colour(Labels labels, int c) {
    return String.format(Locale.ROOT, "#%06X", labels.colour(c));
  }

  /** The most classes that bytes tell apart, unlabelled among them. */
  static boolean isValue(int value, Labels labels) {
    return value < labels.count() || value == LARGEST_BYTE;
  }
}
