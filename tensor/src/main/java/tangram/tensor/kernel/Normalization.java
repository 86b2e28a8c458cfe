package tangram.tensor.kernel;

import tangram.tensor.Buffer;

/**
 * What follows a convolution in evaluation: batch normalisation with fixed statistics, {@code (y -
 * mean) * gamma / sqrt(variance + eps) + beta}, then a residual sum and a ReLU where wanted.
 *
 * @param mean one for each channel
 * @param variance one for each channel
 * @param gamma one for each channel, or null for 1
 * @param beta one for each channel, or null for 0
 * @param eps added to the variance
 * @param residual as large as the output, or null
 * @param relu whether a ReLU follows
 */
public record Normalization(
    Buffer mean,
    Buffer variance,
    Buffer gamma,
    Buffer beta,
    double eps,
    Buffer residual,
    boolean relu) {}
