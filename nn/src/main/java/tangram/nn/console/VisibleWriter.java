package tangram.nn.console;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Writes text to a terminal with all control characters spelled out, but for the ends of lines; in
 * paths those too. What is meant to control the terminal goes through {@link #control}.
 */
final class VisibleWriter extends PrintWriter {
  private final PrintWriter raw;

  VisibleWriter(PrintWriter raw) {
    super(raw, true);
    this.raw = raw;
  }

  /** Writes a control sequence at once, after all that was written before. */
  void control(String sequence) {
    flush();
    raw.print(sequence);
    raw.flush();
  }

  @Override
  public void write(int c) {
    write(Character.toString(c));
  }

  @Override
  public void write(char[] text, int offset, int length) {
    write(new String(text, offset, length));
  }

  @Override
  public void write(String text, int offset, int length) {
    String shown = Visible.lines(text.substring(offset, offset + length));
    super.write(shown, 0, shown.length());
  }

  @Override
  public void print(Object value) {
    super.print(shown(value));
  }

  @Override
  public void println(Object value) {
    super.println(shown(value));
  }

  @Override
  public PrintWriter format(String format, Object... values) {
    return super.format(format, shown(values));
  }

  @Override
  public PrintWriter format(Locale locale, String format, Object... values) {
    return super.format(locale, format, shown(values));
  }

  private static Object[] shown(Object[] values) {
    return Arrays.stream(values).map(VisibleWriter::shown).toArray();
  }

  private static Object shown(Object value) {
    return value instanceof Path ? Visible.of(value) : value;
  }
}
