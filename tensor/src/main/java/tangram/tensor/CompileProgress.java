package tangram.tensor;

/** Is told how far a device is with compiling recorded work. */
@FunctionalInterface
public interface CompileProgress {
  /**
   * Some parts are compiled.
   *
   * @param what name of the recorded work
   * @param done parts compiled
   * @param all parts there are
   */
  void compiling(String what, int done, int all);
}
