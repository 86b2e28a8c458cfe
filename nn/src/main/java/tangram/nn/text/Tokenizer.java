package tangram.nn.text;

import static tangram.nn.FileFormatException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tangram.nn.FileFormatException;
import tangram.nn.json.Json;

/**
 * Text as tokens and back, by byte-pair encoding as a {@code tokenizer.json} of Hugging Face
 * describes it: that of GPT-2, Llama, Mistral, Qwen and their like.
 *
 * <pre>{@code
 * Tokenizer tokenizer = Tokenizer.read(Path.of("gpt2/tokenizer.json"));
 * int[] ids = tokenizer.encode("Hello world");       // 15496, 995
 * String text = tokenizer.decode(ids);
 * }</pre>
 *
 * <p>Parts of the format that are known: models BPE; normalizers Prepend, Replace, NFC, NFD, NFKC,
 * NFKD, Lowercase; pre-tokenizers ByteLevel, Split, Digits, Metaspace; post-processors ByteLevel,
 * TemplateProcessing, RobertaProcessing; decoders ByteLevel, ByteFallback, Fuse, Replace, Strip,
 * Metaspace; and Sequences of these. Files with others are refused. A tokenizer serves any number
 * of threads. Source: <a
 * href="https://github.com/huggingface/tokenizers">huggingface/tokenizers</a>.
 */
public final class Tokenizer {
  private final Path file;
  private final Bpe model;
  private final AddedTokens added;
  private final PreTokenizer preTokenizer;
  private final PostProcessor postProcessor;
  private final Decoder decoder;
  private final Map<Integer, String> tokens;

  private Tokenizer(Json json) {
    file = json.file();
    json.only(
        "version",
        "truncation",
        "padding",
        "added_tokens",
        "normalizer",
        "pre_tokenizer",
        "post_processor",
        "decoder",
        "model");
    for (String part : List.of("truncation", "padding")) {
      if (json.has(part)) {
        throw json.get(part).error("is not supported: set it to null, and cut or fill up tokens");
      }
    }
    model = new Bpe(json.get("model"));
    added = new AddedTokens(json.get("added_tokens"), model, Normalizer.of(json.get("normalizer")));
    preTokenizer = PreTokenizer.of(json.get("pre_tokenizer"));
    postProcessor = PostProcessor.of(json.get("post_processor"));
    decoder = Decoder.of(json.get("decoder"));
    tokens = new HashMap<>(model.tokens());
    added.ids().forEach(id -> tokens.put(id, added.byId(id).content()));
  }

  /**
   * Reads a {@code tokenizer.json}.
   *
   * @throws FileFormatException if it cannot be read, breaks a rule of the format, or describes
   *     what is not supported
   */
  public static Tokenizer read(Path file) {
    return new Tokenizer(Json.read(file));
  }

  /** The tokens of a text, with those that begin and end one. */
  public int[] encode(String text) {
    return postProcessor.apply(encodePlain(text));
  }

  /**
   * The tokens of a text without those that begin and end one. Special tokens that the text itself
   * spells out are found.
   *
   * @throws IllegalArgumentException if the text has half of a surrogate pair, or the vocabulary
   *     has no token for one of its characters, nor one for what is unknown
   */
  public int[] encodePlain(String text) {
    requireWhole(text);
    int[] ids = new int[text.length() / 4 + 16];
    int count = 0;
    List<PreTokenizer.Word> words = new ArrayList<>();
    for (AddedTokens.Part part : added.find(text)) {
      words.clear();
      if (part.token() == null) {
        preTokenizer.cut(new PreTokenizer.Word(part.text(), part.first()), words);
      } else {
        ids = withRoom(ids, count + 1);
        ids[count++] = part.token().id();
      }
      for (PreTokenizer.Word word : words) {
        int[] more = model.encode(word.text());
        ids = withRoom(ids, count + more.length);
        System.arraycopy(more, 0, ids, count, more.length);
        count += more.length;
      }
    }
    return Arrays.copyOf(ids, count);
  }

  private static int[] withRoom(int[] ids, int count) {
    return count <= ids.length ? ids : Arrays.copyOf(ids, 2 * count);
  }

  private static void requireWhole(String text) {
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        throw new IllegalArgumentException(
            "character " + i + " of the text is half of a surrogate pair");
      }
      i += Character.charCount(c);
    }
  }

  /**
   * The text of tokens, special ones left out. Bytes that are no text become the replacement
   * character.
   *
   * @throws IllegalArgumentException if there is no such token
   */
  public String decode(int... ids) {
    return decode(ids, false);
  }

  /** The text of tokens, with special ones or without. */
  public String decode(int[] ids, boolean special) {
    List<String> texts = new ArrayList<>(ids.length);
    for (int id : ids) {
      String token = token(id);
      if (special || !isSpecial(id)) {
        texts.add(token);
      }
    }
    return String.join("", decoder.apply(texts));
  }

  /** Decodes tokens as they come. */
  public TextStream stream() {
    return new TextStream(this);
  }

  /** How many tokens there are. */
  public int size() {
    return tokens.size();
  }

  /**
   * The identifier of a token, written as in the file.
   *
   * @throws IllegalArgumentException if there is none
   */
  public int id(String token) {
    AddedTokens.Token known = added.byContent(token);
    Integer id = known != null ? Integer.valueOf(known.id()) : model.id(token);
    if (id == null) {
      throw new IllegalArgumentException(file + ": has no token " + quote(token) + ".");
    }
    return id;
  }

  /**
   * A token as it is written in the file.
   *
   * @throws IllegalArgumentException if there is none of that number
   */
  public String token(int id) {
    String token = tokens.get(id);
    if (token == null) {
      throw new IllegalArgumentException(file + ": has no token " + id + ".");
    }
    return token;
  }

  /** Whether a token is one that never stands for text. */
  public boolean isSpecial(int id) {
    AddedTokens.Token token = added.byId(id);
    return token != null && token.special();
  }

  /** An exception that says that the type of a part is none of those that are supported. */
  static FileFormatException unsupported(Json part, String supported) {
    String type = part.text("type", "");
    return part.error(
        "is "
            + (type.isEmpty() ? "of a kind" : "a " + quote(type))
            + " that is not supported; what is: "
            + supported);
  }

  /** When a Metaspace puts a space before a text: {@code first}, {@code always}, {@code never}. */
  static String prependScheme(Json json) {
    boolean spaced = json.flag("add_prefix_space", true);
    String scheme = json.text("prepend_scheme", spaced ? "always" : "never");
    if (!List.of("first", "always", "never").contains(scheme)
        || !spaced && !scheme.equals("never")) {
      throw json.error("has a prepend_scheme that is not supported or not in keeping");
    }
    return scheme;
  }
}
