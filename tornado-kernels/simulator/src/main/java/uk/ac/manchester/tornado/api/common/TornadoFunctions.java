package uk.ac.manchester.tornado.api.common;

/** Kernels with their arguments, as TornadoVM declares them. */
public final class TornadoFunctions {
  private TornadoFunctions() {}

  /** A kernel of 2 arguments. */
  @FunctionalInterface
  public interface Task2<T1, T2> {
    /** Runs one thread. */
    void apply(T1 arg1, T2 arg2);
  }

  /** A kernel of 3 arguments. */
  @FunctionalInterface
  public interface Task3<T1, T2, T3> {
    /** Runs one thread. */
    void apply(T1 arg1, T2 arg2, T3 arg3);
  }

  /** A kernel of 4 arguments. */
  @FunctionalInterface
  public interface Task4<T1, T2, T3, T4> {
    /** Runs one thread. */
    void apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4);
  }

  /** A kernel of 5 arguments. */
  @FunctionalInterface
  public interface Task5<T1, T2, T3, T4, T5> {
    /** Runs one thread. */
    void apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5);
  }
}
