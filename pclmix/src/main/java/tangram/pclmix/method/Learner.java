package tangram.pclmix.method;

import java.util.List;
import java.util.Map;
import tangram.nn.Checkpoint;
import tangram.nn.CheckpointWriter;
import tangram.nn.Layer;
import tangram.nn.Module;
import tangram.pclmix.network.SegmentationNetwork;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.DType;
import tangram.tensor.Tensor;

/** A method at work: its networks, and what it carries from step to step. */
public interface Learner {
  /** All networks as one module; files of weights and checkpoints hold its tensors by name. */
  Module network();

  /** The main network; its tensors' names begin with {@code encoder.} or {@code decoder.} */
  SegmentationNetwork segmentation();

  /** What segments, the same network as {@link Method#predictor} makes. */
  default Layer predictor() {
    return segmentation();
  }

  /** All networks that start from the encoder weights a user names. */
  default List<SegmentationNetwork> started() {
    return List.of(segmentation());
  }

  /** What the optimiser trains, by name. */
  default Map<String, Tensor> parameters() {
    return network().parameters();
  }

  /**
   * Adds the gradients of a step to the parameters.
   *
   * @param step iteration, counted from 0
   */
  StepLosses step(StepInput input, long step);

  /**
   * Follows what the optimiser did.
   *
   * @param step the iteration that is done, counted from 0
   */
  default void updated(long step) {}

  /**
   * Prepares for batches that come in shards, each a {@link #step} of its own; called before the
   * first. Only learners of methods that {@linkplain Method#isDivisible are divisible} are asked.
   */
  default void divide() {}

  /**
   * What a shard leaves besides gradients and the statistics of networks, as many numbers every
   * step.
   */
  default float[] left() {
    return new float[0];
  }

  /**
   * Takes in what all shards of a batch left.
   *
   * @param shards {@link #left} after each, in the order of the shards
   */
  default void take(List<float[]> shards) {}

  /** Adds to a checkpoint what neither the networks nor the optimiser hold. */
  default void save(CheckpointWriter writer) {}

  /**
   * Reads it back.
   *
   * @return tensors that the checkpoint overwrites, by the names they were saved by
   * @throws tangram.nn.FileFormatException if it tells of a state that no run is in
   */
  default Map<String, Tensor> restore(Checkpoint checkpoint) {
    return Map.of();
  }

  /**
   * What pictures of the training show.
   *
   * @param classes the predicted class, integers [N, H, W]
   * @param uncertainty entropy in nats, [N, H, W]; null for methods without
   * @param confirmed pseudo labels, integers [N, H, W], -1 where none is confirmed; null for
   *     methods without
   */
  record Look(Tensor classes, Tensor uncertainty, Tensor confirmed) {}

  /**
   * What the networks, in evaluation mode, make of some slices.
   *
   * @param images [N, 1, H, W]
   * @param scribbles integers [N, H, W]
   * @param step number of steps done
   */
  default Look look(Tensor images, Tensor scribbles, long step) {
    return new Look(segmentation().forward(images).argmax(1).to(DType.I32), null, null);
  }
}
