/** Learning from scribbles while they are drawn: rounds of training, what to draw next. */
package tangram.pclmix.active;
