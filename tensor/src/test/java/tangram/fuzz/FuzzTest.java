package tangram.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers that do what they should not are noticed. */
class FuzzTest {
  private static final byte[] VALID =
      "length = 12; abcdefghijkl".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;

  private static Mutator mutator(long seed) {
    byte[] other = "another file, 3.5".getBytes(StandardCharsets.US_ASCII);
    return new Mutator(
        seed, List.of(new Mutator.Original("a", VALID), new Mutator.Original("b", other)));
  }

  @Test
  void theSameNumberMakesTheSameCopy() {
    Set<String> different = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      Mutator.Mutant mutant = mutator(1).mutant(i);
      assertArrayEquals(mutant.bytes(), mutator(1).mutant(i).bytes());
      assertEquals(mutant.story(), mutator(1).mutant(i).story());
      different.add(new String(mutant.bytes(), StandardCharsets.ISO_8859_1));
    }
    assertTrue(different.size() > 1500, different.size() + " are different");
  }

  @Test
  void readersThatRefuseProperlyPass() {
    Fuzz.Result result = run(this::readStrictly);
    assertTrue(result.read() > 0 && result.refused() > 0, result.toString());
  }

  private void readStrictly(Path file) throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length != VALID.length && bytes.length != 17 || bytes[0] != 'l' && bytes[0] != 'a') {
      throw new IllegalStateException(file + ": is damaged.");
    }
  }

  @Test
  void otherExceptionsAndErrorsAreNoticed() {
    noticed(
        "escapes: java.lang.ArithmeticException",
        file -> {
          throw new ArithmeticException();
        });
    noticed(
        "escapes: java.lang.StackOverflowError",
        file -> {
          throw new StackOverflowError();
        });
  }

  @Test
  void unclearSentencesAreNoticed() {
    for (String end :
        new String[] {" no full stop", " two\nlines.", " \u202e.", "x".repeat(2000)}) {
      noticed(
          "not one clear sentence",
          file -> {
            throw new IllegalStateException(file + ":" + end);
          });
    }
    noticed(
        "not one clear sentence",
        file -> {
          throw new IllegalStateException("something is wrong.");
        });
  }

  @Test
  void memoryIsNoticedInAnyThread() {
    noticed(
        "bytes were allocated",
        file -> {
          Thread other = new Thread(() -> assertEquals(1 << 22, new byte[1 << 22].length));
          other.start();
          other.join();
        });
  }

  @Test
  void readersThatHangAreNoticed() {
    noticed("hangs at", file -> new CountDownLatch(1).await());
  }

  @Test
  void readersOfEverythingAreNoticed() {
    noticed("300 files were read and 0 refused", file -> {});
  }

  @Test
  void refusingAValidFileIsNoticed() {
    noticed(
        "1 undamaged files are refused",
        file -> {
          if (Files.size(file) == VALID.length) {
            throw new IllegalStateException(file + ": is damaged.");
          }
        });
  }

  private void noticed(String what, Fuzz.Reader reader) {
    AssertionError e = assertThrows(AssertionError.class, () -> run(reader));
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }

  private Fuzz.Result run(Fuzz.Reader reader) {
    return new Fuzz(
            folder.resolve("file.txt"),
            reader,
            IllegalStateException.class,
            bytes -> 1 << 20,
            Duration.ofSeconds(1))
        .run(mutator(1), 300);
  }
}
