package tangram.pclmix.objective;

/**
 * The losses of one step, unweighted.
 *
 * @param total what is minimised: {@code sup + contrastWeight ctr + consistencyWeight (het +
 *     mixWeight mix)} over the terms in use
 * @param sup partial cross-entropy, the sum of the unmixed and two mixed terms (eq. 4)
 * @param ctr contrast (eq. 8)
 * @param het heterogeneous consistency, the sum of three terms (eq. 9)
 * @param mix mixed consistency, the sum of two terms (eq. 12)
 * @param anchors number of contrasted pixels
 */
public record StepLosses(
    double total, double sup, double ctr, double het, double mix, int anchors) {}
