//go:build killwalk

package main

import (
	"fmt"
	"net"
	"os"
	"sync"
)

// commitsAddress names the address that is asked before and after every commit of the store.
const commitsAddress = "SHIPMATE_KILLWALK"

// instrument has the store ask, before and after every commit, whether it may go on: it sends a line with the phase and
// waits for a byte. Whoever is asked kills the process instead of answering. When they are gone, so is this process.
func instrument(p *parts) {
	address := os.Getenv(commitsAddress)
	if address == "" {
		return
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kill walk:", err)
		os.Exit(1)
	}
	goOn := make(chan struct{})
	go func() {
		for b := make([]byte, 1); ; goOn <- struct{}{} {
			if _, err := conn.Read(b); err != nil {
				os.Exit(1)
			}
		}
	}()
	var one sync.Mutex
	p.OnCommit = func(phase string) {
		one.Lock()
		defer one.Unlock()
		fmt.Fprintln(conn, phase)
		<-goOn
	}
}
