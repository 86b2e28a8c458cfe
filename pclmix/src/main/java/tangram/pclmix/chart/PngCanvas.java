package tangram.pclmix.chart;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import tangram.pclmix.picture.PixelFont;
import tangram.pclmix.picture.PngFile;

/**
 * Draws a picture on white, two pixels a unit. Text is drawn with {@link PixelFont}: Java's own
 * needs fonts installed on the machine.
 */
public final class PngCanvas implements Canvas {
  private static final int PIXELS = 2;
  private static final int NORMAL_DOT = 2;
  private static final int TITLE_DOT = 3;

  /** Height of capital letters, dots. */
  private static final int CAPITALS = 7;

  private final BufferedImage picture;
  private final Graphics2D graphics;

  /** Starts an empty picture, its size in units. */
  public PngCanvas(int width, int height) {
    picture = new BufferedImage(width * PIXELS, height * PIXELS, BufferedImage.TYPE_INT_RGB);
    graphics = picture.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    graphics.scale(PIXELS, PIXELS);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  /** What has been drawn; not a copy. */
  BufferedImage picture() {
    return picture;
  }

  /** The picture as the bytes of a PNG file. */
  public byte[] png() {
    return PngFile.bytes(picture);
  }

  @Override
  public void polyline(double[] x, double[] y, Stroke stroke, String tooltip) {
    Path2D path = new Path2D.Double();
    for (int i = 0; i < x.length; i++) {
      if (i == 0) {
        path.moveTo(x[i], y[i]);
      } else {
        path.lineTo(x[i], y[i]);
      }
    }
    use(stroke.paint());
    float width = (float) stroke.width();
    float[] dashes = stroke.dashed() ? new float[] {5, 4} : null;
    graphics.setStroke(
        new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0));
    graphics.draw(path);
  }

  @Override
  public void rectangle(
      double x, double y, double width, double height, Paint paint, String tooltip) {
    use(paint);
    graphics.fill(new Rectangle2D.Double(x, y, width, height));
  }

  @Override
  public void circle(double x, double y, double radius, Paint paint, String tooltip) {
    use(paint);
    graphics.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
  }

  @Override
  public void text(double x, double y, String text, Anchor anchor, Text size, Paint paint) {
    int dot = size == Text.TITLE ? TITLE_DOT : NORMAL_DOT;
    double width = textWidth(text, size);
    double left = anchor == Anchor.START ? x : anchor == Anchor.END ? x - width : x - width / 2;
    int top = (int) Math.round(y * PIXELS) - CAPITALS * dot;
    PixelFont.draw(picture, plain(text), (int) Math.round(left * PIXELS), top, dot, onWhite(paint));
  }

  @Override
  public void textUpwards(double x, double y, String text, Paint paint) {
    String plain = plain(text);
    int length = Math.max(1, PixelFont.width(plain) * NORMAL_DOT);
    int thickness = PixelFont.LINE * NORMAL_DOT;
    BufferedImage flat = new BufferedImage(length, thickness, BufferedImage.TYPE_INT_RGB);
    // Black is what is not written on.
    PixelFont.draw(flat, plain, 0, 0, NORMAL_DOT, 0xFFFFFF);
    int left = (int) Math.round(x * PIXELS) - CAPITALS * NORMAL_DOT;
    int bottom = (int) Math.round(y * PIXELS);
    for (int row = 0; row < thickness; row++) {
      for (int column = 0; column < length; column++) {
        int toX = left + row;
        int toY = bottom - column;
        if ((flat.getRGB(column, row) & 0xFFFFFF) != 0
            && toX >= 0
            && toY >= 0
            && toX < picture.getWidth()
            && toY < picture.getHeight()) {
          picture.setRGB(toX, toY, onWhite(paint));
        }
      }
    }
  }

  @Override
  public double textWidth(String text, Text size) {
    int dot = size == Text.TITLE ? TITLE_DOT : NORMAL_DOT;
    return (double) PixelFont.width(plain(text)) * dot / PIXELS;
  }

  private void use(Paint paint) {
    graphics.setColor(new Color(paint.rgb()));
    graphics.setComposite(AlphaComposite.SrcOver.derive((float) paint.opacity()));
  }

  private static int onWhite(Paint paint) {
    int mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int part = paint.rgb() >> shift & 0xFF;
      mixed |= (int) Math.round(255 + (part - 255) * paint.opacity()) << shift;
    }
    return mixed;
  }

  /** The font has ASCII only. */
  private static String plain(String text) {
    return text.replace("±", "+/-")
        .replace("λ", "lambda")
        .replace('–', '-')
        .replace('−', '-')
        .replace('×', 'x')
        .replace("…", "...");
  }
}
