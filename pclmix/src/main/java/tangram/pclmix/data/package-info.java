/**
 * Reading, writing, selecting and augmenting cardiac MRI data, as plain arrays.
 *
 * <p>Every array is in C order: [height][width] for slices, [depth][height][width] for volumes.
 * Classes are 0 background, 1 right ventricle, 2 myocardium, 3 left ventricle; a scribble map holds
 * 4 where nothing was drawn.
 */
package tangram.pclmix.data;
