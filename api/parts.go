package api

// parts gives the rows of every noun, each next to its handlers.
func (s *Server) parts() [][]route {
	return [][]route{
		s.identityRoutes(),
		s.publicRoutes(),
		s.publicHistoryRoutes(),
		s.referenceRoutes(),
		s.licensingRoutes(),
		s.partyRoutes(),
		s.equipmentRoutes(),
		s.importRoutes(),
		s.documentRoutes(),
		s.filingRoutes(),
		s.offerRoutes(),
		s.searchRoutes(),
		s.reviewRoutes(),
		s.queueRoutes(),
		s.sheetRoutes(),
		s.tollingRoutes(),
		s.actRoutes(),
		s.taskRoutes(),
		s.obligationRoutes(),
		s.noticeRoutes(),
		s.gridRoutes(),
		s.gateRoutes(),
		s.standingRoutes(),
		s.statusListRoutes(),
		s.reconciliationRoutes(),
		s.tableRoutes(),
		s.orderRoutes(),
		s.meteringRoutes(),
		s.detectionRoutes(),
		s.ledgerRoutes(),
		s.webhookRoutes(),
		s.systemRoutes(),
	}
}
