package tangram.nn;

import java.util.Iterator;
import java.util.List;

/** Modules called 0, 1, ... that their owner applies as it likes. */
public final class ModuleList<M extends Module> extends Module implements Iterable<M> {
  private final List<M> modules;

  /** Holds some modules. */
  public ModuleList(List<? extends M> modules) {
    this.modules = List.copyOf(modules);
    for (int i = 0; i < modules.size(); i++) {
      child(Integer.toString(i), modules.get(i));
    }
  }

  /** The i-th module. */
  public M get(int i) {
    return modules.get(i);
  }

  /** How many there are. */
  public int size() {
    return modules.size();
  }

  @Override
  public Iterator<M> iterator() {
    return modules.iterator();
  }
}
