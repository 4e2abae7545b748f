// Package stream is detection over recorded readings, one pass and no look-ahead.
//
// It promises: an alert uses nothing that was read, recorded or measured after its
// RaisedAt, so a run on the first half of the readings gives the alerts of that
// half; the state is a fixed number of bytes for each meter and node, whatever the
// number of readings; the same readings give the same alerts. It does no I/O and
// asks no clock. Power is float64 kW here, as in the files it is run on.
//
// What it does when a day of 24 hours is over, in this order: topology changes that
// became known are applied from their effective instant; balances are computed and
// customers that are recorded below the wrong transformer are recognised by their
// own fluctuations; a rise of a balance is attributed (switching, a tampered meter,
// a tap); the shape of each customer's load is tested. Licenses are checked with
// every quarter hour.
package stream
