package tangram.nn.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.op.ResizeOptions;

/**
 * Images in folders, one folder a class: {@code root/cat/1.png}, {@code root/dog/7.jpg}. A sample
 * is an image [3, height, width] of red, green and blue from 0 to 1, and the number of its class,
 * in alphabetical order. Files are read when they are asked for, by Java's ImageIO.
 */
public final class ImageFolder implements Dataset {
  private static final Set<String> SUFFIXES =
      Set.of("png", "jpg", "jpeg", "bmp", "gif", "tif", "tiff", "wbmp");

  /** More than any photograph has; what a damaged file may declare. */
  private static final long MOST_PIXELS = 1L << 28;

  private record Entry(Path file, int label) {}

  private final Device device;
  private final List<String> classes = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private int[] size;

  /**
   * Lists the images below a folder.
   *
   * @throws DataException if there are none
   */
  public ImageFolder(Device device, Path root) {
    this.device = device;
    for (Path folder : children(root)) {
      if (Files.isDirectory(folder)) {
        classes.add(folder.getFileName().toString());
        add(folder, classes.size() - 1);
      }
    }
    if (entries.isEmpty()) {
      throw new DataException(
          root + ": holds no images in folders of their classes; check the path.");
    }
  }

  /** Resizes all images, so that they can make batches: bilinearly, smoothed where they shrink. */
  public ImageFolder resize(int height, int width) {
    size = new int[] {height, width};
    return this;
  }

  /** The names of the classes, by number. */
  public List<String> classes() {
    return List.copyOf(classes);
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public Tensor[] get(int index) {
    Entry entry = entries.get(index);
    Tensor image = read(entry.file);
    if (size != null) {
      ResizeOptions smooth = ResizeOptions.LINEAR.withAntialias();
      image = image.unsqueeze(0).interpolate(smooth, size).squeeze(0);
    }
    return new Tensor[] {image, device.tensor(new int[] {entry.label}).view(Shape.of())};
  }

  private void add(Path folder, int label) {
    for (Path file : children(folder)) {
      if (Files.isDirectory(file)) {
        add(file, label);
      } else if (SUFFIXES.contains(suffix(file))) {
        entries.add(new Entry(file, label));
      }
    }
  }

  private static String suffix(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.filter(p -> !p.getFileName().toString().startsWith(".")).sorted().toList();
    } catch (IOException e) {
      throw new DataException(folder + ": is no folder that can be read; check the path.", e);
    }
  }

  private Tensor read(Path file) {
    BufferedImage image;
    try (InputStream bytes = Files.newInputStream(file);
        ImageInputStream in = ImageIO.createImageInputStream(bytes)) {
      image = decode(file, in);
    } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException e) {
      // ImageIO's readers throw these of damaged files.
      throw new DataException(file + ": is no image that can be read; remove or replace it.", e);
    }
    int h = image.getHeight();
    int w = image.getWidth();
    int[] argb = image.getRGB(0, 0, w, h, null, 0, w);
    float[] values = new float[3 * h * w];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < argb.length; i++) {
        values[c * argb.length + i] = (argb[i] >> (16 - 8 * c) & 0xff) / 255f;
      }
    }
    return device.tensor(values, 3, h, w);
  }

  private static BufferedImage decode(Path file, ImageInputStream in) throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
    if (!readers.hasNext()) {
      throw new IOException("of no known format");
    }
    ImageReader reader = readers.next();
    try {
      reader.setInput(in);
      if ((long) reader.getWidth(0) * reader.getHeight(0) > MOST_PIXELS) {
        throw new DataException(
            "%s: declares %d x %d pixels, more than can be read; make it smaller."
                .formatted(file, reader.getWidth(0), reader.getHeight(0)));
      }
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }
}
