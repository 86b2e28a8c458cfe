/** What programs that run for long show on a terminal, and how they are stopped. */
package tangram.nn.console;
