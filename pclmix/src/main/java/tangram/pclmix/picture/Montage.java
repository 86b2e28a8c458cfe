package tangram.pclmix.picture;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tangram.nn.AtomicFile;
import tangram.pclmix.data.Labels;

/**
 * Rows of panels with captions and a legend of the classes, written as one PNG:
 *
 * <pre>{@code
 * Montage montage = new Montage(Labels.HEART, 192, "image", "scribble", "prediction", "truth");
 * montage.row(
 *     "patient 3, slice 4: Dice 0.87",
 *     Panel.grey(image, 64, 64),
 *     Panel.scribble(image, scribble, 64, 64),
 *     Panel.segmentation(image, prediction, 64, 64),
 *     Panel.segmentation(image, truth, 64, 64));
 * montage.write(Path.of("slices.png"));
 * }</pre>
 *
 * <p>Small images are enlarged by whole factors, so that every pixel stays a square. The file also
 * tells where its panels lie, so that {@link MontageParts} can take it apart again.
 */
public final class Montage {
  private static final int GAP = 6;
  private static final int PAPER = 0xFFFFFF;
  private static final int INK = 0x202020;
  private static final int TEXT_SCALE = 2;

  /** A caption above the row, empty for none; captions of the panels, or no list of any. */
  private record Row(String caption, List<String> captions, List<Panel> panels) {}

  private final Labels labels;
  private final int panelSize;
  private final List<String> columns;
  private final List<Row> rows = new ArrayList<>();
  private final List<MontageParts.Place> places = new ArrayList<>();

  /**
   * Starts an empty montage.
   *
   * @param labels what the classes are
   * @param panelSize the longer side up to which small images are enlarged, pixels
   * @param columns one caption a column, all of them empty for none
   * @throws IllegalArgumentException if the panel size is not positive or there is no column
   */
  public Montage(Labels labels, int panelSize, String... columns) {
    if (panelSize <= 0 || columns.length == 0) {
      throw new IllegalArgumentException("a montage needs a positive panel size and a column");
    }
    this.labels = labels;
    this.panelSize = panelSize;
    this.columns = List.of(columns);
  }

  /**
   * Adds a row below those that are there.
   *
   * @param caption one line above the row; empty for none
   * @throws IllegalArgumentException if there are not as many panels as columns
   */
  public Montage row(String caption, Panel... panels) {
    if (panels.length != columns.size()) {
      throw new IllegalArgumentException(
          "a row needs " + columns.size() + " panels, got " + panels.length);
    }
    rows.add(new Row(caption, List.of(), List.of(panels)));
    return this;
  }

  /**
   * Adds panels with a caption each below the rows that are there, as many rows as they need.
   *
   * @param caption one line above them all; empty for none
   * @throws IllegalArgumentException if there are not as many captions as panels, or none
   */
  public Montage grid(String caption, List<String> captions, List<Panel> panels) {
    if (captions.size() != panels.size() || panels.isEmpty()) {
      throw new IllegalArgumentException(
          captions.size() + " captions for " + panels.size() + " panels");
    }
    for (int from = 0; from < panels.size(); from += columns.size()) {
      int to = Math.min(panels.size(), from + columns.size());
      rows.add(
          new Row(
              from == 0 ? caption : "",
              List.copyOf(captions.subList(from, to)),
              List.copyOf(panels.subList(from, to))));
    }
    return this;
  }

  /** Draws everything added so far. */
  BufferedImage draw() {
    int line = PixelFont.LINE * TEXT_SCALE;
    int cell = cellWidth();
    int width = columns.size() * (cell + GAP) + GAP;
    boolean headed = columns.stream().anyMatch(column -> !column.isEmpty());
    int height = GAP + (headed ? line : 0) + GAP + line;
    for (Row row : rows) {
      width = Math.max(width, textWidth(row.caption()) + 2 * GAP);
      height += (row.caption().isEmpty() ? 0 : line) + rowHeight(row) + GAP;
      height += row.captions().isEmpty() ? 0 : line;
    }
    width = Math.max(width, legendWidth() + 2 * GAP);
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    fill(picture, 0, 0, width, height, PAPER);
    places.clear();
    int y = GAP;
    for (int i = 0; i < columns.size(); i++) {
      text(picture, columns.get(i), GAP + i * (cell + GAP), y);
    }
    y += headed ? line : 0;
    for (Row row : rows) {
      if (!row.caption().isEmpty()) {
        text(picture, row.caption(), GAP, y);
        y += line;
      }
      for (int i = 0; i < row.captions().size(); i++) {
        text(picture, row.captions().get(i), GAP + i * (cell + GAP), y);
      }
      y += row.captions().isEmpty() ? 0 : line;
      for (int i = 0; i < row.panels().size(); i++) {
        Panel panel = row.panels().get(i);
        panel.draw(picture, labels, GAP + i * (cell + GAP), y, scale(panel));
        places.add(
            new MontageParts.Place(
                GAP + i * (cell + GAP),
                y,
                panel.width(),
                panel.height(),
                scale(panel),
                row.caption(),
                row.captions().isEmpty() ? columns.get(i) : row.captions().get(i)));
      }
      y += rowHeight(row) + GAP;
    }
    legend(picture, y);
    return picture;
  }

  /**
   * The montage as the bytes of a PNG file, for embedding.
   *
   * @throws IllegalArgumentException if a panel has a label that is no class
   */
  public byte[] png() {
    return MontageParts.index(PngFile.bytes(draw()), places);
  }

  /**
   * Writes the montage as a PNG file, replacing what the file held; makes the folder if need be.
   *
   * @throws tangram.nn.FileWriteException if the file cannot be written
   * @throws IllegalArgumentException if a panel has a label that is no class
   */
  public void write(Path file) {
    AtomicFile.write(file, png());
  }

  private int scale(Panel panel) {
    return Math.max(1, panelSize / Math.max(panel.height(), panel.width()));
  }

  private int cellWidth() {
    int cell = panelSize;
    for (String column : columns) {
      cell = Math.max(cell, textWidth(column));
    }
    for (Row row : rows) {
      for (String caption : row.captions()) {
        cell = Math.max(cell, textWidth(caption));
      }
      for (Panel panel : row.panels()) {
        cell = Math.max(cell, panel.width() * scale(panel));
      }
    }
    return cell;
  }

  private int rowHeight(Row row) {
    int height = 0;
    for (Panel panel : row.panels()) {
      height = Math.max(height, panel.height() * scale(panel));
    }
    return height;
  }

  private static int textWidth(String text) {
    return PixelFont.width(text) * TEXT_SCALE;
  }

  private static void text(BufferedImage picture, String text, int x, int y) {
    PixelFont.draw(picture, text, x, y, TEXT_SCALE, INK);
  }

  private int legendEntry(int kind) {
    return PixelFont.LINE * TEXT_SCALE + textWidth(labels.name(kind)) + 2 * GAP;
  }

  /** The foreground first; background is coloured in scribbles only. */
  private int[] legendKinds() {
    boolean background =
        rows.stream().flatMap(row -> row.panels().stream()).anyMatch(Panel::coloursBackground);
    return IntStream.rangeClosed(1, labels.count() - (background ? 0 : 1))
        .map(i -> i % labels.count())
        .toArray();
  }

  private int legendWidth() {
    int width = 0;
    for (int kind : legendKinds()) {
      width += legendEntry(kind);
    }
    return width;
  }

  private void legend(BufferedImage picture, int y) {
    int x = GAP;
    int box = 7 * TEXT_SCALE;
    for (int kind : legendKinds()) {
      fill(picture, x, y, box, box, labels.colour(kind));
      text(picture, labels.name(kind), x + PixelFont.LINE * TEXT_SCALE, y);
      x += legendEntry(kind);
    }
  }

  private static void fill(BufferedImage picture, int x, int y, int width, int height, int rgb) {
    for (int row = y; row < y + height; row++) {
      for (int column = x; column < x + width; column++) {
        picture.setRGB(column, row, rgb);
      }
    }
  }
}
