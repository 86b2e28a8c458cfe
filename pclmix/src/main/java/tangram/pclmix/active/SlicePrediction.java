package tangram.pclmix.active;

/**
 * What a model makes of a slice, at the size at which the network sees it.
 *
 * @param model number of the model
 * @param height rows
 * @param width columns
 * @param classes 0..K-1, [height][width]
 * @param entropy 0..255 as unsigned bytes: the entropy of the probabilities, divided by ln K, times
 *     255, [height][width]
 */
public record SlicePrediction(int model, int height, int width, byte[] classes, byte[] entropy) {}
