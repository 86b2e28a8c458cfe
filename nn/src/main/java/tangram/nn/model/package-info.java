/** Networks made of the layers of {@code tangram.nn}: ResNet, the U-Net's and the Swin decoder. */
package tangram.nn.model;
