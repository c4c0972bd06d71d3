// Package house keeps the rules of this tree, as tests and nothing else: who
// may import whom, which files may be unsafe, what no file may contain.
package house
