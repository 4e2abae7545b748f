// Package metering reads the grid's meters and keeps what they say.
//
// It hides Modbus: frames over TCP, UDP and serial lines behind gateways, links
// with one owner per endpoint, register profiles as data, who is asked before
// what is believed, the plan of requests, decoding, schedules and breakers. It
// hides how readings are kept: a batch as one row and one entry of the ledger, folded
// with others within half a minute into quarters of an hour of each meter, which are
// sealed when they are over, and into 15-minute intervals; and how long they stay.
//
// It promises: a value is what the meter said at the instant given, or it is
// absent with the reason. Unknown is never 0, and an old value is never given
// again as a new one. Nothing writes to a meter: only functions 3 and 4, and 43/14 for
// its identity, are ever sent. The same batch twice changes nothing.
package metering
