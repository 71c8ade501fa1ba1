// Package work is the one runner: it takes the records that are due one step further.
//
// A record that wants something done has an appointment: the key "<domain>/due/<UTC>/<id>", written in the transaction
// that wrote the record. The runner calls the domain's Step when the time has come, one at a time per record, and keeps or
// moves the appointment by what Step returns. A crash between any two instructions leaves the appointment, so the next
// runner carries on. There is no other queue.
package work
