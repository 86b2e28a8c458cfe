/** A training run from its data to its page, without a terminal. */
package tangram.pclmix.session;
