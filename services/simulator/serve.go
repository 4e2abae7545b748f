package simulator

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
)

// Server is the meters of a world on their ports.
type Server struct {
	world  *World
	now    func() time.Time
	logger *slog.Logger
	ends   []*endpoint
	images *images
	secure Security
}

type endpoint struct {
	Endpoint
	listener net.Listener // nil when it refuses
	address  string
	units    map[uint8]*meter
	serial   sync.Mutex // one request at a time, as on a serial line
	answers  int
}

// Listen opens the ports of a world and gives a server that Run serves. An
// address with a port that is taken, or with port 0, becomes a free port.
func Listen(ctx context.Context, world *World, now func() time.Time, logger *slog.Logger) (*Server, error) {
	s := &Server{world: world, now: now, logger: logger, images: newImages(world)}
	s.images.warm(now())
	var lc net.ListenConfig
	for _, e := range world.grid.Endpoints {
		end := &endpoint{Endpoint: e, units: map[uint8]*meter{}}
		for i := range world.meters {
			if m := &world.meters[i]; m.Endpoint == e.Name {
				end.units[m.Unit] = m
			}
		}
		l, err := lc.Listen(ctx, "tcp", e.Address)
		if err != nil {
			host, _, _ := net.SplitHostPort(e.Address)
			l, err = lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
		}
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("listen for %s on %s: %w", e.Name, e.Address, err)
		}
		end.listener, end.address = l, l.Addr().String()
		s.ends = append(s.ends, end)
	}
	for _, e := range s.ends {
		if e.Behaviour == BehaviourRefuse {
			_ = e.listener.Close() // only its port was wanted
			e.listener = nil
		}
	}
	return s, nil
}

// Close gives the ports back when Run is never called.
func (s *Server) Close() {
	for _, e := range s.ends {
		if e.listener != nil {
			_ = e.listener.Close()
		}
	}
}

// Addresses gives each endpoint's name and its host:port.
func (s *Server) Addresses() map[string]string {
	out := map[string]string{}
	for _, e := range s.ends {
		out[e.Name] = e.address
	}
	return out
}

// World gives the world that is served.
func (s *Server) World() *World { return s.world }

// Grid gives the grid file with the ports as they are, so that the same world
// can be served there again.
func (s *Server) Grid() Grid {
	g := s.world.Grid()
	g.Endpoints = append([]Endpoint(nil), g.Endpoints...)
	for i := range g.Endpoints {
		g.Endpoints[i].Address = s.ends[i].address
	}
	return g
}

// Meters gives the meters as a registry would hold them: Code, URL and the rest,
// without ids; those that nobody has commissioned are left out. Node is the kind and the code of what each measures.
func (s *Server) Meters() []models.Meter {
	address := s.Addresses()
	var out []models.Meter
	for i := range s.world.meters {
		m := &s.world.meters[i]
		if m.Uncommissioned {
			continue
		}
		model := ""
		if len(m.profile.Models) > 0 {
			model = m.profile.Models[0]
		}
		out = append(out, models.Meter{
			Code: m.Code, Serial: m.Serial, Vendor: m.profile.Vendor, Model: model, Profile: m.Profile,
			URL: s.scheme(m.Endpoint) + address[m.Endpoint], Unit: m.Unit, Role: m.Role,
			Node:  models.Ref{Kind: s.world.nodes[m.node].Kind, ID: m.Node},
			CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1, AccuracyClass: m.Class, InstalledFrom: s.world.grid.Start,
		})
	}
	return out
}

// Run serves until the context ends. It refuses with CodeInvalid when the grid wants
// TLS and Secure was not called.
func (s *Server) Run(ctx context.Context) error {
	if err := s.checkSecure(); err != nil {
		s.Close()
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, e := range s.ends {
		if e.listener != nil {
			group.Go(func() error { return s.accept(ctx, e) })
		}
	}
	group.Go(func() error {
		<-ctx.Done()
		s.Close()
		return nil
	})
	return group.Wait()
}

func (s *Server) accept(ctx context.Context, e *endpoint) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	for {
		conn, err := e.listener.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("accept on %s: %w", e.Name, err)
		}
		clients.Go(func() {
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer stop()
			defer func() { _ = conn.Close() }()
			if err := s.receive(ctx, e, conn); ctx.Err() == nil && !endOfTalk(err) {
				s.logger.Debug("simulated meter: connection ended", "endpoint", e.Name, "error", err)
			}
		})
	}
}

func endOfTalk(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), "reset by peer")
}

// errDrop ends a connection on purpose.
var errDrop = errors.New("dropped by its script")

// converse answers the requests of one connection in order until it ends, and
// says why it did.
func (s *Server) converse(ctx context.Context, e *endpoint, conn net.Conn) error {
	for {
		header := make([]byte, 7)
		if _, err := io.ReadFull(conn, header); err != nil {
			return err
		}
		length := int(binary.BigEndian.Uint16(header[4:]))
		if binary.BigEndian.Uint16(header[2:]) != 0 || length < 2 || length > 254 {
			return models.Errorf(models.CodeInvalid, "a frame that is not Modbus/TCP")
		}
		pdu := make([]byte, length-1)
		if _, err := io.ReadFull(conn, pdu); err != nil {
			return err
		}
		answer, err := s.answer(ctx, e, header[6], pdu)
		if err != nil {
			return err
		}
		if answer == nil {
			continue
		}
		frame := append(header[:7:7], answer...)
		binary.BigEndian.PutUint16(frame[4:], uint16(len(answer)+1))
		if _, err := conn.Write(frame); err != nil {
			return err
		}
	}
}

// answer gives the response to one request; nil when there is none.
func (s *Server) answer(ctx context.Context, e *endpoint, unit uint8, pdu []byte) ([]byte, error) {
	if e.Behaviour == BehaviourSilent {
		return nil, nil
	}
	e.serial.Lock()
	defer e.serial.Unlock()
	if e.DelayMS > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(e.DelayMS) * time.Millisecond):
		}
	}
	if e.answers++; e.DropEvery > 0 && e.answers%e.DropEvery == 0 {
		return nil, errDrop
	}
	m, ok := e.units[unit]
	switch {
	case !ok:
		return exception(pdu[0], exGatewayTarget), nil
	case m.Silent:
		return nil, nil
	}
	return s.images.read(m, s.now(), pdu)
}
