package tangram.pclmix.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;

/** Text and tables as programs and people write them. */
class RunTableTest {
  private static final RunTable TEXTS = RunTable.ofTexts("name", "value");
  private static final RunTable NUMBERS = RunTable.ofNumbers("step", "value");

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("table.csv");
  }

  private List<List<String>> rows(RunTable table, Long... damaged) {
    List<List<String>> rows = new ArrayList<>();
    assertEquals(List.of(damaged), table.read(file, 1000, "restore it", rows::add));
    return rows;
  }

  @Test
  void anyTextComesBack() throws IOException {
    String[] odd = {"a,b", "a\"b", "two\nlines", " blanks ", "=1+1", "#x", "\u2665", "\r"};
    StringBuilder text = new StringBuilder(TEXTS.header());
    for (String name : odd) {
      text.append(TEXTS.line(name, 1));
    }
    Files.writeString(file, text);
    assertEquals(List.of(odd), rows(TEXTS).stream().map(row -> row.get(0)).toList());
  }

  @Test
  void filesThatEditorsSavedAreRead() throws IOException {
    Files.writeString(file, "\ufeffvalue,more,step\r\n7,x,1\r\n\r\n8,y,2\r\n");
    assertEquals(List.of(List.of("1", "7"), List.of("2", "8")), rows(NUMBERS));
  }

  @Test
  void damagedRowsAreCountedAndTheOthersRead() throws IOException {
    Files.writeString(file, "step,value\n1,2\nrubbish\n3,\"4\n5,6\n7,8");
    List<List<String>> rows = new ArrayList<>();
    List<Long> damaged =
        NUMBERS.read(
            file,
            1000,
            "restore it",
            row -> {
              row.forEach(Double::parseDouble);
              return rows.add(row);
            });
    assertEquals(List.of(3L, 4L), damaged);
    // What follows the last end of a line may be half of a number.
    assertEquals(List.of(List.of("1", "2"), List.of("5", "6")), rows);
  }

  @Test
  void aLostHeaderIsKnownOnlyWhereThatIsWanted() throws IOException {
    Files.writeString(file, "1,2\n3,4\n");
    FileFormatException e = assertThrows(FileFormatException.class, () -> rows(NUMBERS));
    assertTrue(e.getMessage().contains("has no column 'step'"), e.getMessage());
    List<List<String>> rows = new ArrayList<>();
    assertEquals(List.of(), NUMBERS.readWithOrWithoutHeader(file, 1000, "restore it", rows::add));
    assertEquals(2, rows.size());
    Files.writeString(file, "");
    assertEquals(List.of(), NUMBERS.readWithOrWithoutHeader(file, 1000, "restore it", rows::add));
  }

  @Test
  void aQuotationWithoutEndIsDamage() throws IOException {
    Files.writeString(file, "name,value\na,1\n\"b,2\nc,3\n");
    assertEquals(List.of(List.of("a", "1")), rows(TEXTS, -1L));
  }

  private String refused() {
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> TextFile.read(file, 1000, "restore it"));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().endsWith("restore it."), e.getMessage());
    return e.getMessage();
  }

  @Test
  void whatIsNoTextIsNamed() throws IOException {
    assertTrue(refused().contains("no such file"));
    Files.write(file, "a".getBytes(StandardCharsets.UTF_16));
    assertTrue(refused().contains("UTF-16"));
    Files.write(file, new byte[] {'a', (byte) 0xff});
    assertTrue(refused().contains("not UTF-8"));
    Files.writeString(file, "a".repeat(1001));
    assertTrue(refused().contains("too long"));
  }

  @Test
  @Timeout(20)
  void pipesAndDevicesAreNotRead() throws Exception {
    file = Path.of("/dev/zero");
    Assumptions.assumeTrue(Files.exists(file), "there are no such devices here");
    assertTrue(refused().contains("not a regular file"));
    file = folder.resolve("pipe");
    Process mkfifo = new ProcessBuilder("mkfifo", file.toString()).start();
    assertTrue(mkfifo.waitFor(10, TimeUnit.SECONDS) && mkfifo.exitValue() == 0);
    assertTrue(refused().contains("not a regular file"));
  }
}
