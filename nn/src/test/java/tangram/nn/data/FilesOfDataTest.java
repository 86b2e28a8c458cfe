package tangram.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

class FilesOfDataTest {
  private final Device device = Devices.get("vector");

  @TempDir private Path folder;

  private interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] idx(int type, int[] dims, Writer data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(0);
    out.write(type);
    out.write(dims.length);
    for (int dim : dims) {
      out.writeInt(dim);
    }
    data.write(out);
    return bytes.toByteArray();
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  private static void assertRefused(String part, Runnable read) {
    String message = assertThrows(DataException.class, read::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void idxOfBytesPackedOrNot() throws IOException {
    byte[] bytes = idx(0x08, new int[] {2, 3}, out -> out.write(new byte[] {0, 1, 2, 3, 4, -1}));
    for (byte[] content : List.of(bytes, packed(bytes))) {
      Tensor array = Idx.read(file("digits", content), device);
      assertEquals(Shape.of(2, 3), array.shape());
      assertArrayEquals(new int[] {0, 1, 2, 3, 4, 255}, array.toInts());
    }
  }

  @Test
  void idxOfOtherTypes() throws IOException {
    Path file = file("a", idx(0x09, new int[] {1}, out -> out.write(-1)));
    assertArrayEquals(new int[] {-1}, Idx.read(file, device).toInts());
    file = file("a", idx(0x0B, new int[] {1}, out -> out.writeShort(-300)));
    assertArrayEquals(new int[] {-300}, Idx.read(file, device).toInts());
    file = file("a", idx(0x0C, new int[] {1}, out -> out.writeInt(1 << 30)));
    assertArrayEquals(new int[] {1 << 30}, Idx.read(file, device).toInts());
    file = file("a", idx(0x0D, new int[] {1}, out -> out.writeFloat(1.5f)));
    assertArrayEquals(new float[] {1.5f}, Idx.read(file, device).toFloats());
    file = file("a", idx(0x0E, new int[] {1}, out -> out.writeDouble(1e-300)));
    Tensor real = Idx.read(file, device);
    assertEquals(DType.F64, real.type());
    assertEquals(1e-300, real.item());
  }

  @Test
  void damagedIdxIsRefused() throws IOException {
    byte[] whole = idx(0x08, new int[] {2, 3}, out -> out.write(new byte[6]));
    for (int length = 0; length < whole.length; length++) {
      Path cut = file("cut", Arrays.copyOf(whole, length));
      assertRefused("cut", () -> Idx.read(cut, device));
    }
    Path longer = file("longer", Arrays.copyOf(whole, whole.length + 1));
    assertRefused("follow", () -> Idx.read(longer, device));
    byte[] zip = packed(whole);
    Path broken = file("broken.gz", Arrays.copyOf(zip, zip.length - 9));
    assertRefused("broken.gz", () -> Idx.read(broken, device));
    Path huge = file("huge", idx(0x08, new int[] {1 << 30, 1 << 30}, out -> {}));
    assertRefused("2 GiB", () -> Idx.read(huge, device));
    Path negative = file("negative", idx(0x08, new int[] {-1}, out -> {}));
    assertRefused("negative", () -> Idx.read(negative, device));
    assertRefused("no such file", () -> Idx.read(folder.resolve("none"), device));
    Path other = file("other.txt", "something else".getBytes());
    assertRefused("not in the format IDX", () -> Idx.read(other, device));
  }

  @Test
  void cifarOfTwoKinds() throws IOException {
    byte[] ten = new byte[2 * 3073];
    ten[3073] = 7;
    ten[3074] = (byte) 255;
    Dataset cifar = Cifar.cifar10(device, file("1.bin", ten), file("2.bin", ten));
    assertEquals(4, cifar.size());
    Tensor[] sample = cifar.get(3);
    assertEquals(Shape.of(3, 32, 32), sample[0].shape());
    assertEquals(1, sample[0].max().item());
    assertEquals(1, sample[0].sum().item());
    assertEquals(7, sample[1].item());
    byte[] hundred = new byte[3074];
    hundred[0] = 3;
    hundred[1] = 77;
    assertEquals(77, Cifar.cifar100(device, file("train.bin", hundred)).get(0)[1].item());
    assertRefused("1.bin", () -> Cifar.cifar100(device, folder.resolve("1.bin")));
    assertRefused("3.bin", () -> Cifar.cifar10(device, folder.resolve("3.bin")));
  }

  private void image(String name, int height, int width, int rgb) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, rgb);
      }
    }
    ImageIO.write(image, "png", file.toFile());
  }

  @Test
  void foldersOfImages() throws IOException {
    image("root/cat/2.png", 4, 6, 0xff0000);
    image("root/cat/more/1.PNG", 8, 8, 0x00ff00);
    image("root/dog/1.png", 4, 4, 0x000033);
    Files.writeString(folder.resolve("root/dog/notes.txt"), "no image");
    ImageFolder images = new ImageFolder(device, folder.resolve("root"));
    assertEquals(List.of("cat", "dog"), images.classes());
    assertEquals(3, images.size());
    Tensor[] first = images.get(0);
    assertEquals(Shape.of(3, 4, 6), first[0].shape());
    assertArrayEquals(new double[] {24, 0, 0}, first[0].sum(1, 2).toDoubles());
    assertEquals(0, first[1].item());
    Tensor[] batch = new DataLoader(images.resize(2, 2), 3).load(0);
    assertEquals(Shape.of(3, 3, 2, 2), batch[0].shape());
    assertArrayEquals(new int[] {0, 0, 1}, batch[1].toInts());
    assertEquals(0.2, batch[0].toFloats()[35], 1e-6);
  }

  @Test
  void foldersWithoutImagesAndDamagedOnesAreRefused() throws IOException {
    assertRefused("none", () -> new ImageFolder(device, folder.resolve("none")));
    Files.createDirectories(folder.resolve("root/cat"));
    assertRefused("no images", () -> new ImageFolder(device, folder.resolve("root")));
    image("root/cat/1.png", 16, 16, 0x123456);
    Path file = folder.resolve("root/cat/1.png");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length - 12; length += 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      ImageFolder images = new ImageFolder(device, folder.resolve("root"));
      assertRefused("1.png", () -> images.get(0));
    }
  }

  @Test
  void textAsNumbers() {
    Characters characters = Characters.of("banana\uD83C\uDF4C");
    assertEquals(4, characters.size());
    int[] numbers = characters.encode("ban\uD83C\uDF4C");
    assertArrayEquals(new int[] {1, 0, 2, 3}, numbers);
    assertEquals("ban\uD83C\uDF4C", characters.decode(numbers));
    assertThrows(IllegalArgumentException.class, () -> characters.encode("x"));
    Dataset windows = new TokenWindows(device.arange(6, DType.I32), 3);
    assertEquals(3, windows.size());
    assertArrayEquals(new int[] {2, 3, 4}, windows.get(2)[0].toInts());
    assertArrayEquals(new int[] {3, 4, 5}, windows.get(2)[1].toInts());
    assertThrows(
        IllegalArgumentException.class, () -> new TokenWindows(device.arange(3, DType.I32), 3));
  }
}
