package adr

// Written is how people's text stands in a section of that level.
var Written = written
