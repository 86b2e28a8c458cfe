package tangram.onnx.op;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;

/** Pictures of files: BMP, JPEG, PNG and TIFF as the JDK reads them, and binary PGM and PPM. */
final class Pictures {
  /** More than any picture for a network has. */
  private static final long MOST_PIXELS = 1 << 28;

  private Pictures() {}

  static void register(Operators table) {
    table.one("ImageDecoder", Pictures::decode);
  }

  /** Red, green and blue, or one of grey, of each pixel. */
  private record Pixels(int high, int wide, int channels, byte[] values) {
    int at(int pixel, int channel) {
      return values[pixel * channels + (channels == 1 ? 0 : channel)] & 0xff;
    }
  }

  private static OnnxTensor decode(Call c) {
    long[] elements = c.longs(0);
    byte[] bytes = new byte[elements.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) elements[i];
    }
    String format = c.attr("pixel_format", "RGB");
    boolean grey = format.equals("Grayscale");
    if (!grey && !format.equals("RGB") && !format.equals("BGR")) {
      throw c.refuse("pixel_format is RGB, BGR or Grayscale");
    }
    Pixels p = bytes.length > 1 && bytes[0] == 'P' ? portable(c, bytes) : read(c, bytes);
    int channels = grey ? 1 : 3;
    long[] result = new long[p.high * p.wide * channels];
    for (int i = 0; i < result.length; i++) {
      int pixel = i / channels;
      int channel = format.equals("BGR") ? 2 - i % 3 : i % 3;
      // The luma of ITU-R BT.601 in 16 bits.
      result[i] =
          !grey
              ? p.at(pixel, channel)
              : p.at(pixel, 0) * 19595 + p.at(pixel, 1) * 38470 + p.at(pixel, 2) * 7471 + 0x8000
                  >> 16;
    }
    return c.result(ElementType.UINT8, result, p.high, p.wide, channels);
  }

  private static Pixels read(Call c, byte[] bytes) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw c.refuse("a picture is a BMP, JPEG, PNG, TIFF, PGM or PPM");
      }
      ImageReader reader = readers.next();
      reader.setInput(in);
      check((long) reader.getWidth(0) * reader.getHeight(0));
      return pixels(c, reader.read(0));
    } catch (IOException e) {
      throw new IllegalArgumentException("the picture cannot be read: " + e.getMessage(), e);
    }
  }

  private static void check(long pixels) {
    if (pixels < 1 || pixels > MOST_PIXELS) {
      throw new IllegalArgumentException("a picture of " + pixels + " pixels");
    }
  }

  private static Pixels pixels(Call c, BufferedImage image) {
    int high = image.getHeight();
    int wide = image.getWidth();
    Raster raster = image.getRaster();
    if (image.getSampleModel().getSampleSize(0) > 8 || image.getColorModel().hasAlpha()) {
      throw c.refuse("pictures have 8 bits for each colour, and no transparency");
    }
    boolean grey = image.getType() == BufferedImage.TYPE_BYTE_GRAY;
    int channels = grey ? 1 : 3;
    byte[] values = new byte[high * wide * channels];
    for (int i = 0; i < high * wide; i++) {
      int x = i % wide;
      int y = i / wide;
      if (grey) {
        // Not getRGB, which takes grey for linear light.
        values[i] = (byte) raster.getSample(x, y, 0);
      } else {
        int rgb = image.getRGB(x, y);
        values[3 * i] = (byte) (rgb >> 16);
        values[3 * i + 1] = (byte) (rgb >> 8);
        values[3 * i + 2] = (byte) rgb;
      }
    }
    return new Pixels(high, wide, channels, values);
  }

  /** A header of letters and digits, then bytes. */
  private static Pixels portable(Call c, byte[] bytes) {
    if (bytes[1] != '5' && bytes[1] != '6') {
      throw c.refuse("of the portable formats PGM and PPM with binary numbers are read");
    }
    int channels = bytes[1] == '5' ? 1 : 3;
    int[] numbers = new int[3];
    int at = 2;
    for (int k = 0; k < 3; k++) {
      while (at < bytes.length && (Character.isWhitespace(bytes[at]) || bytes[at] == '#')) {
        boolean comment = bytes[at] == '#';
        while (comment && at < bytes.length && bytes[at] != '\n') {
          at++;
        }
        at++;
      }
      for (; at < bytes.length && Character.isDigit(bytes[at]); at++) {
        numbers[k] = Math.min(1 << 20, numbers[k] * 10 + bytes[at] - '0');
      }
    }
    at++;
    check((long) numbers[0] * numbers[1]);
    int size = numbers[0] * numbers[1] * channels;
    if (numbers[2] != 255 || bytes.length - at < size) {
      throw new IllegalArgumentException("the picture is cut short, or not of 255 shades");
    }
    byte[] values = new byte[size];
    System.arraycopy(bytes, at, values, 0, size);
    return new Pixels(numbers[1], numbers[0], channels, values);
  }
}
