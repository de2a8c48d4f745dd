"""One file per form in which labelled images can be written; the function has the file's name."""
