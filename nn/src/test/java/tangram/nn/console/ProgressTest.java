package tangram.nn.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void plainLinesComeMoreSeldomTheLongerTheWorkLasts() {
    long second = 1_000_000_000L;
    assertEquals(10 * second, Progress.plainNanos(0));
    assertEquals(10 * second, Progress.plainNanos(300 * second));
    assertEquals(72 * second, Progress.plainNanos(3600 * second));
  }

  @Test
  void aLineFillsItsWidth() {
    String line = Progress.line(35, 700, "loss 1.000", 60);
    assertEquals(" 35/700 [=                             ]  loss 1.000", line);
    assertEquals("700/700 [==========]  x", Progress.line(700, 700, "x", 23));
  }

  @Test
  void theBarGivesWayToTheText() {
    assertEquals("1/2  loss 1.000", Progress.line(1, 2, "loss 1.000", 20));
    assertEquals("1/2  loss", Progress.line(1, 2, "loss 1.000", 9));
    for (int width = 0; width < 100; width++) {
      assertTrue(Progress.line(9, 10, "loss 1.000  1 s left", width).length() <= width);
    }
  }

  @Test
  void durations() {
    assertEquals("0 s", Progress.duration(0.2));
    assertEquals("59 s", Progress.duration(59.4));
    assertEquals("1:00 min", Progress.duration(59.6));
    assertEquals("2:05 h", Progress.duration(7500));
  }

  @Test
  void linesThatStayRemoveTheLineThatIsRedrawn() {
    StringWriter text = new StringWriter();
    Progress progress =
        new Progress(new Terminal(new PrintWriter(text), new PrintWriter(text), true, 40));
    progress.update(1, 10, "a");
    progress.update(2, 10, "too soon to be seen");
    progress.println("stays");
    progress.update(3, 10, "b");
    assertFalse(text.toString().contains("too soon"));
    assertTrue(text.toString().contains("a\033[K\r\033[Kstays\n\r 3/10"), text.toString());
  }

  @Test
  void noControlCharactersElsewhere() {
    StringWriter text = new StringWriter();
    Progress progress =
        new Progress(new Terminal(new PrintWriter(text), new PrintWriter(text), false, 40));
    progress.update(1, 10, "a");
    progress.println("stays");
    progress.clear();
    assertEquals("stays\n", text.toString());
  }

  @Test
  void namesCannotControlTheTerminal() {
    StringWriter text = new StringWriter();
    Terminal terminal = new Terminal(new PrintWriter(text), new PrintWriter(text), true, 80);
    Progress progress = new Progress(terminal);
    String name = "a\033]0;title\007\u009b2J\r\n\u202eb";
    progress.update(1, 10, name);
    progress.doing(name);
    progress.println(name);
    terminal.out().println(Path.of(name));
    terminal.out().printf("%s%n", Path.of(name));
    terminal.warn(name);
    String ours = text.toString().replace("\r", "").replace("\033[K", "");
    assertEquals(4, ours.lines().count(), ours);
    for (char c : ours.toCharArray()) {
      assertTrue(
          c == '\n' || (!Character.isISOControl(c) && c != '\u202e'), () -> Visible.of(ours));
    }
    assertTrue(ours.contains("a\\u001b]0;title\\u0007\\u009b2J\\u000d\\u000a\\u202eb"), ours);
  }

  @Test
  void otherTextIsShownAsItIs() {
    String text = "Grün 心臓 \ud83e\udec0 e\u0301 \u0645\u06cc\u200c\u062e";
    assertEquals(text, Visible.of(text));
    assertEquals("a\n\tb\\u0000", Visible.lines("a\n\tb\0"));
  }
}
