package metering

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"rigistry/models"
)

// Benchmarks count the poller's processor time only: the meters, and for the fleet
// the poller too, are processes of their own, which are this test program again.
const roleEnv = "RIGISTRY_METERING_BENCH"

func TestMain(m *testing.M) {
	switch os.Getenv(roleEnv) {
	case "meters":
		serveMeters(os.Args[len(os.Args)-1])
	case "fleet":
		pollFleet(os.Args[len(os.Args)-1])
	default:
		os.Exit(m.Run())
	}
}

// park is many simulated meters: any address 127.x.y.z at its port is an endpoint.
type park struct {
	Delay     time.Duration // before each answer; requests of one connection wait in line, as on a bus
	DeadUnit  uint8         // units that are multiples of it never answer; 0 none
	DeadEvery int           // endpoints whose number is a multiple of it never answer; 0 none
	Port      int
	For       time.Duration // how long a fleet polls them
}

// start runs the meters in a process of their own until the test ends.
func (p park) start(b testing.TB) park {
	b.Helper()
	arg, err := json.Marshal(p)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$", string(arg))
	cmd.Env = append(os.Environ(), roleEnv+"=meters")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close() // which ends it
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("the simulated meters did not start: %v", err)
	}
	if p.Port, err = strconv.Atoi(line[:len(line)-1]); err != nil {
		b.Fatal(err)
	}
	return p
}

// host is the address of endpoint i.
func (p park) host(i int) string {
	return fmt.Sprintf("127.1.%d.%d:%d", i/250, 1+i%250, p.Port)
}

func (p park) dead(i int) bool { return p.DeadEvery > 0 && i%p.DeadEvery == 0 }

// meters gives so many meters with so many units at each endpoint.
func (p park) meters(n, units int, interval time.Duration) []models.Meter {
	out := make([]models.Meter, n)
	for i := range out {
		id := fmt.Sprintf("m%05d", i)
		out[i] = models.Meter{ID: id, Code: id, URL: "tcp://" + p.host(i/units), Unit: uint8(1 + i%units), Profile: "eastron/sdm630",
			PollInterval: interval, CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1}
	}
	return out
}

// serveMeters is the process of the meters. It ends with its input.
func serveMeters(arg string) {
	var p park
	if err := json.Unmarshal([]byte(arg), &p); err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		panic(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	_, _ = fmt.Println(l.Addr().(*net.TCPAddr).Port)
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go p.serve(c)
	}
}

// serve answers any read of an SDM630, each time with other values.
func (p park) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	ip := c.LocalAddr().(*net.TCPAddr).IP.To4()
	endpoint := int(ip[2])*250 + int(ip[3]) - 1
	var request, answer [260]byte
	copy(answer[9:], sdmImage())
	for n := 0; ; n++ {
		if _, err := io.ReadFull(c, request[:12]); err != nil {
			return
		}
		if p.dead(endpoint) || (p.DeadUnit > 0 && request[6]%p.DeadUnit == 0) {
			continue
		}
		if p.Delay > 0 {
			timer := time.NewTimer(p.Delay)
			<-timer.C
		}
		count := binary.BigEndian.Uint16(request[10:])
		copy(answer[:4], request[:4])
		binary.BigEndian.PutUint16(answer[4:], 3+2*count)
		answer[6], answer[7], answer[8] = request[6], request[7], byte(2*count)
		binary.BigEndian.PutUint32(answer[9+2*0x34:], math.Float32bits(7000+float32(n%100)))
		if _, err := c.Write(answer[:9+2*count]); err != nil {
			return
		}
	}
}

// sdmImage is the first registers of an SDM630.
func sdmImage() []byte {
	var out []byte
	for a := 0; a < 125; a += 2 {
		v := float32(230)
		switch a {
		case 0x34:
			v = 7000
		case 0x46:
			v = 50
		case 0x1E, 0x20, 0x22, 0x3E:
			v = 0.95
		case 0x48:
			v = 1000
		}
		out = binary.BigEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out[:250]
}

// cpu is the processor time this process has used.
func cpu() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// sdmPoints are the registers of the SDM630's values that are read by default.
var sdmPoints = [...]int{0, 2, 4, 6, 8, 10, 12, 14, 16, 0x1E, 0x20, 0x22, 0x34, 0x38, 0x3C, 0x3E, 0x46, 0x48, 0x4A}

// handRead is one read of the minimal poller.
func handRead(c net.Conn, unit uint8, id *uint16, values *[len(sdmPoints)]float64) error {
	*id++
	request := [12]byte{byte(*id >> 8), byte(*id), 0, 0, 0, 6, unit, 4, 0, 0, 0, 76}
	if err := c.SetDeadline(deadline(time.Second)); err != nil {
		return err
	}
	if _, err := c.Write(request[:]); err != nil {
		return err
	}
	var answer [9 + 2*76]byte
	if _, err := io.ReadFull(c, answer[:]); err != nil {
		return err
	}
	if answer[0] != request[0] || answer[1] != request[1] || answer[7] != 4 || answer[8] != 2*76 {
		return errNotAnAnswer
	}
	for i, p := range sdmPoints {
		values[i] = float64(math.Float32frombits(binary.BigEndian.Uint32(answer[9+2*p:])))
	}
	if values[12] < 7000 || values[12] >= 7100 {
		return errNotAnAnswer
	}
	return nil
}
