package tangram.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * A part of a network: named parameters (trained), buffers (kept but not trained) and child
 * modules. Names join with dots along the tree, as in PyTorch's {@code state_dict}.
 */
public abstract class Module {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;

  /** Creates an empty module. */
  protected Module() {}

  /** Registers a trained tensor, which from now on belongs to no scope. */
  protected final Tensor parameter(String name, Tensor tensor) {
    tensor.requireGrad();
    putNew(parameters, name, Scope.persist(tensor));
    return tensor;
  }

  /** Registers a tensor that is saved with the model but not trained; it leaves its scope too. */
  protected final Tensor buffer(String name, Tensor tensor) {
    putNew(buffers, name, Scope.persist(tensor));
    return tensor;
  }

  /** Registers a child. */
  protected final <M extends Module> M child(String name, M module) {
    putNew(children, name, module);
    return module;
  }

  /** All parameters of this module and its children, by dotted name, in the order of creation. */
  public final Map<String, Tensor> parameters() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    collect("", all, m -> m.parameters);
    return all;
  }

  /** All buffers of this module and its children, by dotted name. */
  public final Map<String, Tensor> buffers() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    collect("", all, m -> m.buffers);
    return all;
  }

  /** Parameters and buffers: what a file of weights holds. */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>(parameters());
    all.putAll(buffers());
    return all;
  }

  /** Number of trained numbers. */
  public final long parameterCount() {
    return parameters().values().stream().mapToLong(Tensor::size).sum();
  }

  /** Switches this module and its children between training and evaluation. */
  public final void train(boolean on) {
    forEachModule(m -> m.training = on);
  }

  /** Whether the module is being trained: batch statistics and drop-path are active. */
  public boolean isTraining() {
    return training;
  }

  /** Visits this module and its descendants, parents first. */
  public final void forEachModule(Consumer<Module> visitor) {
    visitor.accept(this);
    for (Module child : children.values()) {
      child.forEachModule(visitor);
    }
  }

  /** Sets all gradients to zero. */
  public final void zeroGrad() {
    parameters().values().forEach(Tensor::zeroGrad);
  }

  private interface Part {
    Map<String, Tensor> of(Module module);
  }

  private void collect(String prefix, Map<String, Tensor> into, Part part) {
    part.of(this).forEach((name, tensor) -> into.put(prefix + name, tensor));
    children.forEach((name, child) -> child.collect(prefix + name + ".", into, part));
  }

  private static <T> void putNew(Map<String, T> map, String name, T value) {
    if (map.putIfAbsent(name, value) != null) {
      throw new IllegalArgumentException("there is a '" + name + "' in this module already");
    }
  }
}
