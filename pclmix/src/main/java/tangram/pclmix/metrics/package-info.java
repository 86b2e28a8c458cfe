/**
 * How good a segmentation is: Dice and the 95th percentile Hausdorff distance of whole volumes, per
 * class, with means and standard deviations over volumes (paper section 4.1).
 *
 * <p>{@link tangram.pclmix.metrics.Dice} and {@link tangram.pclmix.metrics.HausdorffDistance} work
 * on plain arrays; {@link tangram.pclmix.metrics.SegmentationScores} scores one volume, {@link
 * tangram.pclmix.metrics.Evaluation} gathers volumes, and {@link
 * tangram.pclmix.metrics.PairEvaluation} reads pairs of files from a folder.
 */
package tangram.pclmix.metrics;
