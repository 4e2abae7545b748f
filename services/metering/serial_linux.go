package metering

import (
	"fmt"
	"net/url"
	"os"
	"syscall"
	"unsafe"
)

// speeds are the speeds of a line as the kernel counts them.
var speeds = map[int]uint32{1200: syscall.B1200, 2400: syscall.B2400, 4800: syscall.B4800, 9600: syscall.B9600,
	19200: syscall.B19200, 38400: syscall.B38400, 57600: syscall.B57600, 115200: syscall.B115200}

// openSerial opens a serial line for this process alone and sets it: eight bits,
// nothing interpreted.
func openSerial(u *url.URL) (stream, error) {
	s, err := serialSettingsOf(u)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(u.Path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := setLine(f, s); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func setLine(f *os.File, s serialSettings) error {
	t := syscall.Termios{Cflag: syscall.CREAD | syscall.CLOCAL | syscall.CS8 | speeds[s.baud], Ispeed: speeds[s.baud], Ospeed: speeds[s.baud]}
	t.Cc[syscall.VMIN] = 1
	switch s.parity {
	case "even":
		t.Cflag |= syscall.PARENB
		t.Iflag |= syscall.INPCK
	case "odd":
		t.Cflag |= syscall.PARENB | syscall.PARODD
		t.Iflag |= syscall.INPCK
	}
	if s.stop == 2 {
		t.Cflag |= syscall.CSTOPB
	}
	if err := control(f, syscall.TCSETS, uintptr(unsafe.Pointer(&t))); err != nil {
		return fmt.Errorf("%s is no serial line: %w", f.Name(), err)
	}
	return control(f, syscall.TIOCEXCL, 0)
}

// control is one ioctl on a file that stays with the poller.
func control(f *os.File, request, arg uintptr) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	if err := raw.Control(func(fd uintptr) { _, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, request, arg) }); err != nil {
		return err
	}
	if failed != 0 {
		return failed
	}
	return nil
}
