package tangram.nn.console;

import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;

/**
 * Where a command writes. Control characters are shown, not obeyed, whoever brings them.
 *
 * @param out results and progress
 * @param err warnings and errors
 * @param interactive whether a person watches {@code out}, so that a line can be redrawn
 * @param width columns
 */
public record Terminal(PrintWriter out, PrintWriter err, boolean interactive, int width) {
  private static final int DEFAULT_WIDTH = 80;
  private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector";

  /** Writes to these through {@link VisibleWriter}. */
  public Terminal {
    out = new VisibleWriter(out);
    err = new VisibleWriter(err);
  }

  /** Says what is odd but does not stop the command. */
  public void warn(String sentence) {
    err.println("warning: " + Visible.of(sentence));
  }

  /** Moves the cursor of {@code out}, colours or clears. */
  void control(String sequence) {
    ((VisibleWriter) out).control(sequence);
  }

  /**
   * The terminal of this process. A launcher that knows whether standard output is one says so by
   * the property {@code tangram.outputToTerminal}; else it is one where {@link System#console} is.
   *
   * @param output standard output
   */
  public static Terminal ofProcess(OutputStream output) {
    String told = System.getProperty("tangram.outputToTerminal");
    boolean terminal =
        told == null
            ? System.console() != null && System.console().isTerminal()
            : Boolean.parseBoolean(told);
    boolean interactive = terminal && !"dumb".equals(System.getenv("TERM"));
    return new Terminal(
        new PrintWriter(new OutputStreamWriter(output, System.out.charset()), true),
        new PrintWriter(System.err, true),
        interactive,
        columns());
  }

  /**
   * Takes back the line that the JVM prints before the program starts, where the launcher says that
   * standard error is a terminal: the Vector API is an incubator module, which is no news to the
   * user. In files and pipes the line stays.
   */
  public static void eraseIncubatorWarning() {
    if (Boolean.getBoolean("tangram.errorsToTerminal")
        && columns() > WARNING.length()
        && !"dumb".equals(System.getenv("TERM"))) {
      System.err.print("\033[1A\033[2K");
      System.err.flush();
    }
  }

  private static int columns() {
    String columns = System.getenv("COLUMNS");
    // Nobody types this: a shell that exports something else is not worth an error.
    return columns != null && columns.matches("[1-9]\\d{0,3}")
        ? Integer.parseInt(columns)
        : DEFAULT_WIDTH;
  }
}
