/**
 * The page that shows a training run, made from the files in its folder.
 *
 * <p>{@link tangram.pclmix.report.Report} is the entry.
 */
package tangram.pclmix.report;
