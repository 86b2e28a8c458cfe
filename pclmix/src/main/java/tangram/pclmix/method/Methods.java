package tangram.pclmix.method;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** All methods. */
public final class Methods {
  /** In the order in which reports show them. */
  private static final List<Method> ALL =
      List.of(
          Supervised.full(),
          Supervised.pce(),
          new RandomWalk(),
          new Ustm(),
          new Scribble2Label(),
          Regularised.mloss(),
          Regularised.em(),
          Regularised.rloss(),
          new Dmpls(),
          new ScNet(),
          new TriMix(),
          new PclMix(),
          new ScribbleVs());

  private Methods() {}

  /** All methods, in the order in which reports show them. */
  public static List<Method> all() {
    return ALL;
  }

  /** Their names, with commas between. */
  public static String names() {
    return ALL.stream().map(Method::key).collect(Collectors.joining(", "));
  }

  /** The method of a name. */
  public static Optional<Method> of(String key) {
    return ALL.stream().filter(m -> m.key().equals(key)).findFirst();
  }
}
