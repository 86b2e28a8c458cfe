/**
 * Segmenting scans that nobody has outlined: finding the files, segmenting them, writing masks on
 * the scans' own grids.
 */
package tangram.pclmix.prediction;
