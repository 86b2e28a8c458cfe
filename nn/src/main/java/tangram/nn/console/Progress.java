package tangram.nn.console;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Lines that stay and, on a terminal, one line below them that is redrawn.
 *
 * <p>Own code rather than a library: those found bring a terminal with native code, or draw from a
 * thread of their own, for what are forty lines here.
 */
public final class Progress {
  private static final long REDRAW_NANOS = 100_000_000;
  private static final long PLAIN_NANOS = 10_000_000_000L;
  private static final int PLAIN_PARTS = 50;

  /** Left free at the line's end, for the ^C that terminals show. */
  private static final int ROOM = 3;

  private static final int SHORTEST_BAR = 5;
  private static final int LONGEST_BAR = 30;

  private final Terminal terminal;
  private final PrintWriter out;
  private final long start = System.nanoTime();
  private boolean drawn;
  private long last;

  /** Creates it; nothing is shown yet. */
  public Progress(Terminal terminal) {
    this.terminal = terminal;
    this.out = terminal.out();
    this.last = System.nanoTime() - (terminal.interactive() ? REDRAW_NANOS : 0);
  }

  /**
   * Shows how far things are, unless that was shown a moment ago.
   *
   * @param text the text beside the bar
   */
  public synchronized void update(long done, long all, String text) {
    long now = System.nanoTime();
    if (now - last < (terminal.interactive() ? REDRAW_NANOS : plainNanos(now - start))) {
      return;
    }
    last = now;
    if (terminal.interactive()) {
      // To the line's end rather than clear first, which would flicker.
      terminal.control("\r");
      out.print(line(done, all, Visible.of(text), terminal.width() - ROOM));
      terminal.control("\033[K");
      drawn = true;
    } else {
      out.println(count(done, all) + "  " + Visible.of(text));
    }
  }

  /** The time between two lines, which grows: work of days does not fill its log. */
  static long plainNanos(long sinceStart) {
    return Math.max(PLAIN_NANOS, sinceStart / PLAIN_PARTS);
  }

  /** On a terminal, says what is being done until the next call of anything here. */
  public synchronized void doing(String text) {
    if (terminal.interactive()) {
      clear();
      String shown = Visible.of(text);
      out.print(shown.substring(0, Math.min(shown.length(), terminal.width() - ROOM)));
      out.flush();
      drawn = true;
    }
  }

  /** Writes a line that stays. */
  public synchronized void println(String text) {
    clear();
    out.println(Visible.of(text));
  }

  /** Removes the line that is redrawn. */
  public synchronized void clear() {
    if (drawn) {
      terminal.control("\r\033[K");
      drawn = false;
    }
    last = terminal.interactive() ? System.nanoTime() - REDRAW_NANOS : last;
  }

  /** Count, bar and text in at most {@code width} columns; the bar gives way first. */
  static String line(long done, long all, String text, int width) {
    String count = count(done, all);
    int room = Math.min(LONGEST_BAR, width - count.length() - text.length() - 5);
    String line;
    if (room < SHORTEST_BAR) {
      line = count + "  " + text;
    } else {
      int filled = (int) (room * done / Math.max(1, all));
      line = count + " [" + "=".repeat(filled) + " ".repeat(room - filled) + "]  " + text;
    }
    return line.length() <= width ? line : line.substring(0, Math.max(0, width));
  }

  private static String count(long done, long all) {
    int digits = Long.toString(all).length();
    return String.format(Locale.ROOT, "%" + digits + "d/%d", done, all);
  }

  /** A duration as people say it: 12 s, 3:05 min, 2:05 h. */
  public static String duration(double seconds) {
    long s = Math.round(seconds);
    if (s < 60) {
      return s + " s";
    }
    if (s < 3600) {
      return String.format(Locale.ROOT, "%d:%02d min", s / 60, s % 60);
    }
    return String.format(Locale.ROOT, "%d:%02d h", s / 3600, s % 3600 / 60);
  }
}
