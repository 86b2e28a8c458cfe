/** How text files and tables are read and written: one way for all of them. */
package tangram.pclmix.file;
