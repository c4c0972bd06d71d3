package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// terminal STATUS KEYS COMMAND... runs a command on a terminal of 80 x 24, types
// what is in the file KEYS and then the end of input, expects the command to end
// with this status, and leaves what was on the terminal in a file of that name.
func terminal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: terminal STATUS KEYS COMMAND...")
	}
	keyboard, tty, err := openTerminal()
	ts.Check(err)
	defer keyboard.Close()
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	c := exec.Command(path, args[3:]...)
	c.Args[0], c.Dir = args[2], ts.MkAbs(".")
	c.Env = []string{"TERM=xterm", "NO_COLOR=" + ts.Getenv("NO_COLOR")}
	c.Stdin, c.Stdout, c.Stderr = tty, tty, tty
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	ts.Check(c.Start())
	tty.Close()
	_, err = io.WriteString(keyboard, ts.ReadFile(args[1])+"\x04")
	ts.Check(err)
	seen, _ := io.ReadAll(keyboard) // ends with an error when nobody has the terminal open
	if got := exitStatus(c.Wait()); got != args[0] {
		ts.Fatalf("exit status %s, expected %s: %s", got, args[0], seen)
	}
	text := strings.ReplaceAll(string(seen), "\r\n", "\n")
	ts.Logf("[terminal]\n%s", text)
	ts.Check(os.WriteFile(ts.MkAbs("terminal"), []byte(text), 0o644))
}

// openTerminal returns the two ends of a pseudo-terminal: see pts(4).
func openTerminal() (keyboard, tty *os.File, err error) {
	keyboard, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(keyboard.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: screenWidth})
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		keyboard.Close()
		return nil, nil, err
	}
	return keyboard, tty, nil
}
