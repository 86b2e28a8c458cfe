package tangram.pclmix.study;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * Scores of others to compare those of {@code crossval} with, from the resource {@code table1.csv}:
 * the paper's Table 1 (Dice in percent, HD95 in mm; rows but PCLMix are copied from other papers),
 * and the scores of the predictions that its authors published for patients 1-20, with all
 * components and with the {@linkplain tangram.pclmix.component.ComponentFilter#ANCHORED anchored}
 * ones.
 */
final class Table1 {
  /** Whose numbers they are. */
  enum Source {
    /** The paper's. */
    PAPER("paper"),
    /** Of the published predictions. */
    PUBLISHED("published, raw"),
    /** Of the published predictions, filtered. */
    PUBLISHED_FILTERED("published, filtered");

    private final String title;

    Source(String title) {
      this.title = title;
    }

    /** The name of its rows. */
    String title() {
      return title;
    }

    /** The name in files. */
    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String RESOURCE = "table1.csv";
  private static final int COLUMNS = 8;
  private static final Map<String, PaperScores> SCORES = read();

  private Table1() {}

  /** The scores of a method. */
  static Optional<PaperScores> of(String method, Source source) {
    return Optional.ofNullable(SCORES.get(method + " " + source.key()));
  }

  private static Map<String, PaperScores> read() {
    Map<String, PaperScores> scores = new HashMap<>();
    CSVFormat form = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (InputStream in = Table1.class.getResourceAsStream(RESOURCE);
        Reader text = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      for (CSVRecord row : form.parse(text)) {
        double[] numbers = new double[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
          String cell = row.get(2 + i);
          numbers[i] = cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
        }
        scores.put(row.get(0) + " " + row.get(1), PaperScores.of(numbers));
      }
      return scores;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
