package tangram.tensor.contract;

import com.fasterxml.jackson.databind.JsonNode;

/** Named arguments of a call. */
record Arguments(JsonNode node) {
  boolean has(String name) {
    return node.hasNonNull(name);
  }

  int integer(String name) {
    return get(name).asInt();
  }

  double real(String name) {
    return get(name).asDouble();
  }

  boolean flag(String name) {
    return get(name).asBoolean();
  }

  String text(String name) {
    return get(name).asText();
  }

  int[] integers(String name) {
    int[] values = new int[get(name).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(name).get(i).asInt();
    }
    return values;
  }

  double[] reals(String name) {
    return RandomProgram.numbers(get(name));
  }

  private JsonNode get(String name) {
    if (!has(name)) {
      throw new IllegalArgumentException("no argument " + name + " in " + node);
    }
    return node.get(name);
  }
}
