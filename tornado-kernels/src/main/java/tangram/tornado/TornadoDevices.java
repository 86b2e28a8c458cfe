package tangram.tornado;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** The devices that TornadoVM sees. Loaded only where TornadoVM is present. */
final class TornadoDevices {
  /** Most bytes of real numbers on the device; for tests and shared machines. */
  private static final String MEMORY = "tangram.tornado.memory";

  private TornadoDevices() {}

  /** A device and its name, {@code backend:index}. */
  record Entry(String name, TornadoDevice device) {
    String description() {
      return String.format(
          Locale.ROOT,
          "%s, %s, %.1f GiB of memory, arrays up to %.1f GiB",
          device.getPhysicalDevice().getDeviceName().strip(),
          name.substring(0, name.indexOf(':')),
          device.getMaxGlobalMemory() / 0x1p30,
          device.getMaxAllocMemory() / 0x1p30);
    }
  }

  /** All devices, backend by backend: CUDA's own first, which alone has CUDA graphs. */
  static List<Entry> all() {
    TornadoRuntime runtime;
    try {
      runtime = TornadoRuntimeProvider.getTornadoRuntime();
    } catch (RuntimeException | LinkageError e) {
      throw new DeviceException(
          "TornadoVM does not start: " + e + "; start through bin/pclmix with TORNADOVM_HOME set.");
    }
    List<Entry> entries = new ArrayList<>();
    for (int b = 0; b < runtime.getNumBackends(); b++) {
      TornadoBackend backend = runtime.getBackend(b);
      String name = backend.getBackendType().name().toLowerCase(Locale.ROOT);
      for (int d = 0; d < backend.getNumDevices(); d++) {
        entries.add(new Entry(name + ":" + d, backend.getDevice(d)));
      }
    }
    if (entries.isEmpty()) {
      throw new DeviceException(
          "TornadoVM finds no device: install a driver for one of its backends (docs/gpu.md).");
    }
    entries.sort(
        Comparator.comparing(e -> e.device.getTornadoVMBackend() != TornadoVMBackendType.CUDA));
    return entries;
  }

  /** All devices by the name under which users choose them. */
  static Map<String, String> descriptions() {
    Map<String, String> descriptions = new LinkedHashMap<>();
    for (Entry e : all()) {
      descriptions.put("tornado:" + e.name, e.description());
    }
    return descriptions;
  }

  static Device open(String options) {
    List<Entry> entries = all();
    for (Entry e : entries) {
      if (options.isEmpty() || e.name.equals(options)) {
        return tangram.tornado.TornadoDevice.open(
            e.device, "tornado", e.description(), memory(e.device));
      }
    }
    throw new DeviceException(
        "TornadoVM has no device '%s'; choose one of %s."
            .formatted(
                options,
                String.join(", ", entries.stream().map(e -> "tornado:" + e.name).toList())));
  }

  private static long memory(TornadoDevice device) {
    String limit = System.getProperty(MEMORY);
    if (limit == null) {
      return device.getMaxAllocMemory();
    }
    try {
      return Math.min(Long.parseLong(limit), device.getMaxAllocMemory());
    } catch (NumberFormatException e) {
      throw new DeviceException(MEMORY + " must be a number of bytes, not '" + limit + "'.");
    }
  }
}
