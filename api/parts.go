package api

// parts gives the rows of every noun, each next to its handlers.
func (s *Server) parts() [][]route {
	return [][]route{
		s.identityRoutes(),
		s.publicRoutes(),
		s.licensingRoutes(),
		s.documentRoutes(),
		s.filingRoutes(),
		s.searchRoutes(),
		s.reviewRoutes(),
		s.tollingRoutes(),
		s.actRoutes(),
		s.gridRoutes(),
		s.gateRoutes(),
		s.orderRoutes(),
		s.meteringRoutes(),
		s.detectionRoutes(),
		s.ledgerRoutes(),
		s.systemRoutes(),
	}
}
