package tangram.nn.model;

import java.util.function.Supplier;
import tangram.nn.json.Json;

/** What readers of configurations share. */
final class Configs {
  private Configs() {}

  /** Refuses another value of an option than the one that is supported. */
  static void require(Json json, String name, boolean supported) {
    if (json.flag(name, supported) != supported) {
      throw json.get(name).error("is " + !supported + ", which is not supported");
    }
  }

  /** Says in which file the numbers are that a configuration refuses. */
  static <T> T checked(Json json, Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw json.error("describes no network: " + e.getMessage());
    }
  }
}
