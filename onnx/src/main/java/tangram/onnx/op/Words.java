package tangram.onnx.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxData;
import tangram.onnx.OnnxTensor;
import tangram.tensor.op.MapOp;

/** Operators on texts, on the host. */
final class Words {
  private Words() {}

  static void register(Operators table) {
    table.one("StringNormalizer", Words::normalize);
    table.one("StringConcat", Words::concat);
    table.put("StringSplit", Words::split);
    table.one("RegexFullMatch", Words::matches);
    table.one("TfIdfVectorizer", Words::frequencies);
  }

  private static OnnxTensor normalize(Call c) {
    OnnxTensor x = c.in(0);
    int[] dims = x.dims();
    if (dims.length == 0 || dims.length > 2 || (dims.length == 2 && dims[0] != 1)) {
      throw new IllegalArgumentException(
          "texts of shape " + Arrays.toString(dims) + ", not [C] or [1, C]");
    }
    Locale locale = Locale.forLanguageTag(c.attr("locale", "en_US").replace('_', '-'));
    boolean sensitive = c.flag("is_case_sensitive");
    UnaryOperator<String> plain = s -> sensitive ? s : s.toLowerCase(locale);
    String[] stops = c.attrTexts("stopwords");
    Set<String> stopped =
        stops == null
            ? Set.of()
            : Arrays.stream(stops).map(plain).collect(Collectors.toCollection(TreeSet::new));
    UnaryOperator<String> change =
        switch (c.attr("case_change_action", "NONE")) {
          case "NONE" -> s -> s;
          case "LOWER" -> s -> s.toLowerCase(locale);
          case "UPPER" -> s -> s.toUpperCase(locale);
          default -> throw c.refuse("case_change_action is NONE, LOWER or UPPER");
        };
    List<String> kept = new ArrayList<>();
    for (String text : x.strings()) {
      if (!stopped.contains(plain.apply(text))) {
        kept.add(change.apply(text));
      }
    }
    if (kept.isEmpty()) {
      kept.add("");
    }
    String[] result = kept.toArray(String[]::new);
    return dims.length == 1
        ? Texts.of(c, result, result.length)
        : Texts.of(c, result, 1, result.length);
  }

  private static OnnxTensor concat(Call c) {
    int[] dims = MapOp.broadcast("StringConcat", c.t(0), c.t(1)).dims();
    String[] a = c.like(0, c.t(0).expand(dims)).strings();
    String[] b = c.like(1, c.t(1).expand(dims)).strings();
    String[] joined = new String[a.length];
    Arrays.setAll(joined, i -> a[i] + b[i]);
    return Texts.of(c, joined, dims);
  }

  /** Parts of a text, at a delimiter or at white space; the last holds the rest. */
  private static List<String> parts(String text, String delimiter, long most) {
    if (delimiter.isEmpty()) {
      String rest = text.strip();
      return rest.isEmpty() ? List.of() : pieces(rest, Pattern.compile("\\s+"), most);
    }
    return text.isEmpty()
        ? List.of()
        : pieces(text, Pattern.compile(Pattern.quote(delimiter)), most);
  }

  private static List<String> pieces(String text, Pattern delimiter, long most) {
    // A limit of 0 would drop empty parts at the end.
    int limit = most < 0 ? -1 : (int) Math.min(Integer.MAX_VALUE, most + 1);
    return List.of(delimiter.split(text, limit));
  }

  private static OnnxData[] split(Call c) {
    String delimiter = c.attr("delimiter", "");
    long most = c.hasAttribute("maxsplit") ? c.attr("maxsplit", 0) : -1;
    String[] texts = c.in(0).strings();
    List<List<String>> all = new ArrayList<>();
    int widest = 0;
    for (String text : texts) {
      all.add(parts(text, delimiter, most));
      widest = Math.max(widest, all.get(all.size() - 1).size());
    }
    String[] flat = new String[texts.length * widest];
    Arrays.fill(flat, "");
    long[] counts = new long[texts.length];
    for (int i = 0; i < texts.length; i++) {
      counts[i] = all.get(i).size();
      for (int k = 0; k < counts[i]; k++) {
        flat[i * widest + k] = all.get(i).get(k);
      }
    }
    int[] dims = c.in(0).dims();
    int[] wider = Arrays.copyOf(dims, dims.length + 1);
    wider[dims.length] = widest;
    return new OnnxData[] {Texts.of(c, flat, wider), c.result(ElementType.INT64, counts, dims)};
  }

  private static OnnxTensor matches(Call c) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(c.attr("pattern", ""));
    } catch (PatternSyntaxException e) {
      throw c.refuse("the pattern is none of java.util.regex: " + e.getDescription());
    }
    String[] texts = c.in(0).strings();
    long[] result = new long[texts.length];
    Arrays.setAll(result, i -> pattern.matcher(texts[i]).matches() ? 1 : 0);
    return c.result(ElementType.BOOL, result, c.in(0).dims());
  }

  /** How often runs of words occur, where up to some words may lie between two of them. */
  private static OnnxTensor frequencies(Call c) {
    OnnxTensor x = c.in(0);
    int[] dims = x.dims();
    int shortest = c.attr("min_gram_length");
    int longest = c.attr("max_gram_length");
    int skips = c.attr("max_skip_count");
    long[] columns = c.attrLongs("ngram_indexes");
    int width = (int) Arrays.stream(columns).max().orElse(-1) + 1;
    Map<List<Object>, Integer> known = grams(c, columns);
    Object[] words = x.texts() != null ? x.strings() : Arrays.stream(x.longs()).boxed().toArray();
    int rows = dims.length == 2 ? dims[0] : 1;
    int length = rows == 0 ? 0 : words.length / rows;
    double[] counts = new double[rows * width];
    for (int row = 0; row < rows; row++) {
      List<Object> line = Arrays.asList(words).subList(row * length, (row + 1) * length);
      for (int n = shortest; n <= longest; n++) {
        // One word has nothing between.
        for (int step = 1; step <= (n == 1 ? 1 : skips + 1); step++) {
          for (int start = 0; start + (n - 1) * step < length; start++) {
            List<Object> gram = new ArrayList<>();
            for (int k = 0; k < n; k++) {
              gram.add(line.get(start + k * step));
            }
            Integer column = known.get(gram);
            if (column != null) {
              counts[row * width + column]++;
            }
          }
        }
      }
    }
    weigh(c, counts, columns, width);
    int[] result = dims.length == 2 ? new int[] {rows, width} : new int[] {width};
    return c.result(ElementType.FLOAT, counts, result);
  }

  /** The columns of all runs of words. */
  private static Map<List<Object>, Integer> grams(Call c, long[] columns) {
    String[] texts = c.attrTexts("pool_strings");
    Object[] pool =
        texts != null ? texts : Arrays.stream(c.attrLongs("pool_int64s")).boxed().toArray();
    int[] starts = c.attrInts("ngram_counts");
    Map<List<Object>, Integer> known = new HashMap<>();
    int number = 0;
    for (int n = 1; n <= starts.length; n++) {
      int end = n < starts.length ? starts[n] : pool.length;
      for (int at = starts[n - 1]; at + n <= end; at += n) {
        known.put(List.of(Arrays.copyOfRange(pool, at, at + n)), (int) columns[number++]);
      }
    }
    return known;
  }

  private static void weigh(Call c, double[] counts, long[] columns, int width) {
    float[] weights = c.attrFloats("weights");
    String mode = c.attr("mode", "");
    double[] each = new double[width];
    Arrays.fill(each, 1);
    for (int i = 0; weights != null && i < weights.length; i++) {
      each[(int) columns[i]] = weights[i];
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] =
          switch (mode) {
            case "TF" -> counts[i];
            case "IDF" -> counts[i] > 0 ? each[i % width] : 0;
            case "TFIDF" -> counts[i] * each[i % width];
            default -> throw c.refuse("mode is TF, IDF or TFIDF");
          };
    }
  }
}
