package delivery

import "cmp"

// LockID names a lock's place: "<service>/<environment>", with * for all services. No two locks have the same.
func LockID(l *Lock) string { return cmp.Or(l.Service, anyName) + "/" + l.Environment }
