/** Training runs: settings, the loop, validation, and the folder that keeps everything. */
package tangram.pclmix.training;
