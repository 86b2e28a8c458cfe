/**
 * The training objective: supervision by scribbles on mixed and unmixed images, uncertainty-guided
 * pixel contrast, and dual consistency (paper 3.2 to 3.4).
 */
package tangram.pclmix.objective;
