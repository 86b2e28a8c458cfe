package uk.ac.manchester.tornado.api;

import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.*;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/**
 * Transfers and tasks in the order in which they are executed. Arrays of the arguments are replaced
 * by the device's copies when a task runs.
 */
public class TaskGraph {
  /** One thread of a task, given its context and arguments. */
  @FunctionalInterface
  interface Body {
    void run(KernelContext context, Object[] arguments);
  }

  /** One thing that the graph does. */
  interface Command {}

  record In(int mode, Object array) implements Command {}

  record Out(int mode, Object array) implements Command {}

  record Consume(String graph, Object array) implements Command {}

  record Persist(Object array) implements Command {}

  record Task(String id, Body body, Object[] arguments) implements Command {}

  private final String name;
  private final List<Command> commands = new ArrayList<>();

  /** Creates an empty graph. */
  public TaskGraph(String name) {
    this.name = name;
  }

  /** The graph's name. */
  public String getTaskGraphName() {
    return name;
  }

  /** Copies arrays to the device, at the first or at every execution. */
  public TaskGraph transferToDevice(int mode, Object... objects) {
    if (mode != DataTransferMode.FIRST_EXECUTION && mode != DataTransferMode.EVERY_EXECUTION) {
      throw new IllegalArgumentException("arrays go to the device at the first or every execution");
    }
    for (Object o : objects) {
      commands.add(new In(mode, o));
    }
    return this;
  }

  /** Copies arrays to the host, at every execution or on demand. */
  public TaskGraph transferToHost(int mode, Object... objects) {
    for (Object o : objects) {
      commands.add(new Out(mode, o));
    }
    return this;
  }

  /** Takes over arrays that another graph left on the device. */
  public TaskGraph consumeFromDevice(String graph, Object... objects) {
    for (Object o : objects) {
      commands.add(new Consume(graph, o));
    }
    return this;
  }

  /** Leaves arrays on the device for other graphs. */
  public TaskGraph persistOnDevice(Object... objects) {
    for (Object o : objects) {
      commands.add(new Persist(o));
    }
    return this;
  }

  /** Freezes the graph. */
  public ImmutableTaskGraph snapshot() {
    return new ImmutableTaskGraph(name, List.copyOf(commands));
  }

  private TaskGraph add(String id, Body body, Object... arguments) {
    for (Command c : commands) {
      if (c instanceof Task && ((Task) c).id.equals(id)) {
        throw new IllegalArgumentException("a second task " + id + " in graph " + name);
      }
    }
    if (!(arguments[0] instanceof KernelContext)) {
      throw new IllegalArgumentException("a kernel's first argument is its context");
    }
    commands.add(new Task(id, body, arguments));
    return this;
  }

  /** Adds a kernel of 2 arguments. */
  public <T1, T2> TaskGraph task(String id, Task2<T1, T2> code, T1 arg1, T2 arg2) {
    return add(id, (c, a) -> code.apply(cast(c, arg1), cast(a[1], arg2)), arg1, arg2);
  }

  /** Adds a kernel of 3 arguments. */
  public <T1, T2, T3> TaskGraph task(String id, Task3<T1, T2, T3> code, T1 arg1, T2 arg2, T3 arg3) {
    return add(
        id,
        (c, a) -> code.apply(cast(c, arg1), cast(a[1], arg2), cast(a[2], arg3)),
        arg1,
        arg2,
        arg3);
  }

  /** Adds a kernel of 4 arguments. */
  public <T1, T2, T3, T4> TaskGraph task(
      String id, Task4<T1, T2, T3, T4> code, T1 arg1, T2 arg2, T3 arg3, T4 arg4) {
    return add(
        id,
        (c, a) -> code.apply(cast(c, arg1), cast(a[1], arg2), cast(a[2], arg3), cast(a[3], arg4)),
        arg1,
        arg2,
        arg3,
        arg4);
  }

  /** Adds a kernel of 5 arguments. */
  public <T1, T2, T3, T4, T5> TaskGraph task(
      String id, Task5<T1, T2, T3, T4, T5> code, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) {
    return add(
        id,
        (c, a) ->
            code.apply(
                cast(c, arg1),
                cast(a[1], arg2),
                cast(a[2], arg3),
                cast(a[3], arg4),
                cast(a[4], arg5)),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5);
  }

  @SuppressWarnings("unchecked")
  private static <T> T cast(Object value, T like) {
    if (like != null && value.getClass() != like.getClass()) {
      throw new IllegalArgumentException("a " + value.getClass() + " for a " + like.getClass());
    }
    return (T) value;
  }
}
