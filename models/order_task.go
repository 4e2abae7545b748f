package models

// The kinds of task about orders to utilities.
const (
	TaskOrderOverdue      TaskKind = "order_overdue"      // a utility did not do in time what an order says
	TaskOrderContradicted TaskKind = "order_contradicted" // an execution was reported and the meters draw
	TaskOrderObjection    TaskKind = "order_objection"    // a second person decides on an objection
)
