package tangram.nn.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.FileFormatException;
import tangram.nn.json.Json;
import tangram.tensor.CounterRandom;

/** Against what {@code tools/parity/tokenizers.py} computed by the plain algorithm. */
class TokenizerTest {
  @TempDir Path folder;

  private record Case(String tokenizer, String text, int[] ids) {
    @Override
    public String toString() {
      return tokenizer + ": " + text.replaceAll("\\p{C}", "?");
    }
  }

  static Path resource(String name) {
    try {
      return Path.of(TokenizerTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Tokenizer tokenizer(String name) {
    return Tokenizer.read(resource(name + ".json"));
  }

  private static Stream<Case> cases() {
    return Json.read(resource("expected.json")).list().stream()
        .map(
            json ->
                new Case(
                    json.get("tokenizer").text(),
                    json.get("text").text(),
                    json.get("ids").list().stream().mapToInt(id -> id.integer(0)).toArray()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void encodesByThePlainAlgorithm(Case c) {
    Tokenizer tokenizer = tokenizer(c.tokenizer);
    assertArrayEquals(c.ids, tokenizer.encode(c.text));
    // Words are remembered now.
    assertArrayEquals(c.ids, tokenizer.encode(c.text));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decodesWhatItEncoded(Case c) {
    Tokenizer tokenizer = tokenizer(c.tokenizer);
    int[] ids = tokenizer.encodePlain(c.text);
    if (!c.text.contains("<mask>") && !c.text.contains("<s>")) {
      boolean space = c.tokenizer.equals("gpt2-prefix") && !c.text.isEmpty();
      String prefix = space && !c.text.startsWith(" ") ? " " : "";
      assertEquals(prefix + c.text, tokenizer.decode(ids));
      assertEquals(prefix + c.text, tokenizer.decode(tokenizer.encode(c.text)));
    }
    assertStreams(tokenizer, ids);
  }

  private static void assertStreams(Tokenizer tokenizer, int[] ids) {
    TextStream stream = tokenizer.stream();
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(stream.add(id));
    }
    assertEquals(tokenizer.decode(ids), text + stream.end(), Arrays.toString(ids));
  }

  /** Any tokens in any order: bytes that are no text among them. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama2", "llama3"})
  void streamsAnyTokens(String name) {
    Tokenizer tokenizer = tokenizer(name);
    for (int seed = 0; seed < 200; seed++) {
      CounterRandom random = new CounterRandom(seed, 1, 0, 0);
      int[] ids = new int[12];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = random.nextInt(tokenizer.size());
      }
      assertStreams(tokenizer, ids);
    }
  }

  @Test
  void charactersComeWithTheLastOfTheirBytes() {
    for (String name : List.of("gpt2", "llama2")) {
      Tokenizer tokenizer = tokenizer(name);
      int[] ids = tokenizer.encode("x\ud83e\udd8ay");
      TextStream stream = tokenizer.stream();
      List<String> texts = new ArrayList<>();
      for (int id : ids) {
        texts.add(stream.add(id));
      }
      texts.removeIf(String::isEmpty);
      assertEquals("x\ud83e\udd8ay", String.join("", texts) + stream.end(), name);
      assertTrue(texts.size() > 1, name);
    }
  }

  /** What a decoder takes off the beginning of a text it takes off once. */
  @Test
  void spacesAtTheBeginningAreLostOnce() {
    for (int start : new int[] {0, 1, 2, 3}) {
      Tokenizer tokenizer =
          letters(
              ("},\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Fuse\"},"
                      + "{\"type\":\"Strip\",\"content\":\" \",\"start\":%d,\"stop\":1}]}")
                  .formatted(start));
      for (String text : List.of("a  b   c", "   a b", "  ", " a  ")) {
        assertStreams(tokenizer, tokenizer.encode(text));
      }
    }
  }

  @Test
  void specialTokensAreLeftOut() {
    Tokenizer tokenizer = tokenizer("llama3");
    int[] ids = tokenizer.encode("Hello</s>");
    assertEquals("Hello", tokenizer.decode(ids));
    assertEquals("<s>Hello</s>", tokenizer.decode(ids, true));
    assertEquals(tokenizer.id("<s>"), ids[0]);
    assertEquals("</s>", tokenizer.token(ids[ids.length - 1]));
    assertTrue(tokenizer.isSpecial(ids[0]));
    assertFalse(tokenizer.isSpecial(ids[1]));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.id("<none>"));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(tokenizer.size()));
  }

  @Test
  void halfCharactersAreRefused() {
    Tokenizer tokenizer = tokenizer("gpt2");
    assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("a\ud83e"));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("\udd8a\ud83e"));
  }

  /** A vocabulary of letters, whose words can be read off the tokens. */
  private Tokenizer letters(String more) {
    StringBuilder vocabulary = new StringBuilder();
    int id = 0;
    for (char c : "abcdefghijklmnopqrstuvwxyz \u2581-AB1".toCharArray()) {
      vocabulary.append("\"").append(c).append("\":").append(id++).append(",");
    }
    return read(
        "{\"model\":{\"type\":\"BPE\",\"vocab\":{%s\"?\":50,\"ab\":51},\"merges\":[\"a b\"]%s}"
            .formatted(vocabulary, more));
  }

  private Tokenizer read(String json) {
    return Tokenizer.read(write(json));
  }

  private Path write(String json) {
    try {
      return Files.writeString(folder.resolve("tokenizer.json"), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String tokens(Tokenizer tokenizer, String text) {
    return String.join(
        "|", Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::token).toList());
  }

  @Test
  void unknownCharacters() {
    assertThrows(IllegalArgumentException.class, () -> letters("}").encode("a#"));
    assertEquals("ab|?|?|a", tokens(letters(",\"unk_token\":\"?\"}"), "ab##a"));
    assertEquals("ab|?|a|?", tokens(letters(",\"unk_token\":\"?\",\"fuse_unk\":true}"), "ab##a#"));
    assertThrows(FileFormatException.class, () -> letters(",\"unk_token\":\"!\"}"));
  }

  /** The flags of added tokens; computed with Hugging Face's tokenizers 0.23.2. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "\"x\":1;a  ab  c;a| | |ab| | |c",
        "\"lstrip\":true;c  ab  c;c|ab| | |c",
        "\"rstrip\":true;c  ab  abc;c| | |ab|ab|c",
        "\"single_word\":true;cab ab,c;c|ab| |ab|?|c",
        "\"normalized\":true;AB;ab"
      })
  void addedTokens(String flags, String text, String expected) {
    String flag = flags.equals("\"x\":1") ? "\"special\":false" : flags;
    Tokenizer tokenizer =
        letters(
            ",\"unk_token\":\"?\"},\"normalizer\":{\"type\":\"Lowercase\"},\"added_tokens\":"
                + "[{\"id\":51,\"content\":\"ab\",%s}]".formatted(flag));
    assertEquals(expected, tokens(tokenizer, text));
  }

  @Test
  void theLongestAddedTokenIsFound() {
    Tokenizer tokenizer =
        letters(
            "},\"added_tokens\":[{\"id\":60,\"content\":\"--\"},{\"id\":61,\"content\":\"---\"},"
                + "{\"id\":0,\"content\":\"a\"}]");
    assertEquals("b|---|--|a|b", tokens(tokenizer, "b-----ab"));
  }

  /** The example of the format's documentation. */
  @ParameterizedTest
  @CsvSource({
    "Removed,the final countdown",
    "Isolated,the - final - - countdown",
    "MergedWithPrevious,the- final- - countdown",
    "MergedWithNext,the -final - -countdown",
    "Contiguous,the - final -- countdown"
  })
  void splits(String behavior, String expected) {
    assertEquals(
        expected.replace(' ', '|'),
        words(
            "{\"type\":\"Split\",\"pattern\":{\"String\":\"-\"},\"behavior\":\"%s\"}"
                .formatted(behavior),
            "the-final--countdown"));
  }

  private String words(String preTokenizer, String text) {
    List<PreTokenizer.Word> words = new ArrayList<>();
    PreTokenizer.of(Json.read(write(preTokenizer))).cut(new PreTokenizer.Word(text, true), words);
    return String.join("|", words.stream().map(PreTokenizer.Word::text).toList());
  }

  @Test
  void otherPreTokenizers() {
    String digits = "{\"type\":\"Digits\",\"individual_digits\":%s}";
    assertEquals("a|1|2|b", words(digits.formatted(true), "a12b"));
    assertEquals("a|12|b", words(digits.formatted(false), "a12b"));
    String meta = "{\"type\":\"Metaspace\",\"replacement\":\"_\",\"prepend_scheme\":\"%s\"%s}";
    assertEquals("_a|_b|_|_c", words(meta.formatted("always", ""), "a b  c"));
    assertEquals("_a_b", words(meta.formatted("first", ",\"split\":false"), "a b"));
    assertEquals("a|_b", words(meta.formatted("never", ""), "a b"));
    String inverted =
        "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\w+\"},\"behavior\":\"Removed\","
            + "\"invert\":true}";
    assertEquals("ab|c", words(inverted, "ab, c!"));
    // Between brackets a half is of no word.
    assertEquals("a|b", words(inverted.replace("\\\\w+", "[^\\\\W\\\\d]+"), "a\u00bdb"));
    for (String regex : new String[] {"(?m)a", "(?ix)a", "[[:alpha:]]", "\\\\p{L}{1,2}+"}) {
      String text = inverted.replace("\\\\w+", regex);
      assertThrows(FileFormatException.class, () -> words(text, "a"), regex);
    }
    assertEquals("A|a", words(inverted.replace("\\\\w+", "(?i:a)|(?<=b)c|(?>d)"), "AfaG"));
    // A letter in a circle and a half are of words, a joiner and a number in a circle are not.
    assertEquals("\u24d6\u00bda|b", words(inverted, "\u24d6\u00bda\u200d\u2460b"));
  }

  @Test
  void decoders() {
    assertEquals("a b", decoded("null", "a", "b"));
    String meta = "{\"type\":\"Metaspace\",\"replacement\":\"_\",\"prepend_scheme\":\"%s\"}";
    assertEquals("a b", decoded(meta.formatted("always"), "_a", "_b"));
    assertEquals(" a b", decoded(meta.formatted("never"), "_a", "_b"));
    assertEquals(
        "b", decoded("{\"type\":\"Strip\",\"content\":\"a\",\"start\":2,\"stop\":1}", "aaba"));
    String bytes = "{\"type\":\"ByteFallback\"}";
    assertEquals(
        "x\u00e9\ufffdy",
        decoded(bytes, "x", "<0xC3>", "<0xA9>", "<0xff", "<0xFF>", "y").replace("<0xff", ""));
    assertEquals("\ufffd\ufffd\ufffd", decoded(bytes, "<0xC3>", "<0xA9>", "<0xC3>"));
  }

  private String decoded(String decoder, String... tokens) {
    Json json = Json.read(write("{\"decoder\":" + decoder + "}")).get("decoder");
    return String.join("", Decoder.of(json).apply(List.of(tokens)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "}, \"truncation\":{}; 'truncation' is not supported",
        "}, \"normalizer\":{\"type\":\"BertNormalizer\"}; 'normalizer' is a 'BertNormalizer' that is",
        "}, \"pre_tokenizer\":{\"type\":\"Whitespace\"}; 'pre_tokenizer' is a 'Whitespace' that is",
        "}, \"post_processor\":{\"type\":\"BertProcessing\"}; 'post_processor' is a 'BertProc",
        "}, \"decoder\":{\"type\":\"WordPiece\"}; 'decoder' is a 'WordPiece' that is not",
        "}, \"decoder\":{\"type\":\"Fuse\",\"x\":1}; 'decoder.x' is not known",
        "}, \"more\":1; 'more' is not known",
        ",\"dropout\":0.1}; 'model.dropout' drops",
        ",\"end_of_word_suffix\":\"</w>\"}; 'model.end_of_word_suffix' is a mark",
        ",\"byte_fallback\":true}; 'model.byte_fallback' needs '<0x00>'",
        "}, \"added_tokens\":[{\"id\":1,\"content\":\"a\"}]; 'added_tokens[0]' has another ident",
        "}, \"added_tokens\":[{\"id\":1}]; 'added_tokens[0].content' is missing",
        "}, \"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Removed\"}"
            + "; 'pre_tokenizer.pattern.Regex' is no regular expression",
        "}, \"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\h\"},\"behavior\":"
            + "\"Removed\"}; 'pre_tokenizer.pattern.Regex' has an escape",
        "}, \"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\p{Han}\"},\"behavior\":"
            + "\"Removed\"}; 'pre_tokenizer.pattern.Regex' has a \\p of something else",
        "}, \"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a{1,2}+\"},\"behavior\":"
            + "\"Removed\"}; 'pre_tokenizer.pattern.Regex' has what the two dialects read differently"
      })
  void whatIsNotSupportedIsRefused(String both) {
    String[] parts = both.split("; ", 2);
    FileFormatException e =
        assertThrows(FileFormatException.class, () -> letters(parts[0]), parts[0]);
    String file = folder.resolve("tokenizer.json").toString();
    assertTrue(e.getMessage().startsWith(file + ": " + parts[1]), e.getMessage());
    assertTrue(e.getMessage().endsWith("."), e.getMessage());
  }

  @Test
  void otherModelsAreRefused() {
    for (String type : List.of("WordPiece", "Unigram", "WordLevel")) {
      FileFormatException e =
          assertThrows(
              FileFormatException.class,
              () -> read("{\"model\":{\"type\":\"%s\",\"vocab\":{}}}".formatted(type)));
      assertTrue(e.getMessage().contains("'model' is a '" + type + "'"), e.getMessage());
    }
    assertThrows(FileFormatException.class, () -> read("{\"model\":{\"vocab\":{}}}"));
    assertThrows(
        FileFormatException.class,
        () -> read("{\"model\":{\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]}}"));
    assertThrows(
        FileFormatException.class,
        () -> read("{\"model\":{\"vocab\":{\"a\":0,\"b\":1},\"merges\":[\"a b\"]}}"));
  }

  @Test
  void threadsShareATokenizer() throws Exception {
    Tokenizer tokenizer = tokenizer("gpt2");
    List<Case> all = cases().filter(c -> c.tokenizer.equals("gpt2")).toList();
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(
          new FutureTask<>(
              () -> all.stream().allMatch(c -> Arrays.equals(c.ids, tokenizer.encode(c.text)))));
      new Thread(tasks.get(i)).start();
    }
    for (FutureTask<Boolean> task : tasks) {
      assertTrue(task.get());
    }
  }

  /** A text of a million letters without a space takes no quadratic time. */
  @Test
  void longWordsTakeNoLongTime() {
    Tokenizer tokenizer = tokenizer("llama2");
    String text = "hello".repeat(200_000);
    int[] ids = tokenizer.encode(text);
    assertEquals(text, tokenizer.decode(ids));
  }
}
