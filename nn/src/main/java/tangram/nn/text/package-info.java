/** Text as tokens: byte-pair encodings as files of Hugging Face describe them. */
package tangram.nn.text;
