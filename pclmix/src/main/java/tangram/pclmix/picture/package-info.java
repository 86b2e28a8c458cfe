/**
 * Pictures of slices, scribbles and segmentations as PNG.
 *
 * <p>{@link tangram.pclmix.picture.Montage} is the entry. Nothing here needs a display or installed
 * fonts.
 */
package tangram.pclmix.picture;
