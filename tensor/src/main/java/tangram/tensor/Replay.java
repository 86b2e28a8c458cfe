package tangram.tensor;

/**
 * Work that is the same at every run but for the contents of tensors, such as a training step. A
 * device may run it as ordinary Java once or twice, remember which kernels were launched on which
 * memory, and from then on launch those without running the Java again, as CUDA graphs do.
 *
 * <pre>{@code
 * replay.begin();
 * input.copyFrom(batch, 0);
 * replay.section(() -> result.copyFrom(network.forward(input)));
 * float[] values = result.toFloats();
 * }</pre>
 *
 * <p>A run is a fixed number of sections with ordinary code in between. So within a section nothing
 * may depend on the step but through tensors that were made before, no numbers may go between host
 * and device, and what is needed after the run must be copied into tensors made before. Tensors
 * made in a section may be used by later sections of the same run.
 *
 * <p>This class runs every section as it comes: CPUs gain nothing from recording.
 */
public class Replay {
  /** Creates work that is run as it comes. */
  protected Replay() {}

  /** Starts a run. */
  public void begin() {}

  /** Does one section of the run under way. */
  public void section(Runnable body) {
    body.run();
  }
}
