/** Commands, progress and reports. */
package tangram.cli;
