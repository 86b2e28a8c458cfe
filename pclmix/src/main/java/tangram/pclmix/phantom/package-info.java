/**
 * Generated short-axis cardiac slices with dense truth and scribbles.
 *
 * <p>{@link tangram.pclmix.phantom.HeartPhantom} is the entry. The phantoms copy what makes ACDC
 * hard (bright fat beside bright blood, grey liver beside grey myocardium, ring-shaped look-alikes
 * far from any scribble, trabeculae, thick slices) so that a training run on them exercises every
 * part of the method without a download. They are a test object, not a model of physiology.
 */
package tangram.pclmix.phantom;
