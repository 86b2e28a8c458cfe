/** The method: data, network, losses, training and evaluation. */
package tangram.pclmix;
