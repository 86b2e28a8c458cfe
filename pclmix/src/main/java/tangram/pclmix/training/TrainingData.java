package tangram.pclmix.training;

import java.util.List;
import tangram.pclmix.data.Dataset;
import tangram.pclmix.data.Volume;

/**
 * What a run learns from and is judged by.
 *
 * @param training slices with scribbles, resized to the image size
 * @param validation volumes with dense truth, at their own size
 */
public record TrainingData(Dataset training, List<Volume> validation) {}
