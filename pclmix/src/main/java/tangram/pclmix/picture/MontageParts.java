package tangram.pclmix.picture;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import tangram.nn.FileFormatException;
import tangram.pclmix.file.TextFile;

/**
 * Takes the file of a {@link Montage} apart into its panels, each at the size of its image. Where
 * they lie is recorded in the file, in a text chunk (iTXt) that viewers skip.
 */
public final class MontageParts {
  private static final String KEYWORD = "pclmix-panels";
  private static final int SIGNATURE = 8;

  /** Length, type and checksum of a chunk. */
  private static final int CHUNK = 12;

  /** Signature and header chunk: what every PNG file begins with. */
  private static final int HEAD = SIGNATURE + CHUNK + 13;

  private static final long PNG = 0x89504E470D0A1A0AL;

  /** Far more than any montage has. */
  private static final int MAX_BYTES = 1 << 28;

  private static final long MAX_PIXELS = 1 << 27;

  /** A panel within a montage: size in pixels of its image, each a square of {@code scale}. */
  record Place(int x, int y, int width, int height, int scale, String row, String column) {}

  /**
   * A panel.
   *
   * @param row the caption of its row
   * @param column its own caption
   * @param png a PNG file of it
   */
  public record Part(String row, String column, byte[] png) {}

  private MontageParts() {}

  /** A PNG file that also tells where its panels lie. */
  static byte[] index(byte[] png, List<Place> places) {
    StringBuilder text = new StringBuilder();
    for (Place p : places) {
      text.append(p.x()).append(' ').append(p.y()).append(' ').append(p.width()).append(' ');
      text.append(p.height()).append(' ').append(p.scale()).append('\t');
      text.append(plain(p.row())).append('\t').append(plain(p.column())).append('\n');
    }
    // Keyword, not compressed, no language, no translated keyword.
    byte[] body = (KEYWORD + "\0\0\0\0\0" + text).getBytes(StandardCharsets.UTF_8);
    byte[] typed = new byte[4 + body.length];
    System.arraycopy("iTXt".getBytes(StandardCharsets.US_ASCII), 0, typed, 0, 4);
    System.arraycopy(body, 0, typed, 4, body.length);
    CRC32 checksum = new CRC32();
    checksum.update(typed);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(png.length + typed.length + CHUNK);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.write(png, 0, HEAD);
      out.writeInt(body.length);
      out.write(typed);
      out.writeInt((int) checksum.getValue());
      out.write(png, HEAD, png.length - HEAD);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }

  /**
   * Reads a montage.
   *
   * @return its panels, row by row; none if the file does not tell where they are
   * @throws FileFormatException if it is no such file, or damaged
   */
  public static List<Part> read(Path file) {
    try {
      byte[] bytes = TextFile.bytes(file, MAX_BYTES, "restore it or remove it");
      if (bytes.length < HEAD || ByteBuffer.wrap(bytes).getLong() != PNG) {
        throw damaged(file, "it is no PNG file", null);
      }
      List<Place> places = places(bytes);
      return places.isEmpty() ? List.of() : cut(file, picture(file, bytes), places);
    } catch (IOException | RuntimeException e) {
      if (e instanceof FileFormatException) {
        throw (FileFormatException) e;
      }
      // Whatever a damaged file makes the library throw.
      throw damaged(file, "it cannot be read", e);
    }
  }

  private static BufferedImage picture(Path file, byte[] bytes) throws IOException {
    ByteBuffer head = ByteBuffer.wrap(bytes, SIGNATURE + 8, 8);
    if ((head.getInt() & 0xFFFFFFFFL) * (head.getInt() & 0xFFFFFFFFL) > MAX_PIXELS) {
      throw damaged(file, "it is larger than any montage", null);
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      reader.setInput(in, true, true);
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }

  private static List<Place> places(byte[] bytes) {
    String start = KEYWORD + "\0\0\0\0\0";
    ByteBuffer file = ByteBuffer.wrap(bytes);
    for (int at = SIGNATURE; at + CHUNK <= bytes.length; ) {
      int length = file.getInt(at);
      if (length < 0 || length > bytes.length - at - CHUNK) {
        return List.of();
      }
      if (file.getInt(at + 4) == 0x69545874) {
        String text = new String(bytes, at + 8, length, StandardCharsets.UTF_8);
        if (text.startsWith(start)) {
          return parse(text.substring(start.length()));
        }
      }
      at += length + CHUNK;
    }
    return List.of();
  }

  private static List<Place> parse(String text) {
    List<Place> places = new ArrayList<>();
    for (String line : text.split("\n")) {
      String[] parts = line.split("\t", -1);
      String[] numbers = parts[0].split(" ");
      int[] n = new int[numbers.length];
      for (int i = 0; i < n.length; i++) {
        n[i] = Integer.parseInt(numbers[i]);
      }
      places.add(new Place(n[0], n[1], n[2], n[3], n[4], parts[1], parts[2]));
    }
    return places;
  }

  private static List<Part> cut(Path file, BufferedImage whole, List<Place> places) {
    List<Part> parts = new ArrayList<>();
    for (Place p : places) {
      if (p.x() < 0
          || p.y() < 0
          || p.scale() < 1
          || p.width() < 1
          || p.height() < 1
          || p.x() + (long) p.width() * p.scale() > whole.getWidth()
          || p.y() + (long) p.height() * p.scale() > whole.getHeight()) {
        throw damaged(file, "a panel lies outside of it", null);
      }
      BufferedImage panel = new BufferedImage(p.width(), p.height(), BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < p.height(); y++) {
        for (int x = 0; x < p.width(); x++) {
          panel.setRGB(x, y, whole.getRGB(p.x() + x * p.scale(), p.y() + y * p.scale()));
        }
      }
      parts.add(new Part(p.row(), p.column(), PngFile.bytes(panel)));
    }
    return parts;
  }

  private static FileFormatException damaged(Path file, String what, Throwable cause) {
    return new FileFormatException(
        file + ": is not a picture of this program, " + what + "; remove or restore it.", cause);
  }
}
