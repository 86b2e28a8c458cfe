package uk.ac.manchester.tornado.api.enums;

/** Where measurements go. */
public enum ProfilerMode {
  /** Into the result of an execution. */
  SILENT
}
