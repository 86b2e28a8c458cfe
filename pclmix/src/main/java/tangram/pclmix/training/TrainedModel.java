package tangram.pclmix.training;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tangram.nn.Checkpoint;
import tangram.nn.FileFormatException;
import tangram.nn.Layer;
import tangram.nn.SafeTensors;
import tangram.nn.Weights;
import tangram.nn.model.EncoderWeights;
import tangram.pclmix.network.NetworkConfig;
import tangram.pclmix.network.Segmenter;
import tangram.tensor.Device;

/**
 * Weights loaded for inference: what segments alone, whether the file holds the rest of the network
 * (as training writes it) or not (as it is exported).
 *
 * @param config the settings of the run that trained it, some of them perhaps replaced
 * @param network the network, in evaluation mode
 * @param segmenter segments volumes with it
 */
public record TrainedModel(TrainingConfig config, Layer network, Segmenter segmenter) {
  /** The name of the settings among a file's metadata. */
  public static final String CONFIG = "config";

  /** The layer that tells the classes apart. */
  private static final String HEAD = "decoder.head.weight";

  /**
   * Reads a file of weights.
   *
   * @throws FileFormatException if the file is damaged or not of such a network
   */
  public static TrainedModel load(Path file, Device device) {
    return load(file, device, Map.of());
  }

  /**
   * Reads a file of weights.
   *
   * @param replaced settings of the run to replace, of those {@link Setting#OF_SEGMENTATION}
   * @throws FileFormatException if the file is damaged or not of such a network
   * @throws SettingException if a value is impossible
   */
  public static TrainedModel load(Path file, Device device, Map<Setting, String> replaced) {
    if (!Setting.OF_SEGMENTATION.containsAll(replaced.keySet())) {
      throw new IllegalArgumentException("trained weights depend on " + replaced.keySet());
    }
    try (SafeTensors tensors = SafeTensors.read(file)) {
      return load(tensors, device, replaced);
    }
  }

  private static TrainedModel load(
      SafeTensors tensors, Device device, Map<Setting, String> replaced) {
    TrainingConfig config = settings(tensors).with(replaced);
    Layer network = config.method().predictor(device, config);
    // Files of training hold other parts, too.
    Set<String> parts =
        network.state().keySet().stream().map(TrainedModel::part).collect(Collectors.toSet());
    Weights.load(network, tensors, "", name -> !parts.contains(part(name)));
    network.train(false);
    return new TrainedModel(
        config,
        network,
        new Segmenter(device, network, config.labels(), config.framing(), config.segmentation()));
  }

  /**
   * The settings of the run that trained a file's weights, by which a network can be made.
   *
   * @throws FileFormatException if they are not there or are not of these weights
   */
  static TrainingConfig settings(SafeTensors tensors) {
    if (tensors.names().stream().anyMatch(name -> name.startsWith(Checkpoint.MODEL))) {
      throw new FileFormatException(
          tensors.file()
              + ": is a checkpoint, to continue training from; name the best.safetensors of its run.");
    }
    TrainingConfig config = config(tensors);
    requireRoom(tensors, config.network());
    requireClasses(tensors, config);
    return config;
  }

  /**
   * The settings alone decide how much memory the network takes; damaged ones must not take more
   * than the file's weights justify.
   */
  private static void requireRoom(SafeTensors tensors, NetworkConfig config) {
    EncoderWeights.requireWidth(tensors, "encoder.", config.encoderWidth());
    for (int i = 0; i < config.unetChannels().length; i++) {
      String name = "decoder.blocks." + i + ".conv2.weight";
      int channels = config.unetChannels()[i];
      // [channels, channels, 3, 3], which as a Shape might be too large.
      if (!tensors.contains(name)
          || tensors.shape(name).rank() != 4
          || tensors.shape(name).dim(0) != channels
          || tensors.shape(name).size() != 9L * channels * channels) {
        throw new FileFormatException(
            tensors.file()
                + ": does not fit its own settings, by which '"
                + name
                + "' has "
                + channels
                + " channels; copy the file again.");
      }
    }
  }

  /** The part of the network that a tensor belongs to. */
  private static String part(String name) {
    return name.substring(0, name.indexOf('.') + 1);
  }

  private static void requireClasses(SafeTensors tensors, TrainingConfig config) {
    int classes = config.labels().count();
    if (tensors.contains(HEAD) && tensors.shape(HEAD).dim(0) != classes) {
      throw new FileFormatException(
          tensors.file()
              + ": tells "
              + tensors.shape(HEAD).dim(0)
              + " classes apart but its own settings name "
              + classes
              + " ("
              + config.labels().text()
              + "); copy the file again.");
    }
  }

  private static TrainingConfig config(SafeTensors tensors) {
    String text = tensors.metadata().get(CONFIG);
    if (text == null) {
      throw new FileFormatException(
          tensors.file()
              + ": does not tell which network it belongs to (no '"
              + CONFIG
              + "' among its metadata); name a best.safetensors that training wrote, or an export"
              + " of one.");
    }
    return TrainingConfig.parse(text, tensors.file().toString());
  }
}
