/** Event files that TensorBoard shows as curves and pictures. */
package tangram.pclmix.tensorboard;
