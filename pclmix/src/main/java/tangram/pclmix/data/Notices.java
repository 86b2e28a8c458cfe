package tangram.pclmix.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tangram.nn.data.DataException;

/**
 * What the user should know about data that were read: files that were left out, doubts, and items
 * that failed while the others did not. Nothing is skipped without an entry here. Safe for use by
 * several threads at once.
 */
public final class Notices {
  /** Files of a kind that are named; the others are counted. */
  private static final int NAMED = 3;

  private final Map<String, TreeSet<Path>> leftOut = new LinkedHashMap<>();
  private final Map<String, TreeSet<Path>> leftAlone = new LinkedHashMap<>();
  private final TreeSet<String> doubts = new TreeSet<>();
  private final List<DataException> failures = new ArrayList<>();

  /** Nothing to tell yet. */
  public Notices() {}

  /**
   * A file is left out that may have been meant to be read.
   *
   * @param why what continues after "3 files are left out, "
   */
  public synchronized void leftOut(String why, Path file) {
    leftOut.computeIfAbsent(why, w -> new TreeSet<>()).add(file);
  }

  /** As {@link #leftOut}, a file that is left out by rule, such as a mask among scans. */
  public synchronized void leftAlone(String why, Path file) {
    leftAlone.computeIfAbsent(why, w -> new TreeSet<>()).add(file);
  }

  /** Something is doubtful, in one sentence that names the file. */
  public synchronized void doubt(String sentence) {
    doubts.add(sentence);
  }

  /** An item cannot be used; the others are. */
  public synchronized void failed(DataException e) {
    failures.add(e);
  }

  /** Sentences to warn of: doubts, and files that were left out. */
  public synchronized List<String> warnings() {
    List<String> sentences = new ArrayList<>(doubts);
    leftOut.forEach((why, files) -> sentences.add(sentence("left out", why, files)));
    return sentences;
  }

  /** Sentences to mention: files left out by rule. */
  public synchronized List<String> remarks() {
    List<String> sentences = new ArrayList<>();
    leftAlone.forEach((why, files) -> sentences.add(sentence("left alone", why, files)));
    return sentences;
  }

  /** The items that could not be used. */
  public synchronized List<DataException> failures() {
    return List.copyOf(failures);
  }

  private static String sentence(String what, String why, TreeSet<Path> files) {
    int count = files.size();
    StringBuilder text = new StringBuilder();
    text.append(count).append(count == 1 ? " file is " : " files are ").append(what).append(", ");
    text.append(why).append(": ");
    text.append(String.join(", ", files.stream().limit(NAMED).map(Path::toString).toList()));
    if (count > NAMED) {
      text.append(" and ").append(count - NAMED).append(" more");
    }
    return text.append('.').toString();
  }
}
