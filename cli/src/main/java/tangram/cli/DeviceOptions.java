package tangram.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.vector.VectorDevice;

/** Where a command computes. */
final class DeviceOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = Devices.DEFAULT,
      description =
          "Device that computes; the command 'devices' lists them (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of the device 'vector' (default: one a core). Results do not change.")
  private Integer threads;

  /** The device's name. */
  String name() {
    return device;
  }

  /** Checks that no threads were given, where a cluster says how many cores a task has. */
  void requireNoThreads() {
    if (threads != null) {
      throw new ParameterException(
          spec.commandLine(),
          "on a cluster the threads are the cores of a task; set spark.task.cpus in the place of"
              + " --threads.");
    }
  }

  /**
   * The same options for a process that shares the machine with others of its kind.
   *
   * @param jobs number of processes among which the cores are divided, unless threads were given
   */
  List<String> arguments(int jobs) {
    List<String> arguments = new ArrayList<>(List.of("--device", device));
    if (threads != null || jobs > 1) {
      int each = Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
      arguments.addAll(List.of("--threads", Integer.toString(threads != null ? threads : each)));
    }
    return arguments;
  }

  /**
   * Opens the device for a program that somebody works with: a core is left for what is seen,
   * unless threads were given.
   *
   * @throws tangram.tensor.DeviceException if there is no such device or it cannot work
   */
  Device openSharing() {
    if (threads == null) {
      VectorDevice.setThreads(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));
    }
    return open();
  }

  /**
   * Opens the device and tells about defects of the running Java.
   *
   * @throws tangram.tensor.DeviceException if there is no such device or it cannot work
   */
  Device open() {
    String warning = Build.warning(Runtime.version());
    if (warning != null) {
      spec.commandLine().getErr().println("warning: " + warning);
    }
    if (threads != null) {
      if (threads < 1 || threads > 1024) {
        throw new ParameterException(
            spec.commandLine(), "--threads must be from 1 to 1024, not '" + threads + "'.");
      }
      VectorDevice.setThreads(threads);
    }
    return Devices.get(device);
  }
}
