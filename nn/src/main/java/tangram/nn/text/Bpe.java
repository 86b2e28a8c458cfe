package tangram.nn.text;

import static tangram.nn.FileFormatException.quote;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tangram.nn.json.Json;

/**
 * Byte-pair encoding (Sennrich et al. 2016): a word begins as its characters, and of all neighbours
 * that merge, those of the lowest rank do, from left to right, until none are left.
 */
final class Bpe {
  /** How many words are remembered. */
  private static final int CACHED_WORDS = 1 << 14;

  /** The longest word that is remembered, in characters. */
  private static final int CACHED_LENGTH = 64;

  private static final int BYTES = 256;
  private static final int NONE = -1;

  private final Json json;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Integer, String> tokens = new HashMap<>();
  private final Pairs merges;
  private final int unknown;
  private final boolean fuseUnknown;
  private final boolean wholeWords;
  private final int[] byteTokens;
  private final Map<String, int[]> cache = new ConcurrentHashMap<>();

  Bpe(Json json) {
    this.json = json;
    boolean merges = json.has("merges") && json.has("vocab");
    if (!json.text("type", merges ? "BPE" : "of another kind").equals("BPE")) {
      throw Tokenizer.unsupported(json, "BPE");
    }
    json.only(
        "type",
        "dropout",
        "unk_token",
        "continuing_subword_prefix",
        "end_of_word_suffix",
        "fuse_unk",
        "byte_fallback",
        "ignore_merges",
        "vocab",
        "merges");
    if (json.number("dropout", 0) != 0) {
      throw json.get("dropout").error("drops merges at random, which is not supported");
    }
    for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      if (!json.text(affix, "").isEmpty()) {
        throw json.get(affix).error("is a mark of parts of words, which is not supported");
      }
    }
    json.get("vocab")
        .members(
            (token, id) -> {
              ids.put(token, id.integer(0));
              if (tokens.put(id.integer(0), token) != null) {
                throw id.error("has an identifier that another token has");
              }
            });
    this.merges = readMerges(json.get("merges").list());
    unknown = unknown(json.get("unk_token"));
    fuseUnknown = json.flag("fuse_unk", false);
    wholeWords = json.flag("ignore_merges", false);
    byteTokens = json.flag("byte_fallback", false) ? byteTokens() : null;
  }

  private Pairs readMerges(List<Json> list) {
    Pairs pairs = new Pairs(list.size());
    for (int rank = 0; rank < list.size(); rank++) {
      Json merge = list.get(rank);
      String[] parts;
      if (merge.isList()) {
        parts = merge.list().stream().map(Json::text).toArray(String[]::new);
      } else {
        parts = merge.text().split(" ", -1);
      }
      if (parts.length != 2) {
        throw merge.error("should be two tokens");
      }
      int left = known(merge, parts[0]);
      int right = known(merge, parts[1]);
      pairs.put(left, right, rank, known(merge, parts[0] + parts[1]));
    }
    return pairs;
  }

  private int unknown(Json token) {
    return token.isNull() ? NONE : known(token, token.text());
  }

  private int known(Json json, String token) {
    Integer id = ids.get(token);
    if (id == null) {
      throw json.error("needs " + quote(token) + ", which the vocabulary lacks");
    }
    return id;
  }

  private int[] byteTokens() {
    int[] result = new int[BYTES];
    for (int b = 0; b < BYTES; b++) {
      result[b] = known(json.get("byte_fallback"), "<0x%02X>".formatted(b));
    }
    return result;
  }

  /** The identifier of a token, or null. */
  Integer id(String token) {
    return ids.get(token);
  }

  /** The tokens by their identifiers. */
  Map<Integer, String> tokens() {
    return tokens;
  }

  /** The tokens of a word. */
  int[] encode(String word) {
    int[] known = cache.get(word);
    if (known != null) {
      return known;
    }
    Integer whole = wholeWords ? ids.get(word) : null;
    int[] encoded = whole == null ? merge(characters(word)) : new int[] {whole};
    if (word.length() <= CACHED_LENGTH && cache.size() < CACHED_WORDS) {
      cache.put(word, encoded);
    }
    return encoded;
  }

  private int[] characters(String word) {
    int[] symbols = new int[byteTokens == null ? word.length() : 3 * word.length()];
    int count = 0;
    boolean fuse = false;
    for (int i = 0; i < word.length(); ) {
      int end = word.offsetByCodePoints(i, 1);
      String character = word.substring(i, end);
      i = end;
      Integer id = ids.get(character);
      if (id != null) {
        symbols[count++] = id;
        fuse = false;
      } else if (byteTokens != null) {
        for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
          symbols[count++] = byteTokens[b & 0xFF];
        }
        fuse = false;
      } else if (unknown == NONE) {
        throw new IllegalArgumentException(
            json.file()
                + ": the vocabulary has neither a token for "
                + quote(character)
                + " nor one for what is unknown; use a text of its characters.");
      } else {
        if (!fuse) {
          symbols[count++] = unknown;
        }
        fuse = fuseUnknown;
      }
    }
    return Arrays.copyOf(symbols, count);
  }

  /** Merges symbols, which are linked; those that a neighbour took up become {@link #NONE}. */
  private int[] merge(int[] symbols) {
    int n = symbols.length;
    int[] next = new int[n];
    int[] previous = new int[n];
    Candidates queue = new Candidates(n);
    for (int i = 0; i < n; i++) {
      previous[i] = i - 1;
      next[i] = i + 1;
      offer(queue, symbols, i, i + 1);
    }
    while (queue.count > 0) {
      long best = queue.remove();
      int left = (int) best;
      int right = symbols[left] == NONE ? n : next[left];
      int slot = right < n ? merges.slot(symbols[left], symbols[right]) : NONE;
      // Where something merged since then, the pair is another.
      if (slot == NONE || !merges.isPresent(slot) || merges.ranks[slot] != best >>> Integer.SIZE) {
        continue;
      }
      symbols[left] = merges.results[slot];
      symbols[right] = NONE;
      next[left] = next[right];
      if (next[right] < n) {
        previous[next[right]] = left;
      }
      if (previous[left] >= 0) {
        offer(queue, symbols, previous[left], left);
      }
      offer(queue, symbols, left, next[left]);
    }
    return Arrays.stream(symbols).filter(id -> id != NONE).toArray();
  }

  private void offer(Candidates queue, int[] symbols, int left, int right) {
    if (right < symbols.length) {
      int slot = merges.slot(symbols[left], symbols[right]);
      if (merges.isPresent(slot)) {
        queue.add((long) merges.ranks[slot] << Integer.SIZE | left);
      }
    }
  }

  /** A heap of ranks and places, the least first. */
  private static final class Candidates {
    private long[] heap;
    private int count;

    Candidates(int expected) {
      heap = new long[expected + 1];
    }

    void add(long value) {
      if (count == heap.length) {
        heap = Arrays.copyOf(heap, 2 * count);
      }
      int at = count++;
      while (at > 0 && heap[at - 1 >> 1] > value) {
        heap[at] = heap[at - 1 >> 1];
        at = at - 1 >> 1;
      }
      heap[at] = value;
    }

    long remove() {
      long least = heap[0];
      long value = heap[--count];
      int at = 0;
      while (2 * at + 1 < count) {
        int child = 2 * at + 1;
        if (child + 1 < count && heap[child + 1] < heap[child]) {
          child++;
        }
        if (heap[child] >= value) {
          break;
        }
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = value;
      return least;
    }
  }

  /** A hash table from two identifiers to the rank of their merge and what they become. */
  private static final class Pairs {
    private final long[] keys;
    private final int[] ranks;
    private final int[] results;

    Pairs(int count) {
      int capacity = Integer.highestOneBit(Math.max(4, count)) * 4;
      keys = new long[capacity];
      ranks = new int[capacity];
      results = new int[capacity];
      Arrays.fill(keys, NONE);
    }

    int slot(int left, int right) {
      long key = (long) left << Integer.SIZE | right;
      long mixed = key * 0x9E3779B97F4A7C15L;
      int slot = (int) (mixed >>> Integer.SIZE) & keys.length - 1;
      while (keys[slot] != key && keys[slot] != NONE) {
        slot = slot + 1 & keys.length - 1;
      }
      return slot;
    }

    /** Of pairs that are there twice the later counts, as in the format's own library. */
    void put(int left, int right, int rank, int result) {
      int slot = slot(left, right);
      keys[slot] = (long) left << Integer.SIZE | right;
      ranks[slot] = rank;
      results[slot] = result;
    }

    boolean isPresent(int slot) {
      return keys[slot] != NONE;
    }
  }
}
