package tangram.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: what users are told, and the exit codes. */
class CompareTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** A comparison whose sides differ. */
  @Command(name = "differing")
  static final class Differing implements Runnable {
    @Override
    public void run() {
      Agreement.check("the answer", 41, 42, 1e-3);
    }
  }

  private int run(String... arguments) {
    CommandLine line = Compare.commandLine();
    line.addSubcommand(new Differing());
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  @Test
  void theSmallestComparisonEndsWithTheMean() {
    assertEquals(0, run("gemm", "1", "--quick", "--match", "98x768x1536"), err::toString);
    String[] lines = out.toString().split("\\R");
    assertTrue(
        lines[lines.length - 1].matches("geometric mean ours/libtorch time: \\d+\\.\\d\\d"),
        out::toString);
  }

  @Test
  void disagreementEndsWithOneSentence() {
    assertEquals(1, run("differing"));
    assertEquals(
        "benchmarks/compare differing: the two sides disagree on the answer (41.0 and 42.0): a"
            + " relative distance of 0.024, where 1e-03 is allowed.",
        err.toString().strip());
  }

  @Test
  void impossibleOptionsAreNamed() {
    assertEquals(2, run("gemm", "0"));
    assertEquals(2, run("conv", "1", "--match", "no such row"));
    assertEquals(2, run("step", "1", "--only", "ours"));
    assertEquals(2, run("step", "1", "--preset", "huge"));
    assertEquals(2, run());
    String[] lines = err.toString().split("\\R");
    assertEquals(5, lines.length, err::toString);
    assertEquals(
        "benchmarks/compare gemm: the threads must be from 1 to 1024, not 0; see"
            + " benchmarks/compare gemm --help.",
        lines[0]);
  }
}
