package tangram.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tangram.nn.console.Terminal;
import tangram.tensor.DeviceException;
import tangram.tensor.Devices;

/** Lists devices. */
@Command(
    name = "devices",
    description = "Lists the devices that can compute.",
    mixinStandardHelpOptions = true,
    versionProvider = Program.Version.class)
final class DevicesCommand implements Callable<Integer> {
  private final Terminal terminal;

  DevicesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PrintWriter out = terminal.out();
    for (String name : Devices.names()) {
      Map<String, String> available;
      try {
        available = Devices.available(name);
      } catch (DeviceException e) {
        available = Map.of(name, "cannot work here: " + e.getMessage());
      }
      available.forEach(
          (choice, text) ->
              out.printf(
                  Locale.ROOT,
                  "%-17s  %s%s%n",
                  choice,
                  text,
                  choice.equals(Devices.DEFAULT) ? " (default)" : ""));
    }
    return 0;
  }
}
