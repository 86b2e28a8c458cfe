package tangram.nn;

import tangram.tensor.Autograd;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Keys and values of the places that attention has seen, so that a decoder that continues a text
 * computes new places only. One belongs to one layer and one batch; the module that fills it stays
 * as it is, so several threads may decode with one network.
 */
public final class KeyValueCache implements AutoCloseable {
  private final Tensor keys;
  private final Tensor values;
  private int length;

  /**
   * Creates an empty cache.
   *
   * @param heads of keys and values
   * @param capacity most places it can hold
   * @param features of a head
   */
  public KeyValueCache(Device device, int batch, int heads, int capacity, int features) {
    try (Scope persistent = Scope.detached()) {
      keys = device.zeros(batch, heads, capacity, features);
      values = device.zeros(batch, heads, capacity, features);
    }
  }

  /** What attention reads: views of the cache [N, heads, S, E]. */
  public record Entries(Tensor keys, Tensor values) {}

  /** How many places it holds. */
  public int length() {
    return length;
  }

  /** Most places it can hold. */
  public int capacity() {
    return keys.dim(2);
  }

  /** Forgets all places from one on; 0 forgets all. */
  public void truncate(int length) {
    if (length < 0 || length > this.length) {
      throw new IllegalArgumentException(
          "a cache of " + this.length + " places has no first " + length);
    }
    this.length = length;
  }

  /**
   * Adds places.
   *
   * @param key [N, heads, L, E]
   * @param value as the key
   * @return those of all places
   * @throws IllegalStateException if there is no room, or derivatives are recorded, which a cache
   *     would cut
   */
  public Entries append(Tensor key, Tensor value) {
    if (Autograd.isNeeded(key, value)) {
      throw new IllegalStateException(
          "a cache of keys and values has no derivatives; decode in Autograd.noGrad()");
    }
    int added = key.dim(2);
    if (length + added > capacity()) {
      throw new IllegalStateException(
          "a cache for %d places holds %d, so there is no room for %d more"
              .formatted(capacity(), length, added));
    }
    try (Scope scope = Scope.open()) {
      keys.narrow(2, length, added).copyFrom(key);
      values.narrow(2, length, added).copyFrom(value);
    }
    length += added;
    return new Entries(keys.narrow(2, 0, length), values.narrow(2, 0, length));
  }

  @Override
  public void close() {
    keys.close();
    values.close();
  }
}
