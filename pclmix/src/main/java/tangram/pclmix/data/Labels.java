package tangram.pclmix.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tangram.nn.FileFormatException;
import tangram.pclmix.file.RunTable;

/**
 * The table of classes: what the numbers 0..K-1 of labels mean, in which colours pictures show
 * them, and which number of a file says that a pixel is unlabelled. Class 0 is the background.
 * Within the program unlabelled is always K. Immutable.
 *
 * <p>The form of a file is CSV with the columns {@code id,name,colour} (docs/how-to.md, Other
 * organs). The form of a setting is one line, {@code background=#009E73,RV=#E69F00,unlabelled=255},
 * or {@code heart}.
 */
public final class Labels {
  /** The most classes, background included. */
  public static final int MOST = 64;

  /** The name of the row that tells the number of unlabelled pixels. */
  private static final String UNLABELLED = "unlabelled";

  private static final int LARGEST_BYTE = 255;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._+()/-]{0,31}");
  private static final Pattern COLOUR = Pattern.compile("#[0-9A-Fa-f]{6}");
  private static final int MAX_FILE_BYTES = 1 << 16;
  private static final RunTable FILE = RunTable.ofTexts("id", "name", "colour");
  private static final String ADVICE =
      "name a table of classes, CSV with the columns id, name and colour";

  /** The name of the class table that is used where no other is named. */
  public static final String HEART_KEY = "heart";

  /**
   * Background, right ventricle, myocardium, left ventricle. The colours are those of M. Okabe and
   * K. Ito, "Color universal design" (2008), which people with any common colour vision can tell
   * apart.
   */
  public static final Labels HEART =
      new Labels(
          List.of("background", "RV", "Myo", "LV"),
          List.of("#009E73", "#E69F00", "#56B4E9", "#CC79A7"),
          4);

  private final List<String> names;
  private final List<String> colours;
  private final int unlabelledInFiles;

  private Labels(List<String> names, List<String> colours, int unlabelledInFiles) {
    this.names = List.copyOf(names);
    this.colours = colours.stream().map(c -> c.toUpperCase(Locale.ROOT)).toList();
    this.unlabelledInFiles = unlabelledInFiles;
    check();
  }

  private void check() {
    if (count() < 2 || count() > MOST) {
      throw new IllegalArgumentException(
          "there must be 2 to " + MOST + " classes, the background among them, not " + count());
    }
    for (int c = 0; c < count(); c++) {
      String name = name(c);
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            FileFormatException.quote(name)
                + " is no name of a class, which has up to 32 letters a-z, digits, spaces and"
                + " ._+-()/");
      }
      if (key(c).equals(UNLABELLED) || key(c).equals("average")) {
        throw new IllegalArgumentException("no class can have the name '" + name + "'");
      }
      for (int other = 0; other < c; other++) {
        if (key(other).equals(key(c))) {
          throw new IllegalArgumentException(
              "two classes have one name, '" + name(other) + "' and '" + name + "'");
        }
      }
      if (!COLOUR.matcher(colours.get(c)).matches()) {
        throw new IllegalArgumentException(
            "the colour of '"
                + name
                + "' must be six hexadecimal digits such as #56B4E9, not "
                + FileFormatException.quote(colours.get(c)));
      }
    }
    if (unlabelledInFiles < count() || unlabelledInFiles > LARGEST_BYTE) {
      throw new IllegalArgumentException(
          "the number of unlabelled pixels must be from "
              + count()
              + " to "
              + LARGEST_BYTE
              + ", not "
              + unlabelledInFiles);
    }
  }

  /**
   * What a user names: {@value #HEART_KEY}, the form of a setting, or a file.
   *
   * @throws FileFormatException if it is a file that cannot be read or is no table of classes
   * @throws IllegalArgumentException if it is a setting's text and no table of classes; the message
   *     says why, as a part of a sentence
   */
  public static Labels of(String text) {
    return text.equals(HEART_KEY) || text.contains("=#") ? parse(text) : read(Path.of(text));
  }

  /**
   * Reads the form of a setting.
   *
   * @throws IllegalArgumentException if it is no table of classes; the message says why, as a part
   *     of a sentence
   */
  public static Labels parse(String text) {
    if (text.equals(HEART_KEY)) {
      return HEART;
    }
    List<String> names = new ArrayList<>();
    List<String> colours = new ArrayList<>();
    int unlabelled = -1;
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            FileFormatException.quote(part.strip()) + " is not of the form NAME=#RRGGBB");
      }
      String name = part.substring(0, equals).strip();
      String value = part.substring(equals + 1).strip();
      if (name.equals(UNLABELLED)) {
        unlabelled = number(value);
      } else {
        names.add(name);
        colours.add(value);
      }
    }
    return new Labels(names, colours, unlabelled < 0 ? names.size() : unlabelled);
  }

  /**
   * Reads a file.
   *
   * @throws FileFormatException if it cannot be read or is no table of classes
   */
  public static Labels read(Path file) {
    List<String> names = new ArrayList<>();
    List<String> colours = new ArrayList<>();
    int[] unlabelled = {-1};
    String[] wrong = {null};
    List<Long> damaged =
        FILE.read(
            file,
            MAX_FILE_BYTES,
            ADVICE,
            row -> {
              int id = number(row.get(0).strip());
              String name = row.get(1).strip();
              if (name.equals(UNLABELLED)) {
                unlabelled[0] = id;
                return true;
              }
              if (id != names.size() && wrong[0] == null) {
                wrong[0] = "class " + names.size() + " must come where class " + id + " does";
              }
              names.add(name);
              colours.add(row.get(2).strip());
              return true;
            });
    try {
      if (!damaged.isEmpty()) {
        throw new IllegalArgumentException(
            damaged.get(0) < 0
                ? "a quotation has no end"
                : "line " + damaged.get(0) + " is not an id, a name and a colour");
      }
      if (wrong[0] != null) {
        throw new IllegalArgumentException(wrong[0]);
      }
      return new Labels(names, colours, unlabelled[0] < 0 ? names.size() : unlabelled[0]);
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(
          file + ": is no table of classes: " + e.getMessage() + "; correct it.", e);
    }
  }

  private static int number(String text) {
    if (!text.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException(
          FileFormatException.quote(text) + " is not a number from 0 to " + LARGEST_BYTE);
    }
    return Integer.parseInt(text);
  }

  /** The form of a setting, which {@link #parse} reads. */
  public String format() {
    if (equals(HEART)) {
      return HEART_KEY;
    }
    String text =
        IntStream.range(0, count())
            .mapToObj(c -> name(c) + "=" + colours.get(c))
            .collect(Collectors.joining(","));
    return unlabelledInFiles == count() ? text : text + "," + UNLABELLED + "=" + unlabelledInFiles;
  }

  /** The number of classes K, background included. */
  public int count() {
    return names.size();
  }

  /** What stands for unlabelled within the program: K. */
  public byte unlabelled() {
    return (byte) count();
  }

  /** What stands for unlabelled in files. */
  public int unlabelledInFiles() {
    return unlabelledInFiles;
  }

  /**
   * What a number in a file means.
   *
   * @param scribble whether it may be unlabelled
   * @return a class, {@link #unlabelled}, or -1 if it means nothing
   */
  public int ofFile(int number, boolean scribble) {
    if (scribble && number == unlabelledInFiles) {
      return unlabelled();
    }
    return number >= 0 && number < count() ? number : -1;
  }

  /** The numbers that files may hold, such as "0..3", or "0..3 and 4 for unlabelled". */
  public String fileNumbers(boolean scribble) {
    return "0.."
        + (count() - 1)
        + (scribble ? " and " + unlabelledInFiles + " for unlabelled" : "");
  }

  /**
   * The short name of a class.
   *
   * @throws IndexOutOfBoundsException if the label is not a class
   */
  public String name(int label) {
    return names.get(label);
  }

  /** The names of all classes but the background, in order. */
  public List<String> foreground() {
    return names.subList(1, names.size());
  }

  /** The name of a class in columns of files: small letters, digits and underscores. */
  public String key(int label) {
    return name(label).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
  }

  /** The class of a name. */
  public OptionalInt find(String name) {
    int label = names.indexOf(name);
    return label < 0 ? OptionalInt.empty() : OptionalInt.of(label);
  }

  /**
   * The colour of a class as 0xRRGGBB. Background has a colour for scribbles; segmentations leave
   * it clear.
   *
   * @throws IndexOutOfBoundsException if the label is not a class
   */
  public int colour(int label) {
    return Integer.parseInt(colours.get(label).substring(1), 16);
  }

  /** The classes with their numbers, such as "0 background, 1 RV, 2 Myo, 3 LV". */
  public String text() {
    return IntStream.range(0, count())
        .mapToObj(c -> c + " " + name(c))
        .collect(Collectors.joining(", "));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Labels labels
        && names.equals(labels.names)
        && colours.equals(labels.colours)
        && unlabelledInFiles == labels.unlabelledInFiles;
  }

  @Override
  public int hashCode() {
    return names.hashCode() * 31 + colours.hashCode();
  }

  @Override
  public String toString() {
    return format();
  }
}
