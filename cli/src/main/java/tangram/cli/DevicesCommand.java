package tangram.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import tangram.tensor.DeviceException;
import tangram.tensor.Devices;

/** Lists devices. */
@Command(
    name = "devices",
    description = "Lists the devices that can compute.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class DevicesCommand implements Callable<Integer> {
  private final Terminal terminal;

  DevicesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PrintWriter out = terminal.out();
    for (String name : Devices.names()) {
      String text;
      try {
        text = Devices.get(name).description();
      } catch (DeviceException e) {
        text = "cannot work here: " + e.getMessage();
      }
      out.printf(
          Locale.ROOT,
          "%-10s  %s%s%n",
          name,
          text,
          name.equals(Devices.DEFAULT) ? " (default)" : "");
    }
    return 0;
  }
}
