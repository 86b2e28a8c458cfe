package tangram.nn.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.fuzz.Fuzz;
import tangram.fuzz.Mutator;
import tangram.fuzz.Mutator.Original;
import tangram.nn.FileFormatException;
import tangram.tensor.CounterRandom;

/** Damaged tokenizers. */
class TokenizerFuzzTest {
  private static final long CONSTANT = 1 << 20;
  private static final long PER_BYTE = 250;
  private static final String TEXT = "The fox wouldn't stop; 12 \u00fcber <s> x <mask>\n";

  @TempDir Path folder;

  @Test
  void tokenizers() throws IOException {
    List<Original> originals = new ArrayList<>();
    for (String name : List.of("gpt2", "llama2", "llama3")) {
      byte[] file = Files.readAllBytes(TokenizerTest.resource(name + ".json"));
      originals.add(new Original(name, file));
    }
    Mutator mutator =
        new Mutator(Fuzz.SEED, originals)
            .with("marks", TokenizerFuzzTest::misplaceMarks)
            .with("deep nesting", TokenizerFuzzTest::nest)
            .with("a word changed", TokenizerFuzzTest::changeWord);
    new Fuzz(
            folder.resolve("tokenizer.json"),
            TokenizerFuzzTest::use,
            FileFormatException.class,
            file -> CONSTANT + PER_BYTE * file.length)
        .run(mutator, 8_000);
  }

  private static void use(Path file) {
    Tokenizer tokenizer = Tokenizer.read(file);
    int[] ids;
    try {
      ids = tokenizer.encode(TEXT);
    } catch (IllegalArgumentException e) {
      // A character that the damaged vocabulary lacks.
      return;
    }
    for (int id : ids) {
      if (id >= tokenizer.size()) {
        return;
      }
    }
    TextStream stream = tokenizer.stream();
    for (int id : tokenizer.encodePlain(TEXT)) {
      stream.add(id);
    }
  }

  private static byte[] misplaceMarks(byte[] file, CounterRandom random) {
    byte[] marks = "{}[]\",:\\-.0 9eE+\0\n|()*?".getBytes(StandardCharsets.US_ASCII);
    byte[] result = file.clone();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      result[random.nextInt(result.length)] = marks[random.nextInt(marks.length)];
    }
    return result;
  }

  private static byte[] nest(byte[] file, CounterRandom random) {
    String[] openings = {"{", "[", "{\"a\":", "[[1],", "\"", "(", "\\u0041", "\\ud800", " ", "1"};
    String piece = openings[random.nextInt(openings.length)].repeat(1 + random.nextInt(3000));
    String text = new String(file, StandardCharsets.UTF_8);
    int at = random.nextInt(text.length());
    return (text.substring(0, at) + piece + text.substring(at)).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] changeWord(byte[] file, CounterRandom random) {
    String[] words = {"null", "true", "false", "\"\"", "0", "-1", "1e9", "[]", "{}", "\"Regex\""};
    String[] parts = new String(file, StandardCharsets.UTF_8).split("(?<=[:,])", -1);
    parts[random.nextInt(parts.length)] = words[random.nextInt(words.length)] + ",";
    return String.join("", parts).getBytes(StandardCharsets.UTF_8);
  }
}
