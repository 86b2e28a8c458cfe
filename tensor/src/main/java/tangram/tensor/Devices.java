package tangram.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;

/** Finds devices by name. A name is {@code kind} or {@code kind:options}. */
public final class Devices {
  /** The device used when the user names none. */
  public static final String DEFAULT = "vector";

  private static final Map<String, Device> OPEN = new ConcurrentHashMap<>();

  private Devices() {}

  /**
   * Returns the device of a name, opened once.
   *
   * @throws DeviceException if there is no such device or it cannot work here
   */
  public static Device get(String name) {
    if (name == null) {
      throw unknown(null);
    }
    return OPEN.computeIfAbsent(name, Devices::open);
  }

  /** The kinds of device present. */
  public static List<String> names() {
    List<String> names = new ArrayList<>();
    for (DeviceProvider provider : ServiceLoader.load(DeviceProvider.class)) {
      names.add(provider.name());
    }
    return names;
  }

  /**
   * What can be opened of a kind: names, each with a line about it.
   *
   * @throws DeviceException if this kind cannot work here; the message says why
   */
  public static Map<String, String> available(String kind) {
    return provider(kind).available();
  }

  private static Device open(String name) {
    int colon = name.indexOf(':');
    String kind = colon < 0 ? name : name.substring(0, colon);
    String options = colon < 0 ? "" : name.substring(colon + 1);
    return provider(kind).open(options);
  }

  private static DeviceProvider provider(String kind) {
    for (DeviceProvider provider : ServiceLoader.load(DeviceProvider.class)) {
      if (provider.name().equals(kind)) {
        return provider;
      }
    }
    throw unknown(kind);
  }

  private static DeviceException unknown(String kind) {
    return new DeviceException(
        "There is no device '" + kind + "'; choose one of " + String.join(", ", names()) + ".");
  }
}
