//go:build !linux

package sandbox

import (
	"os/exec"
	"syscall"
)

// dieWithParent keeps a Ctrl-C in the terminal from the child, which the stage then ends itself.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
