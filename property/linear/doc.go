// Package linear asks of the operations in a trace whether they could have
// happened one after the other, each at some instant between its call and its
// return, with the results that they gave: whether the object is linearizable
// (Herlihy and Wing, TOPLAS 1990). An actor tells its operations with Proc.Op.
//
// The search is porcupine's. What an object is to do is a [Model].
package linear
