package uk.ac.manchester.tornado.api;

import java.util.List;

/** A frozen graph. */
public class ImmutableTaskGraph {
  final String name;
  final List<TaskGraph.Command> commands;

  ImmutableTaskGraph(String name, List<TaskGraph.Command> commands) {
    this.name = name;
    this.commands = commands;
  }
}
