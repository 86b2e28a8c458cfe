package tangram.tensor.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.Devices;

/** Use on the class path, where nobody adds the module of the Vector API. */
class ClassPathTest {
  /** What the other process runs. */
  static final class Program {
    private Program() {}

    /** Opens the device in one of several ways and prints what it says. */
    public static void main(String[] arguments) {
      try {
        switch (arguments[0]) {
          case "get" -> System.out.println(Devices.get("vector").zeros(2));
          case "available" -> System.out.println(Devices.available("vector"));
          case "new" -> System.out.println(new VectorDevice());
          case "peak" -> System.out.println(VectorDevice.peakFlops());
          default -> {
            Device reference = Devices.get("reference");
            System.out.println(Devices.names() + " " + reference.zeros(2));
          }
        }
      } catch (DeviceException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static String run(String way, String... options)
      throws IOException, InterruptedException, URISyntaxException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp",
            place(VectorDevice.class) + File.pathSeparator + place(Program.class),
            Program.class.getName(),
            way));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  private static Path place(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "available", "new", "peak"})
  void withoutTheModuleASentenceNamesTheOption(String way) throws Exception {
    String output = run(way);
    assertTrue(output.contains("--add-modules jdk.incubator.vector"), output);
    assertEquals(1, output.lines().count(), output);
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "reference"})
  void withItTheDeviceWorks(String way) throws Exception {
    String output = run(way, "--add-modules", "jdk.incubator.vector");
    assertTrue(output.contains("[0. 0.]"), output);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference"})
  void theReferenceNeedsNoModule(String way) throws Exception {
    String output = run(way);
    assertTrue(output.contains("vector") && output.contains("[0. 0.]"), output);
  }
}
