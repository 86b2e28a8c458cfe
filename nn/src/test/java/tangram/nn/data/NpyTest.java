package tangram.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

class NpyTest {
  /** {@code numpy.asfortranarray(numpy.arange(6, dtype=">i2").reshape(2, 3))}. */
  private static final String COLUMNS =
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyks"
          + "IH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAD"
          + "AAEABAACAAU=";

  /** {@code numpy.float64(2.5)}. */
  private static final String SCALAR =
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0g"
          + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA"
          + "AAAEQA==";

  /** {@code numpy.array([1, 2**31], dtype="u4")}. */
  private static final String UNSIGNED =
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPHU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwg"
          + "fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAA"
          + "AAAAgA==";

  private final Device device = Devices.get("vector");

  @TempDir private Path folder;

  private Tensor read(String base64) throws IOException {
    return Npy.read(
        Files.write(folder.resolve("a.npy"), Base64.getDecoder().decode(base64)), device);
  }

  @Test
  void whatNumPyWrote() throws IOException {
    Tensor columns = read(COLUMNS);
    assertEquals(Shape.of(2, 3), columns.shape());
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, columns.toInts());
    Tensor scalar = read(SCALAR);
    assertEquals(Shape.of(), scalar.shape());
    assertEquals(DType.F64, scalar.type());
    assertEquals(2.5, scalar.item());
    assertArrayEquals(new long[] {1, 1L << 31}, read(UNSIGNED).toLongs());
  }

  @Test
  void whatWasWrittenIsRead() {
    Path file = folder.resolve("b.npy");
    for (DType type : DType.values()) {
      for (Tensor array :
          new Tensor[] {device.arange(6).reshape(2, 3), device.arange(4), device.arange(1)}) {
        Tensor written = array.to(type);
        Npy.write(written, file);
        Tensor again = Npy.read(file, device);
        assertEquals(type == DType.BF16 ? DType.F32 : type, again.type());
        assertEquals(written.shape(), again.shape());
        assertArrayEquals(
            written.to(DType.F64).toDoubles(), again.to(DType.F64).toDoubles(), type.toString());
      }
    }
  }

  /** As NumPy wrote them, byte by byte. */
  @Test
  void theBytesAreNumPys() throws IOException {
    Path file = folder.resolve("c.npy");
    Npy.write(device.full(2.5, DType.F64, Shape.of()), file);
    assertEquals(SCALAR, Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    byte[] whole = Base64.getDecoder().decode(COLUMNS);
    Path file = folder.resolve("d.npy");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertTrue(refusal(file).contains("d.npy"));
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertTrue(refusal(file).contains("follow"));
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    write(file, text.replace(">i2", "|O8"));
    assertTrue(refusal(file).contains("|O8"), refusal(file));
    write(file, text.replace("(2, 3), }", "(99999, 99999, 9), }").replace(" ".repeat(12), ""));
    assertTrue(refusal(file).contains("d.npy"));
    write(file, text.replace(">i2", ">c8"));
    assertTrue(refusal(file).contains("c8"), refusal(file));
  }

  private static void write(Path file, String text) throws IOException {
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String refusal(Path file) {
    return assertThrows(DataException.class, () -> Npy.read(file, device)).getMessage();
  }
}
