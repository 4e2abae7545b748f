package gate

import (
	"time"

	"rigistry/models"
)

// parameters gives the numbers of the rules that hold at an instant.
func (s *Service) parameters(time.Time) models.GateParameters { return s.params }
