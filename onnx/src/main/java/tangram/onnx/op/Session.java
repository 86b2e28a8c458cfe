package tangram.onnx.op;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import tangram.onnx.ElementType;
import tangram.onnx.OnnxTensor;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Generator;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Where a model's values live: on its device those of types that it has, all others on a CPU. Safe
 * for use by several threads once a model is made.
 */
public final class Session {
  private final Device device;
  private final Device host;
  private final AtomicLong draws = new AtomicLong();
  private final Set<Tensor> persistent = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Tensor, Double> numbers = new IdentityHashMap<>();

  /** Values on a device, and on {@code vector} where the device lacks their type. */
  public Session(Device device) {
    this.device = device;
    this.host = hasAll(device) ? device : Devices.get(Devices.DEFAULT);
  }

  private static boolean hasAll(Device device) {
    for (DType type : DType.values()) {
      if (!device.has(type)) {
        return false;
      }
    }
    return true;
  }

  /** The device that computes what it can. */
  public Device device() {
    return device;
  }

  /** The CPU device for the rest. */
  public Device host() {
    return host;
  }

  /** Where values of a type live. */
  public Device home(ElementType type) {
    return type != ElementType.STRING && device.has(type.storage()) ? device : host;
  }

  /** A generator for one operator: from its seed, or the next of a row. */
  Generator generator(Long seed) {
    return new Generator(seed == null ? draws.incrementAndGet() : seed);
  }

  /** Takes a tensor that lives as long as the model. */
  public OnnxTensor persist(OnnxTensor value) {
    Scope.persist(value.tensor());
    persistent.add(value.tensor());
    return value;
  }

  /** Takes a constant; the number of one is kept on the host too. */
  OnnxTensor constant(OnnxTensor value) {
    if (value.size() == 1 && value.texts() == null) {
      numbers.put(value.tensor(), value.doubles()[0]);
    }
    return persist(value);
  }

  /** The number that a constant holds; null where it is none, or not of one element. */
  Double number(Tensor tensor) {
    return numbers.get(tensor);
  }

  /** Whether a tensor lives as long as the model. */
  public boolean isPersistent(Tensor tensor) {
    return persistent.contains(tensor);
  }

  /** The device, and what lives elsewhere. */
  @Override
  public String toString() {
    if (host == device) {
      return device.name();
    }
    Set<String> elsewhere = new TreeSet<>();
    for (ElementType type : ElementType.values()) {
      if (type.storage() != null && home(type) != device) {
        elsewhere.add(type.toString());
      }
    }
    return device + "; values of types " + elsewhere + ", and operators on them, on " + host;
  }
}
