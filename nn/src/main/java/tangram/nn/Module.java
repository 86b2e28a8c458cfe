package tangram.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tangram.tensor.Generator;
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
  private final Set<String> unused = new HashSet<>();
  private final List<Generator> generators = new ArrayList<>();
  private boolean training = true;

  /** Numbers that a generator of a module may give in one step. */
  private static final int STEP_BITS = 32;

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

  /**
   * Tells that files of other programs have a tensor of this name for such a module, of which there
   * is no use here: it may be in a file of weights, and is not read.
   */
  protected final void unused(String name) {
    unused.add(name);
  }

  /** Makes a generator for what the module draws in training, which {@link #seek} moves. */
  protected final Generator generator(Init init) {
    Generator generator = init.generator();
    generators.add(generator);
    return generator;
  }

  /** Registers a child. */
  protected final <M extends Module> M child(String name, M module) {
    putNew(children, name, module);
    return module;
  }

  /**
   * All parameters of this module and its children, by dotted name, in the order of creation. One
   * that several modules share has the name of the first.
   */
  public final Map<String, Tensor> parameters() {
    Map<String, Tensor> all = allParameters();
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    all.values().removeIf(parameter -> !seen.add(parameter));
    return all;
  }

  private Map<String, Tensor> allParameters() {
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

  /**
   * Parameters and buffers: what a file of weights holds. A parameter that several modules share is
   * there under each of its names, as in PyTorch.
   */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> all = allParameters();
    all.putAll(buffers());
    return all;
  }

  /** Names of tensors that files may have beyond the {@link #state}, and that are not read. */
  public final Set<String> unusedNames() {
    Set<String> all = new HashSet<>();
    modules().forEach((name, m) -> m.unused.forEach(n -> all.add(join(name, n))));
    return all;
  }

  /** This module, whose name is empty, and its descendants by dotted name, parents first. */
  public final Map<String, Module> modules() {
    Map<String, Module> all = new LinkedHashMap<>();
    collectModules("", all);
    return all;
  }

  private void collectModules(String name, Map<String, Module> into) {
    into.put(name, this);
    children.forEach((own, child) -> child.collectModules(join(name, own), into));
  }

  private static String join(String module, String name) {
    return module.isEmpty() ? name : module + "." + name;
  }

  /** Parameters of this module alone, without its children's. */
  final Map<String, Tensor> ownParameters() {
    return parameters;
  }

  /**
   * A table of what the module computes: a line for each operation but those that only move
   * elements, with the module whose parameters it reads, the shape of its result, and how many
   * parameters the module has. It runs once in evaluation and changes nothing.
   *
   * @param forward what is computed; operations before the first parameter are not recorded, unless
   *     an input requires a gradient
   */
  public final String summary(Supplier<Tensor> forward) {
    return Summary.of(this, forward);
  }

  /** Switches to evaluation; returns what puts every module back to what it was in. */
  final Runnable pauseTraining() {
    List<Module> trained = new ArrayList<>();
    forEachModule(
        m -> {
          if (m.training) {
            trained.add(m);
          }
          m.training = false;
        });
    return () -> trained.forEach(m -> m.training = true);
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

  /**
   * Puts what the module and its children draw in training, such as the decisions of {@link
   * Dropout}, to the beginning of a step. What is drawn from there on is a function of seed, layer
   * and step, so that a training that calls this at every step can be resumed without any saved
   * state. Without a call numbers go on from one pass to the next.
   */
  public final void seek(long step) {
    if (step < 0 || step >= 1L << Long.SIZE - 1 - STEP_BITS) {
      throw new IllegalArgumentException("steps count from 0 to 2^31 - 1, not " + step);
    }
    forEachModule(m -> m.generators.forEach(g -> g.seek(step << STEP_BITS)));
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
    Tensor.zeroGrad(parameters().values());
  }

  /**
   * The module's class with the shapes of its tensors, and its children below, as PyTorch prints
   * them.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(getClass().getSimpleName()).append('(');
    Map<String, Tensor> own = new LinkedHashMap<>(parameters);
    own.putAll(buffers);
    text.append(
        own.entrySet().stream()
            .map(tensor -> tensor.getKey() + " " + tensor.getValue().shape())
            .collect(Collectors.joining(", ")));
    children.forEach(
        (name, child) ->
            text.append("\n  ")
                .append(name)
                .append(": ")
                .append(child.toString().replace("\n", "\n  ")));
    return text.append(children.isEmpty() ? ")" : "\n)").toString();
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
