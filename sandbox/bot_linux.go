package sandbox

import (
	"os/exec"
	"syscall"
)

// dieWithParent lets the child end when the stage is killed and cannot end it.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
