/** Reading JSON strictly: headers of weights, configurations and tokenizers. */
package tangram.nn.json;
