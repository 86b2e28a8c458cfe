package uk.ac.manchester.tornado.api.enums;

/** When arrays are copied between host and device. */
public final class DataTransferMode {
  /** At a graph's first execution. */
  public static final int FIRST_EXECUTION = 0;

  /** At every execution. */
  public static final int EVERY_EXECUTION = 1;

  /** When the result is asked for. */
  public static final int UNDER_DEMAND = 2;

  private DataTransferMode() {}
}
